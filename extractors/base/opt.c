/*
 * The option table; see opt.h.
 *
 * Types are a table too (one parser, one writer of "what is allowed" each), so
 * that a new type is a new row.
 */
#include "extractors/base/opt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "extractors/base/num.h"

static void *field(const struct opt *o, void *target)
{
	return (char *)target + o->offset;
}

static bool in_range(const struct opt *o, double v)
{
	return v >= o->min && v <= o->max;
}

static bool parse_bool(const struct opt *o UNUSED, void *to, const char *text)
{
	return num_parse_bool(text, to);
}

static bool store_i64(const struct opt *o, void *to, int64_t v)
{
	if (!in_range(o, (double)v))
		return false;
	memcpy(to, &v, sizeof(v));
	return true;
}

static bool parse_int(const struct opt *o, void *to, const char *text)
{
	int64_t v;

	return num_parse_i64(text, &v) && store_i64(o, to, v);
}

static bool parse_bytes(const struct opt *o, void *to, const char *text)
{
	int64_t v;

	return num_parse_bytes(text, &v) && store_i64(o, to, v);
}

static bool store_double(const struct opt *o, void *to, double v)
{
	if (!in_range(o, v))
		return false;
	memcpy(to, &v, sizeof(v));
	return true;
}

static bool parse_double(const struct opt *o, void *to, const char *text)
{
	double v;

	return num_parse_double(text, &v) && store_double(o, to, v);
}

static bool parse_seconds(const struct opt *o, void *to, const char *text)
{
	double v;

	return num_parse_seconds(text, &v) && store_double(o, to, v);
}

static bool parse_string(const struct opt *o UNUSED, void *to, const char *text)
{
	char **s = to;

	free(*s);
	*s = mem_strdup(text);
	return true;
}

static bool parse_choice(const struct opt *o, void *to, const char *text)
{
	for (int i = 0; o->choices[i]; i++)
		if (!strcmp(o->choices[i], text)) {
			memcpy(to, &i, sizeof(i));
			return true;
		}
	return false;
}

static void allowed_range(const struct opt *o, struct buf *out, const char *what)
{
	buf_printf(out, "%s from ", what);
	buf_add_double(out, o->min);
	buf_add_str(out, " to ");
	buf_add_double(out, o->max);
}

static void allowed_bool(const struct opt *o UNUSED, struct buf *out)
{
	buf_add_str(out, "true or false (1, yes, on; 0, no, off)");
}

static void allowed_int(const struct opt *o, struct buf *out)
{
	allowed_range(o, out, "a whole number");
}

static void allowed_bytes(const struct opt *o, struct buf *out)
{
	allowed_range(o, out, "bytes (KiB, MiB, GiB)");
}

static void allowed_double(const struct opt *o, struct buf *out)
{
	allowed_range(o, out, "a number");
}

static void allowed_seconds(const struct opt *o, struct buf *out)
{
	allowed_range(o, out, "seconds (ms, s, min, h)");
}

static void allowed_string(const struct opt *o UNUSED, struct buf *out)
{
	buf_add_str(out, "a text");
}

static void allowed_choice(const struct opt *o, struct buf *out)
{
	for (int i = 0; o->choices[i]; i++)
		buf_printf(out, "%s%s",
			   i == 0	       ? ""
			   : o->choices[i + 1] ? ", "
					       : " or ",
			   o->choices[i]);
}

static void print_bool(const struct opt *o UNUSED, const void *from, struct buf *out)
{
	buf_add_str(out, *(const bool *)from ? "true" : "false");
}

static void print_i64(const struct opt *o UNUSED, const void *from, struct buf *out)
{
	buf_add_i64(out, *(const int64_t *)from);
}

static void print_double(const struct opt *o UNUSED, const void *from, struct buf *out)
{
	buf_printf(out, "%.12g", *(const double *)from); /* 700ms is 0.7, not 0.7000000000000001 */
}

static void print_string(const struct opt *o UNUSED, const void *from, struct buf *out)
{
	const char *text = *(char *const *)from;

	buf_add_str(out, text ? text : "");
}

static void print_choice(const struct opt *o, const void *from, struct buf *out)
{
	buf_add_str(out, o->choices[*(const int *)from]);
}

static const struct {
	bool (*parse)(const struct opt *o, void *to, const char *text);
	void (*allowed)(const struct opt *o, struct buf *out);
	void (*print)(const struct opt *o, const void *from, struct buf *out);
	size_t size;
} types[] = {
	[OPT_FLAG] = { parse_bool, allowed_bool, print_bool, sizeof(bool) },
	[OPT_BOOL] = { parse_bool, allowed_bool, print_bool, sizeof(bool) },
	[OPT_INT] = { parse_int, allowed_int, print_i64, sizeof(int64_t) },
	[OPT_BYTES] = { parse_bytes, allowed_bytes, print_i64, sizeof(int64_t) },
	[OPT_DOUBLE] = { parse_double, allowed_double, print_double, sizeof(double) },
	[OPT_SECONDS] = { parse_seconds, allowed_seconds, print_double, sizeof(double) },
	[OPT_STRING] = { parse_string, allowed_string, print_string, sizeof(char *) },
	[OPT_CHOICE] = { parse_choice, allowed_choice, print_choice, sizeof(int) },
};

void opt_value(const struct opt *o, const void *target, struct buf *out)
{
	types[o->type].print(o, (const char *)target + o->offset, out);
}

void opt_allowed(const struct opt *o, struct buf *out)
{
	types[o->type].allowed(o, out);
}

#define SHOWN_MAX 100 /* bytes of a wrong value in its error */

int opt_set(const struct opt *o, void *target, const char *text, struct err *e)
{
	struct buf allowed = { 0 };

	if (types[o->type].parse(o, field(o, target), text))
		return 0;
	opt_allowed(o, &allowed);
	/* Cut, so that a long value cannot push what is allowed out of the line. */
	err_set(e, -EINVAL, "%s=%.*s%s: must be %s", o->name, SHOWN_MAX, text,
		strlen(text) > SHOWN_MAX ? "..." : "", buf_str(&allowed));
	buf_release(&allowed);
	return -EINVAL;
}

void opt_defaults(const struct opt *opts, size_t n, void *target)
{
	for (size_t i = 0; i < n; i++) {
		const struct opt *o = &opts[i];

		if (o->type == OPT_STRING) {
			char **s = field(o, target);

			free(*s);
			*s = NULL;
		} else {
			memset(field(o, target), 0, types[o->type].size);
		}
		if (o->def)
			BUG_ON(!types[o->type].parse(o, field(o, target), o->def));
	}
}

void opt_release(const struct opt *opts, size_t n, void *target)
{
	for (size_t i = 0; i < n; i++)
		if (opts[i].type == OPT_STRING) {
			char **s = field(&opts[i], target);

			free(*s);
			*s = NULL;
		}
}

const struct opt *opt_find(const struct opt *opts, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(opts[i].name, name))
			return &opts[i];
	return NULL;
}

/* Edit distance (Levenshtein) with one row; names are short, longer ones are cut. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[64], la = strlen(a), lb = strlen(b);

	if (lb >= ARRAY_SIZE(row))
		lb = ARRAY_SIZE(row) - 1;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

const char *opt_nearest(const struct opt *opts, size_t n, const char *name)
{
	const char *nearest = NULL;
	size_t best = strlen(name) / 3 + 2; /* further than that is another word */

	for (size_t i = 0; i < n; i++) {
		size_t d = edit_distance(name, opts[i].name);

		if (strlen(name) >= 3 && !strncmp(name, opts[i].name, strlen(name)))
			d = 1; /* a name cut short */
		if (d < best) {
			best = d;
			nearest = opts[i].name;
		}
	}
	return nearest;
}

/* `name` without its dashes, as it was written: `-x` has no similar names. */
static int unknown_flag(const struct opt *opts, size_t n, const char *name, bool letter,
			struct err *e)
{
	const char *near = letter ? NULL : opt_nearest(opts, n, name);

	if (letter)
		return err_set(e, -EINVAL, "-%s: unknown option (--help lists them)", name);
	if (near)
		return err_set(e, -EINVAL, "--%s: unknown option (did you mean --%s?)", name, near);
	return err_set(e, -EINVAL, "--%s: unknown option (--help lists them)", name);
}

/* Find the row of argv[i] and its value; *i moves over a value of its own. */
static int parse_flag(const struct opt *opts, size_t n, void *target, int argc, char **argv, int *i,
		      struct err *e)
{
	const char *arg = argv[*i], *value = NULL;
	const struct opt *o = NULL;
	char name[64];

	if (arg[1] == '-') {
		size_t len = strcspn(arg + 2, "=");

		if (len >= sizeof(name))
			len = sizeof(name) - 1;
		memcpy(name, arg + 2, len);
		name[len] = '\0';
		o = opt_find(opts, n, name);
		if (arg[2 + len] == '=')
			value = arg + 2 + len + 1;
	} else {
		name[0] = arg[1];
		name[1] = '\0';
		for (size_t k = 0; k < n && !o; k++)
			if (opts[k].letter && opts[k].letter == arg[1])
				o = &opts[k];
		if (arg[2])
			value = arg + 2;
	}
	if (!o)
		return unknown_flag(opts, n, name, arg[1] != '-', e);
	if (o->type == OPT_FLAG && !value)
		value = "1";
	if (!value) {
		if (*i + 1 >= argc)
			return err_set(e, -EINVAL, "--%s: needs a value", o->name);
		value = argv[++*i];
	}
	return opt_set(o, target, value, e) ? err_wrap(e, "command line") : 0;
}

int opt_parse_args(const struct opt *opts, size_t n, void *target, int argc, char **argv,
		   struct err *e)
{
	int rest = 0, rc;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--")) {
			while (++i < argc)
				argv[++rest] = argv[i];
			break;
		}
		if (argv[i][0] != '-' || !argv[i][1]) {
			argv[++rest] = argv[i];
			continue;
		}
		rc = parse_flag(opts, n, target, argc, argv, &i, e);
		if (rc)
			return rc;
	}
	return rest;
}

static void add_default(const struct opt *o, struct buf *out)
{
	if (o->def)
		buf_printf(out, "default %s", o->def);
	else if (o->type != OPT_FLAG)
		buf_add_str(out, "unset by default");
}

void opt_help(const struct opt *opts, size_t n, bool as_flags, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct opt *o = &opts[i];
		char head[96];
		const char *vn = o->type == OPT_FLAG ? "" : o->value_name ? o->value_name : "WORD";

		if (!as_flags)
			snprintf(head, sizeof(head), "%s", o->name);
		else if (o->letter)
			snprintf(head, sizeof(head), "-%c, --%s %s", o->letter, o->name, vn);
		else
			snprintf(head, sizeof(head), "--%s %s", o->name, vn);
		buf_printf(out, "  %-26s %s", head, o->help);
		if (o->type != OPT_FLAG) {
			buf_add_str(out, " [");
			add_default(o, out);
			buf_add_str(out, "; ");
			opt_allowed(o, out);
			buf_add_char(out, ']');
		}
		buf_add_char(out, '\n');
	}
}

void opt_markdown(const struct opt *opts, size_t n, struct buf *out)
{
	buf_add_str(out, "| name | default | allowed | meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "| `%s` | %s | ", opts[i].name, opts[i].def ? opts[i].def : "–");
		opt_allowed(&opts[i], out);
		buf_printf(out, " | %s |\n", opts[i].help);
	}
}
