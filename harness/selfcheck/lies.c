/* Lies by number; see lies.h. */
#include "harness/selfcheck/lies.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/wire/json.h"

#define ROW(field, type, name, value, def, min, max, text) \
	OPT_ROW(struct lies, field, type, name, 0, value, def, min, max, text)

const struct opt lies_opts[] = {
	ROW(drop_every, OPT_INT, "drop-every", "N", "0", 0, 1e9,
	    "lose every N-th event on its way in (0: none)"),
	ROW(drop_at, OPT_INT, "drop-at", "N", "0", 0, 1e9, "lose event N"),
	ROW(stop_after, OPT_INT, "stop-after", "N", "0", 0, 1e9,
	    "read nothing more behind event N (0: go on)"),
	ROW(pause_at, OPT_INT, "pause-at", "N", "0", 0, 1e9,
	    "stand still at event N, then go on (0: never)"),
	ROW(pause_s, OPT_SECONDS, "pause", "TIME", "1", 0, 60, "with it: for how long"),
	ROW(alter, OPT_STRING, "alter", "NAME", NULL, 0, 0,
	    "change this member of every feature message by 1e-6; any: the numbers in turn"),
	ROW(delay_s, OPT_SECONDS, "delay", "TIME", "0", 0, 60, "hold every feature message back"),
	ROW(deny, OPT_FLAG, "deny", NULL, NULL, 0, 0,
	    "let the counters say that the lost events had come"),
	ROW(claim_ready, OPT_FLAG, "claim-ready", NULL, NULL, 0, 0,
	    "say READY=1 before the subscription"),
	ROW(hold_s, OPT_SECONDS, "hold", "TIME", "0.5", 0, 60,
	    "with it: how long the subscription is held back"),
	ROW(version, OPT_FLAG, "version", NULL, NULL, 0, 0, "commit, compiler, variant"),
	ROW(help, OPT_FLAG, "help", NULL, NULL, 0, 0, "this text"),
};
const size_t lies_n_opts = ARRAY_SIZE(lies_opts);

enum lies_fate lies_event(const struct lies *l, struct lies_count *c)
{
	int64_t number = (int64_t)c->events + 1;

	if (l->stop_after && number > l->stop_after)
		return LIES_STOP;
	c->events++;
	if (number != l->drop_at && (!l->drop_every || number % l->drop_every))
		return number == l->pause_at ? LIES_PAUSE : LIES_PASS;
	c->dropped++;
	return LIES_DROP;
}

/* ---- one number of a feature message -------------------------------------------------- */

/*
 * Walk over the object's own numbers: the n-th from 0, or the one called `name`.
 * Returns how many were passed; *value has raw.p NULL when there is no such one.
 */
static size_t find_number(struct span json, const char *name, size_t n, struct json_value *value)
{
	struct json_scan s = { json.p, json.p + json.len };
	struct json_value key = { 0 };
	size_t numbers = 0;

	*value = (struct json_value){ 0 };
	if (!json_take(&s, '{'))
		return 0;
	do {
		struct json_value v = { 0 };

		if (json_next(&s) != '"' || !json_scan_string(&s, &key) || !json_take(&s, ':') ||
		    !json_scan_value(&s, 1, &v))
			return numbers;
		if (v.type != JSON_NUMBER)
			continue;
		if (name ? key.raw.len == strlen(name) && !memcmp(key.raw.p, name, key.raw.len)
			 : numbers == n)
			*value = v;
		numbers++;
	} while (json_take(&s, ','));
	return numbers;
}

void lies_feature(const struct lies *l, struct lies_count *c, struct span json, struct buf *out)
{
	const char *name = l->alter && strcmp(l->alter, LIES_ANY) ? l->alter : NULL;
	struct json_value v = { 0 };
	size_t numbers = 0;
	double x;

	if (l->alter)
		numbers = find_number(json, name, SIZE_MAX, &v);
	if (numbers && !name)
		find_number(json, NULL, (size_t)(c->features % numbers), &v);
	c->features++;
	if (!v.raw.p) {
		buf_add(out, json.p, json.len);
		return;
	}
	c->altered++;
	x = json_double(&v);
	buf_add(out, json.p, (size_t)(v.raw.p - json.p));
	buf_add_double(out, x + LIES_ERROR * fmax(1, fabs(x)));
	buf_add(out, v.raw.p + v.raw.len, (size_t)(json.p + json.len - (v.raw.p + v.raw.len)));
}

/* ---- counters --------------------------------------------------------------------------- */

/* Append `line` up to behind the number that follows `word`, that number raised by `more`. */
static struct span raise(struct span line, const char *word, uint64_t more, struct buf *out)
{
	const char *end = line.p + line.len;
	const char *at = memmem(line.p, line.len, word, strlen(word));
	uint64_t value = 0;

	if (!at)
		return line;
	at += strlen(word);
	buf_add(out, line.p, (size_t)(at - line.p));
	for (; at < end && *at >= '0' && *at <= '9'; at++)
		value = value * 10 + (uint64_t)(*at - '0');
	buf_add_i64(out, (int64_t)(value + more));
	return (struct span){ at, (size_t)(end - at) };
}

void lies_words(const struct lies *l, const struct lies_count *c, struct span line, struct buf *out)
{
	static const char head[] = "stats {";

	/* The contract's order: received, then accepted.  What it drops is its own type's as a rule. */
	if (l->deny && line.len > sizeof(head) && !memcmp(line.p, head, sizeof(head) - 1)) {
		line = raise(line, "\"received\":", c->dropped, out);
		line = raise(line, "\"accepted\":", c->dropped, out);
	}
	buf_add(out, line.p, line.len);
}
