/*
 * Any bytes as an .ini file: read or refused with a line, never anything else.
 *
 * What was read must be as the tables say, and an error must name the file.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct conf {
	int64_t number, bytes;
	double seconds;
	bool yes;
	char *text;
	int word;
};

#define ROW(field, type, def, min, max) \
	OPT_ROW(struct conf, field, type, #field, 0, NULL, def, min, max, "")

static const char *const words[] = { "one", "two", NULL };
static const struct opt opts[] = {
	ROW(number, OPT_INT, "5", 1, 10),
	ROW(bytes, OPT_BYTES, "4096", 4096, 1e12),
	ROW(seconds, OPT_SECONDS, "1", 0.001, 60),
	ROW(yes, OPT_BOOL, "no", 0, 0),
	ROW(text, OPT_STRING, NULL, 0, 0),
	OPT_CHOICE_ROW(struct conf, word, "word", 0, "one", words, ""),
};

static void must(bool true_thing)
{
	if (!true_thing)
		abort();
}

static void check_conf(const struct conf *c)
{
	must(c->number >= 1 && c->number <= 10);
	must(c->bytes >= 4096);
	must(c->seconds >= 0.001 && c->seconds <= 60);
	must(c->word == 0 || c->word == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf a = { 0 }, b = { 0 };
	struct ini_pairs pairs = { 0 };
	const struct ini_section sections[] = {
		INI_SECTION("a", opts, ARRAY_SIZE(opts), &a, NULL),
		{ .name = "b",
		  .flags = INI_OPTIONAL,
		  .opts = opts,
		  .n_opts = ARRAY_SIZE(opts),
		  .target = &b },
		{ .name = "open", .flags = INI_OPTIONAL | INI_OPEN, .target = &pairs },
	};
	struct err e = ERR_INIT;

	if (ini_parse((const char *)data, size, "f", sections, ARRAY_SIZE(sections), &e))
		must(e.code < 0 && !strncmp(e.text, "f:", 2));
	else
		must(e.code == 0);
	check_conf(&a);
	check_conf(&b);
	for (size_t i = 0; i < pairs.n; i++)
		must(*pairs.v[i].key && strlen(pairs.v[i].key) <= INI_KEY_MAX &&
		     strlen(pairs.v[i].value) <= INI_LINE_MAX && pairs.v[i].line > 0);
	opt_release(opts, ARRAY_SIZE(opts), &a);
	opt_release(opts, ARRAY_SIZE(opts), &b);
	ini_pairs_release(&pairs);
	return 0;
}
