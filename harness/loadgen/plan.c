/* Building of plans; see plan.h. */
#include "harness/loadgen/plan.h"

#include <errno.h>
#include <math.h>
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
	size_t cap_shapes;
	uint32_t *places; /* of shapes by hash, open addressing; 0: free, else one more */
	size_t n_places;  /* a power of two */
	size_t n_heads;
	struct lane_head *heads;
};

static void hash(uint64_t *h, const void *p, size_t len)
{
	const unsigned char *bytes = p;

	for (size_t i = 0; i < len; i++)
		*h = (*h ^ bytes[i]) * 0x100000001b3;
}

static void hash_event(struct plan *p, size_t i, struct span msg)
{
	int64_t due_ns = p->entries[i].due_ns, relative_us = plan_ts_us(p, i) - p->base_wall_us;
	size_t ts_at = p->ts_at[plan_type(p, i)];

	hash(&p->checksum, &due_ns, sizeof(due_ns));
	hash(&p->checksum, &relative_us, sizeof(relative_us));
	hash(&p->checksum, msg.p, ts_at);
	hash(&p->checksum, msg.p + ts_at + PLAN_TS_DIGITS, msg.len - ts_at - PLAN_TS_DIGITS);
}

/* ---- shapes ----------------------------------------------------------------------- */

static bool is_small(double v)
{
	return v >= INT16_MIN && v <= INT16_MAX && v == (double)(int16_t)v &&
	       !(v == 0 && signbit(v));
}

/* Whole pixels stand in the entry; a recording's other coordinates make shapes of their own. */
static bool takes_at(const struct event *ev)
{
	return ev->type == EVENT_MOUSE && ev->has_xy && is_small(ev->x) && is_small(ev->y);
}

static bool same_shape(const struct plan_shape *s, const struct event *ev, bool has_at)
{
	const struct event *a = &s->event;

	return a->type == ev->type && a->kind == ev->kind && s->has_at == has_at &&
	       a->has_name == ev->has_name && a->name.len == ev->name.len &&
	       a->has_xy == ev->has_xy && a->has_x == ev->has_x &&
	       a->has_scroll == ev->has_scroll && a->scroll_delta == ev->scroll_delta &&
	       (has_at ||
		(!memcmp(&a->x, &ev->x, sizeof(ev->x)) && !memcmp(&a->y, &ev->y, sizeof(ev->y)))) &&
	       (!ev->name.len || !memcmp(a->name.p, ev->name.p, ev->name.len));
}

static size_t hash_shape(const struct event *ev, bool has_at)
{
	uint64_t h = 0xcbf29ce484222325 ^ (uint64_t)ev->type << 8 ^ (uint64_t)ev->kind;

	hash(&h, ev->name.p, ev->name.len);
	h ^= (uint32_t)ev->scroll_delta;
	if (!has_at) {
		hash(&h, &ev->x, sizeof(ev->x));
		hash(&h, &ev->y, sizeof(ev->y));
	}
	return (size_t)(h ^ h >> 29);
}

static void put_place(struct builder *b, uint32_t shape)
{
	const struct plan_shape *s = &b->plan->shapes[shape];
	size_t at = hash_shape(&s->event, s->has_at);

	while (b->places[at & (b->n_places - 1)])
		at++;
	b->places[at & (b->n_places - 1)] = shape + 1;
}

static void grow_shapes(struct builder *b)
{
	struct plan *p = b->plan;

	b->cap_shapes = b->cap_shapes ? b->cap_shapes * 2 : 256;
	p->shapes = mem_realloc(p->shapes, b->cap_shapes, sizeof(*p->shapes));
	free(b->places);
	b->n_places = b->cap_shapes * 4;
	b->places = mem_calloc(b->n_places, sizeof(*b->places));
	for (size_t i = 0; i < p->n_shapes; i++)
		put_place(b, (uint32_t)i);
}

/* What the encoder writes for whole coordinates of 0: cut out, for the entry's own. */
#define AT_ZERO ",\"x\":0,\"y\":0"

static int add_shape(struct builder *b, const struct event *ev, bool has_at, struct err *e)
{
	static const char member[] = "\"ts\":";
	struct plan *p = b->plan;
	struct event sample = *ev;
	struct buf msg = { 0 };
	size_t ts_at, cut = has_at ? sizeof(AT_ZERO) - 1 : 0;

	if (p->n_shapes == UINT32_MAX || p->texts.len > UINT32_MAX - PLAN_BULK_MAX)
		return err_set(e, -EFBIG, "more than 4 GiB of different messages (at event %zu)",
			       p->n);
	if (p->n_shapes == b->cap_shapes)
		grow_shapes(b);
	sample.ts_us = PLAN_BASE_MIN_US;
	sample.x = has_at ? 0 : ev->x;
	sample.y = has_at ? 0 : ev->y;
	event_encode(&msg, &sample);
	ts_at = (size_t)((char *)memmem(msg.data, msg.len, member, sizeof(member) - 1) - msg.data) +
		sizeof(member) - 1;
	BUG_ON(msg.len > PLAN_BULK_MAX - 64 - PLAN_PAD || ts_at > 32);
	BUG_ON(cut && memcmp(msg.data + ts_at + PLAN_TS_DIGITS, AT_ZERO, cut));
	p->ts_at[ev->type] = ts_at;
	p->shapes[p->n_shapes] = (struct plan_shape){
		.event = sample,
		.text = (uint32_t)p->texts.len,
		.before = (uint16_t)ts_at,
		.behind = (uint16_t)(msg.len - ts_at - PLAN_TS_DIGITS - cut),
		.has_at = has_at,
	};
	buf_add(&p->texts, msg.data, ts_at);
	buf_add(&p->texts, msg.data + ts_at + PLAN_TS_DIGITS + cut,
		msg.len - ts_at - PLAN_TS_DIGITS - cut);
	memset(buf_reserve(&p->texts, PLAN_PAD), 0, PLAN_PAD);
	buf_release(&msg);
	put_place(b, (uint32_t)p->n_shapes++);
	return 0;
}

/* The shape of an event, made when there is none yet. */
static int shape_of(struct builder *b, const struct event *ev, uint32_t *out, struct err *e)
{
	bool has_at = takes_at(ev);
	size_t at = hash_shape(ev, has_at);

	for (; b->n_places && b->places[at & (b->n_places - 1)]; at++) {
		*out = b->places[at & (b->n_places - 1)] - 1;
		if (same_shape(&b->plan->shapes[*out], ev, has_at))
			return 0;
	}
	*out = (uint32_t)b->plan->n_shapes;
	return add_shape(b, ev, has_at, e);
}

/* ---- entries ----------------------------------------------------------------------- */

static void grow(struct builder *b, size_t want)
{
	struct plan *p = b->plan;

	if (want <= b->cap)
		return;
	b->cap = want > b->cap * 2 ? want : b->cap * 2;
	p->entries = mem_realloc(p->entries, b->cap, sizeof(*p->entries));
}

/* How far an app's `ts` is moved on, to be later than the one before. */
static int64_t app_later_us(struct builder *b, const struct event *ev, int64_t ts_us)
{
	int64_t later_us;

	if (ev->type != EVENT_APP)
		return 0;
	later_us = ts_us <= b->last_app_us ? b->last_app_us + 1 - ts_us : 0;
	b->last_app_us = ts_us + later_us;
	return later_us;
}

static int append(struct builder *b, const struct event *ev, int64_t due_ns, struct err *e)
{
	struct plan *p = b->plan;
	int64_t ts_us = p->base_wall_us + due_ns / NS_PER_US;
	int64_t later_us = app_later_us(b, ev, ts_us);
	struct plan_entry *en;
	char text[PLAN_BULK_MAX];
	size_t len;
	int rc;

	if (ts_us + later_us > EVENT_TS_MAX || later_us > UINT32_MAX)
		return err_set(e, -ERANGE, "event %zu lies beyond the year 2100", p->n);
	grow(b, p->n + 1);
	en = &p->entries[p->n];
	*en = (struct plan_entry){ .due_ns = due_ns };
	rc = shape_of(b, ev, &en->shape, e);
	if (rc)
		return rc;
	if (p->shapes[en->shape].has_at) {
		en->at.x = (int16_t)ev->x;
		en->at.y = (int16_t)ev->y;
	} else {
		en->later_us = (uint32_t)later_us;
	}
	if (ts_us + later_us - p->base_wall_us > p->last_ts_us)
		p->last_ts_us = ts_us + later_us - p->base_wall_us;
	len = plan_render(p, p->n, text);
	p->bulk_bytes += len;
	hash_event(p, p->n, plan_message_in(text, len));
	p->per_type[ev->type]++;
	p->n++;
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
	if (total < UINT32_MAX) /* more is not worth trying */
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
	p->shapes = mem_realloc(p->shapes, p->n_shapes, sizeof(*p->shapes));
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
	b.plan->with_seq = spec->with_seq;
	b.plan->checksum = 0xcbf29ce484222325;
	b.heads = mem_calloc(spec->n_lanes, sizeof(*b.heads));
	rc = open_lanes(&b, spec, e);
	if (!rc)
		rc = merge_lanes(&b, e);
	for (size_t i = 0; i < b.n_heads; i++)
		lane_close(b.heads[i].lane);
	free(b.heads);
	free(b.places);
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
	free(p->shapes);
	buf_release(&p->texts);
	free(p);
}

int plan_rebase(struct plan *p, int64_t base_wall_us, struct err *e)
{
	int rc = check_base(base_wall_us, e);

	if (rc)
		return rc;
	if (p->last_ts_us > EVENT_TS_MAX - base_wall_us)
		return err_set(e, -ERANGE, "the last events would lie beyond the year 2100");
	p->base_wall_us = base_wall_us;
	return 0;
}

void plan_event(const struct plan *p, size_t i, struct event *out)
{
	const struct plan_entry *en = &p->entries[i];
	const struct plan_shape *s = &p->shapes[en->shape];

	*out = s->event;
	out->ts_us = plan_ts_us(p, i);
	if (s->has_at) {
		out->x = en->at.x;
		out->y = en->at.y;
	}
}
