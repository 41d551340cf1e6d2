/* Building of plans; see plan.h. */
#include "harness/loadgen/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"

_Static_assert(sizeof(EVENTS_CHANNEL) - 1 == 15, "the length in PLAN_PUBLISH");
_Static_assert(sizeof(PLAN_MESSAGE) == sizeof(PLAN_PUBLISH), "one length for both");

struct lane_head {
	struct lane *lane;
	bool more;
	struct event ev;
	int64_t due_ns;
};

struct builder {
	struct plan *plan;
	size_t cap;
	int64_t last_app_us;
	struct buf msg;
	size_t n_heads;
	struct lane_head *heads;
};

static void hash(uint64_t *h, const void *p, size_t len)
{
	const unsigned char *bytes = p;

	for (size_t i = 0; i < len; i++)
		*h = (*h ^ bytes[i]) * 0x100000001b3;
}

static void hash_event(struct plan *p, int64_t due_ns, int64_t relative_us, const struct buf *msg,
		       size_t ts_at)
{
	hash(&p->checksum, &due_ns, sizeof(due_ns));
	hash(&p->checksum, &relative_us, sizeof(relative_us));
	hash(&p->checksum, msg->data, ts_at);
	hash(&p->checksum, msg->data + ts_at + PLAN_TS_DIGITS, msg->len - ts_at - PLAN_TS_DIGITS);
}

/* Where the digits of the time begin: the encoder writes it second, behind the type. */
static size_t find_ts(const struct buf *msg)
{
	static const char member[] = "\"ts\":";
	const char *p = memmem(msg->data, msg->len, member, sizeof(member) - 1);

	BUG_ON(!p);
	return (size_t)(p - msg->data) + sizeof(member) - 1;
}

static void grow(struct builder *b, size_t want)
{
	struct plan *p = b->plan;

	if (want <= b->cap)
		return;
	b->cap = want > b->cap * 2 ? want : b->cap * 2;
	p->entries = mem_realloc(p->entries, b->cap, sizeof(*p->entries));
	p->events = mem_realloc(p->events, b->cap, sizeof(*p->events));
}

static int append(struct builder *b, struct event *ev, int64_t due_ns, struct err *e)
{
	struct plan *p = b->plan;
	struct plan_entry *en;
	size_t offset = p->arena.len;

	ev->ts_us = p->base_wall_us + due_ns / NS_PER_US;
	if (ev->type == EVENT_APP) {
		if (ev->ts_us <= b->last_app_us)
			ev->ts_us = b->last_app_us + 1;
		b->last_app_us = ev->ts_us;
	}
	if (ev->ts_us > EVENT_TS_MAX)
		return err_set(e, -ERANGE, "event %zu lies beyond the year 2100", p->n);
	buf_reset(&b->msg);
	event_encode(&b->msg, ev);
	if (offset + b->msg.len > UINT32_MAX - 16 || b->msg.len > UINT16_MAX)
		return err_set(e, -EFBIG, "more than 4 GiB of messages (at event %zu)", p->n);
	if (!p->per_type[ev->type])
		p->ts_at[ev->type] = find_ts(&b->msg);
	hash_event(p, due_ns, ev->ts_us - p->base_wall_us, &b->msg, p->ts_at[ev->type]);

	grow(b, p->n + 1);
	en = &p->entries[p->n];
	buf_printf(&p->arena, "$%zu\r\n", b->msg.len);
	*en = (struct plan_entry){ .due_ns = due_ns,
				   .offset = (uint32_t)offset,
				   .msg_len = (uint16_t)b->msg.len,
				   .head_len = (uint8_t)(p->arena.len - offset),
				   .type = (uint8_t)ev->type };
	buf_add(&p->arena, b->msg.data, b->msg.len);
	buf_add_str(&p->arena, "\r\n");
	p->events[p->n++] = *ev;
	p->per_type[ev->type]++;
	return 0;
}

static int open_lanes(struct builder *b, const struct plan_spec *spec, struct err *e)
{
	size_t total = 0;

	for (size_t i = 0; i < spec->n_lanes; i++) {
		struct lane_head *h = &b->heads[i];
		int rc = lane_open(&h->lane, &spec->lanes[i], spec->seed, (unsigned int)i, e);

		if (rc) {
			err_wrap(e, "lane %zu", i + 1);
			return rc;
		}
		b->n_heads++;
		h->more = lane_next(h->lane, &h->ev, &h->due_ns);
		total += lane_count(h->lane);
	}
	if (total < UINT32_MAX / 64) /* else the arena's bound will end it */
		grow(b, total);
	return 0;
}

static struct lane_head *earliest(struct builder *b)
{
	struct lane_head *first = NULL;

	for (size_t i = 0; i < b->n_heads; i++)
		if (b->heads[i].more && (!first || b->heads[i].due_ns < first->due_ns))
			first = &b->heads[i];
	return first;
}

static int merge_lanes(struct builder *b, struct err *e)
{
	struct lane_head *h;
	int rc;

	while ((h = earliest(b))) {
		rc = append(b, &h->ev, h->due_ns, e);
		if (rc)
			return rc;
		h->more = lane_next(h->lane, &h->ev, &h->due_ns);
	}
	if (!b->plan->n)
		return err_set(e, -EINVAL, "no event falls into the plan");
	return 0;
}

/* Give back what growing by doubling took too much. */
static void trim(struct plan *p)
{
	p->entries = mem_realloc(p->entries, p->n, sizeof(*p->entries));
	p->events = mem_realloc(p->events, p->n, sizeof(*p->events));
	p->arena.data = mem_realloc(p->arena.data, p->arena.len, 1);
	p->arena.cap = p->arena.len;
}

static int check_base(int64_t base_wall_us, struct err *e)
{
	if (base_wall_us >= PLAN_BASE_MIN_US && base_wall_us <= EVENT_TS_MAX)
		return 0;
	return err_set(e, -ERANGE, "start of the plan: must lie between the years 2001 and 2100");
}

int plan_build(struct plan **out, const struct plan_spec *spec, struct err *e)
{
	int64_t base_us = spec->base_wall_us ? spec->base_wall_us : PLAN_BASE_MIN_US;
	struct builder b = { 0 };
	int rc = check_base(base_us, e);

	if (rc)
		return rc;
	b.plan = mem_calloc(1, sizeof(*b.plan));
	b.plan->base_wall_us = base_us;
	b.plan->checksum = 0xcbf29ce484222325;
	b.heads = mem_calloc(spec->n_lanes, sizeof(*b.heads));
	rc = open_lanes(&b, spec, e);
	if (!rc)
		rc = merge_lanes(&b, e);
	for (size_t i = 0; i < b.n_heads; i++)
		lane_close(b.heads[i].lane);
	free(b.heads);
	buf_release(&b.msg);
	if (rc) {
		plan_free(b.plan);
		return rc;
	}
	trim(b.plan);
	*out = b.plan;
	return 0;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	free(p->entries);
	free(p->events);
	buf_release(&p->arena);
	free(p);
}

static void write_digits(char *to, int64_t v)
{
	for (int i = PLAN_TS_DIGITS - 1; i >= 0; i--) {
		to[i] = (char)('0' + v % 10);
		v /= 10;
	}
}

int plan_rebase(struct plan *p, int64_t base_wall_us, struct err *e)
{
	int64_t by_us = base_wall_us - p->base_wall_us;
	int rc = check_base(base_wall_us, e);

	for (size_t i = 0; i < p->n && !rc; i++)
		if (p->events[i].ts_us > EVENT_TS_MAX - by_us)
			rc = err_set(e, -ERANGE, "event %zu would lie beyond the year 2100", i);
	if (rc)
		return rc;
	for (size_t i = 0; i < p->n; i++) {
		const struct plan_entry *en = &p->entries[i];

		p->events[i].ts_us += by_us;
		write_digits(p->arena.data + en->offset + en->head_len + p->ts_at[en->type],
			     p->events[i].ts_us);
	}
	p->base_wall_us = base_wall_us;
	return 0;
}
