/* Deliveries of plans that follow one another; see chain.h. */
#include "harness/loadgen/chain.h"

#include <string.h>

void chain_add(struct chain *c, const struct plan *plan)
{
	BUG_ON(c->n == CHAIN_PLANS);
	match_init(&c->parts[c->n++], plan);
}

void chain_retire(struct chain *c, struct match *out, size_t *first_missing)
{
	BUG_ON(!c->n);
	*first_missing = match_first_missing(&c->parts[0]);
	match_release(&c->parts[0]);
	*out = c->parts[0];
	memmove(c->parts, c->parts + 1, --c->n * sizeof(*c->parts));
	c->at -= c->at > 0;
}

void chain_release(struct chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		match_release(&c->parts[i]);
	c->n = c->at = 0;
}

static void step_on(struct chain *c)
{
	while (c->at + 1 < c->n && c->parts[c->at].cursor == c->parts[c->at].plan->n)
		c->at++;
}

size_t chain_expected(struct chain *c, const char *p, size_t len)
{
	size_t at = 0;

	while (c->n) {
		struct match *m = &c->parts[c->at];
		uint64_t seen = m->seen;
		size_t before = c->at;

		at += match_expected(m, p + at, len - at);
		c->received += m->seen - seen;
		c->seen += m->seen - seen;
		step_on(c);
		if (c->at == before)
			break;
	}
	return at;
}

/* The part that holds the message: the one being delivered, those behind it, then those before. */
static struct match *part_of(struct chain *c, struct span payload)
{
	for (size_t i = 0; c->n > 1 && i < c->n; i++) {
		struct match *m = &c->parts[(c->at + i) % c->n];

		if (match_has(m, payload))
			return m;
	}
	return &c->parts[c->at];
}

void chain_message(struct chain *c, struct span payload)
{
	struct match *m, before;

	c->received++;
	if (!c->n) {
		c->unknown++;
		return;
	}
	m = part_of(c, payload);
	before = *m;
	match_message(m, payload);
	c->seen += m->seen - before.seen;
	c->duplicates += m->duplicates - before.duplicates;
	c->unknown += m->unknown - before.unknown;
	c->order_breaks += m->order_breaks - before.order_breaks;
	if (m > &c->parts[c->at] && m->seen > before.seen)
		c->at = (size_t)(m - c->parts); /* the one before stayed short of something */
	step_on(c);
}
