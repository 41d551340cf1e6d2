/* Comparing deliveries with the plan; see match.h. */
#include "harness/loadgen/match.h"

#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"

void match_init(struct match *m, const struct plan *plan)
{
	*m = (struct match){ .plan = plan,
			     .first_duplicate = MATCH_NONE,
			     .first_unknown = MATCH_NONE };
	m->seen_bits = mem_calloc(plan->n / 64 + 1, sizeof(*m->seen_bits));
}

void match_release(struct match *m)
{
	free(m->seen_bits);
	m->seen_bits = NULL;
}

static bool is_seen(const struct match *m, size_t i)
{
	return m->seen_bits[i / 64] >> i % 64 & 1;
}

static void note_seen(struct match *m, size_t i)
{
	m->seen_bits[i / 64] |= (uint64_t)1 << i % 64;
	m->seen++;
	m->cursor = i + 1;
}

size_t match_expected(struct match *m, const char *p, size_t len)
{
	size_t at = 0;

	while (m->cursor < m->plan->n && !is_seen(m, m->cursor)) {
		char bulk[PLAN_BULK_MAX];
		size_t n;

		if (len - at < PLAN_PREFIX_LEN || memcmp(p + at, PLAN_MESSAGE, PLAN_PREFIX_LEN))
			break;
		n = plan_render(m->plan, m->cursor, bulk);
		if (len - at < PLAN_PREFIX_LEN + n || memcmp(p + at + PLAN_PREFIX_LEN, bulk, n))
			break;
		at += PLAN_PREFIX_LEN + n;
		m->received++;
		note_seen(m, m->cursor);
	}
	return at;
}

/* The `ts` of a message that looks like the plan's own, else 0. */
static int64_t time_of(const struct plan *p, struct span payload)
{
	for (int t = 0; t < EVENT_TYPES; t++) {
		size_t at = p->ts_at[t];
		int64_t ts_us = 0;

		if (!at || payload.len < at + PLAN_TS_DIGITS ||
		    memcmp(payload.p + at - 5, "\"ts\":", 5))
			continue;
		for (int i = 0; i < PLAN_TS_DIGITS; i++)
			ts_us = ts_us * 10 + (payload.p[at + (size_t)i] - '0');
		return ts_us;
	}
	return 0;
}

/* The time first: it tells nearly all events apart, and quickly. */
static bool is_event(const struct match *m, size_t i, struct span payload, int64_t ts_us)
{
	char scratch[PLAN_BULK_MAX];
	struct span want;

	if (plan_ts_us(m->plan, i) != ts_us)
		return false;
	want = plan_message(m->plan, i, scratch);
	return want.len == payload.len && !memcmp(want.p, payload.p, want.len);
}

static size_t find_ahead(const struct match *m, struct span payload, int64_t ts_us)
{
	size_t n = m->plan->n, to = n - m->cursor < MATCH_WINDOW ? n : m->cursor + MATCH_WINDOW;

	for (size_t i = m->cursor; i < to && ts_us; i++)
		if (is_event(m, i, payload, ts_us) && !is_seen(m, i))
			return i;
	return MATCH_NONE;
}

/* One that was not seen, or else one that was. */
static size_t find_behind(const struct match *m, struct span payload, int64_t ts_us)
{
	size_t back = m->cursor < MATCH_WINDOW ? 0 : m->cursor - MATCH_WINDOW, found = MATCH_NONE;

	for (size_t i = m->cursor; i-- > back && ts_us;) {
		if (!is_event(m, i, payload, ts_us))
			continue;
		if (!is_seen(m, i))
			return i;
		found = i;
	}
	return found;
}

/*
 * Equal events may follow one another (two scroll notches in one tick), so one
 * that was not seen yet is preferred; *seen tells when there is only a seen one.
 * Which way is tried first changes nothing but the time: with several connections
 * the types come in runs, each a little behind or ahead of the other.
 */
static size_t find(const struct match *m, struct span payload, bool *seen)
{
	int64_t ts_us = time_of(m->plan, payload);
	bool older = m->cursor < m->plan->n && ts_us < plan_ts_us(m->plan, m->cursor);
	size_t behind = older ? find_behind(m, payload, ts_us) : MATCH_NONE, ahead;

	*seen = false;
	if (behind != MATCH_NONE && !is_seen(m, behind))
		return behind;
	ahead = find_ahead(m, payload, ts_us);
	if (ahead != MATCH_NONE)
		return ahead;
	if (!older)
		behind = find_behind(m, payload, ts_us);
	*seen = behind != MATCH_NONE && is_seen(m, behind);
	return behind;
}

bool match_has(const struct match *m, struct span payload)
{
	bool seen;

	return find(m, payload, &seen) != MATCH_NONE;
}

void match_message(struct match *m, struct span payload)
{
	bool seen;
	size_t i = find(m, payload, &seen);

	m->received++;
	if (i == MATCH_NONE) {
		if (!m->unknown++)
			m->first_unknown = m->cursor;
	} else if (seen) {
		if (!m->duplicates++)
			m->first_duplicate = i;
	} else {
		m->order_breaks += i != m->cursor;
		note_seen(m, i);
	}
}

size_t match_first_missing(const struct match *m)
{
	for (size_t i = 0; i < m->plan->n; i++)
		if (!is_seen(m, i))
			return i;
	return MATCH_NONE;
}
