/*
 * Counting apps and transitions, and letting go of the oldest; see patterns.h.
 *
 * The JSON is in patterns_write.c and patterns_read.c.
 */
#include "extractors/feature/patterns.h"

#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "extractors/feature/hash.h"

#define FIRST_ROWS 16
#define NO_ROW	   UINT32_MAX

void patterns_init(struct patterns *p, size_t max)
{
	memset(p, 0, sizeof(*p));
	p->max = max;
	p->app_ages = p->trans_ages = (struct ilist)ILIST_INIT;
	p->first_free = NO_ROW;
	p->key = hash_key(p);
	intern_init(&p->names, EVENT_NAME_MAX);
}

void patterns_release(struct patterns *p)
{
	intern_release(&p->names);
	free(p->apps);
	free(p->app_age);
	free(p->trans);
	free(p->trans_age);
	free(p->trans_out);
	free(p->heads);
	memset(p, 0, sizeof(*p));
}

/* The number of the name, with a reference, and with a place in apps[]. */
static uint32_t take_name(struct patterns *p, struct span name)
{
	bool fresh;
	uint32_t id = intern_get(&p->names, name, &fresh);

	if (fresh && memmem(name.p, name.len, "->", 2))
		intern_entry(&p->names, id)->flags = APP_HAS_ARROW;
	if (id >= p->apps_cap) {
		p->apps = mem_realloc(p->apps, p->names.cap, sizeof(*p->apps));
		p->app_age = mem_realloc(p->app_age, p->names.cap, sizeof(*p->app_age));
		memset(p->apps + p->apps_cap, 0, (p->names.cap - p->apps_cap) * sizeof(*p->apps));
		p->apps_cap = p->names.cap;
	}
	return id;
}

static uint32_t *head_of(const struct patterns *p, uint32_t from, uint32_t to)
{
	uint64_t h = hash_u64((uint64_t)from << 32 | to, p->key);

	return &p->heads[h & (p->trans_cap - 1)];
}

static uint32_t find_transition(const struct patterns *p, uint32_t from, uint32_t to)
{
	uint32_t i = p->trans_cap ? *head_of(p, from, to) : NO_ROW;

	while (i != NO_ROW && (p->trans[i].from != from || p->trans[i].to != to))
		i = p->trans[i].chain;
	return i;
}

static void grow_transitions(struct patterns *p)
{
	p->trans_cap = p->trans_cap ? p->trans_cap * 2 : FIRST_ROWS;
	p->trans = mem_realloc(p->trans, p->trans_cap, sizeof(*p->trans));
	p->trans_age = mem_realloc(p->trans_age, p->trans_cap, sizeof(*p->trans_age));
	p->trans_out = mem_realloc(p->trans_out, p->trans_cap, sizeof(*p->trans_out));
	p->heads = mem_realloc(p->heads, p->trans_cap, sizeof(*p->heads));
	memset(p->heads, 0xff, p->trans_cap * sizeof(*p->heads)); /* NO_ROW */
	for (uint32_t i = 0; i < p->trans_made; i++) { /* none is free, or there was room */
		uint32_t *head = head_of(p, p->trans[i].from, p->trans[i].to);

		p->trans[i].chain = *head;
		*head = i;
	}
}

static void drop_transition(struct patterns *p, uint32_t i)
{
	struct transition_row *m = &p->trans[i];
	uint32_t *link = head_of(p, m->from, m->to);

	while (*link != i)
		link = &p->trans[*link].chain;
	*link = m->chain;
	ilist_remove(&p->trans_ages, p->trans_age, i);
	ilist_remove(&p->apps[m->from].out, p->trans_out, i);
	intern_put(&p->names, m->to);
	m->chain = p->first_free;
	p->first_free = i;
	p->n_trans--;
}

/* An app goes with the transitions from it; those to it still say something of the others. */
static void drop_app(struct patterns *p, uint32_t id)
{
	struct app_row *a = &p->apps[id];

	while (a->out.head != ILIST_END)
		drop_transition(p, a->out.head);
	ilist_remove(&p->app_ages, p->app_age, id);
	a->kept = false;
	p->n_apps--;
	intern_put(&p->names, id);
}

static uint32_t add_transition(struct patterns *p, uint32_t from, uint32_t to)
{
	uint32_t i, *head;

	if (p->n_trans == p->max) {
		drop_transition(p, p->trans_ages.head);
		p->evicted++;
	}
	i = p->first_free;
	if (i != NO_ROW) {
		p->first_free = p->trans[i].chain;
	} else {
		if (p->trans_made == p->trans_cap)
			grow_transitions(p);
		i = p->trans_made++;
	}
	head = head_of(p, from, to);
	p->trans[i] = (struct transition_row){ .from = from, .to = to, .chain = *head };
	*head = i;
	ilist_append(&p->trans_ages, p->trans_age, i);
	ilist_append(&p->apps[from].out, p->trans_out, i);
	intern_ref(&p->names, to);
	p->n_trans++;
	return i;
}

static void add_app(struct patterns *p, uint32_t id)
{
	if (p->n_apps == p->max) {
		drop_app(p, p->app_ages.head);
		p->evicted++;
	}
	p->apps[id] = (struct app_row){ .kept = true, .out = ILIST_INIT };
	ilist_append(&p->app_ages, p->app_age, id);
	intern_ref(&p->names, id);
	p->n_apps++;
}

/* This event counted for the app: it is the last to go. */
static void touch_app(struct patterns *p, uint32_t id)
{
	ilist_remove(&p->app_ages, p->app_age, id);
	ilist_append(&p->app_ages, p->app_age, id);
	p->apps[id].last = p->events;
}

static void count_transition(struct patterns *p, uint32_t from, uint32_t to, double seconds)
{
	uint32_t i;

	BUG_ON(from == INTERN_NONE || !p->apps[from].kept);
	i = find_transition(p, from, to);
	if (i == NO_ROW) {
		i = add_transition(p, from, to);
		p->trans[i].first = p->rows_made++;
	}
	ilist_remove(&p->trans_ages, p->trans_age, i);
	ilist_append(&p->trans_ages, p->trans_age, i);
	p->trans[i].last = p->events;
	p->trans[i].count++;
	touch_app(p, from);
	p->apps[from].left++;
	p->apps[from].seconds += seconds;
	p->transitions++;
}

static void count_app(struct patterns *p, uint32_t id, int utc_hour)
{
	if (!p->apps[id].kept) {
		add_app(p, id);
		p->apps[id].first = p->rows_made++;
	}
	touch_app(p, id);
	p->apps[id].hours[utc_hour]++;
}

void patterns_count(struct patterns *p, const struct span *from, double seconds, struct span to,
		    int utc_hour)
{
	uint32_t id = take_name(p, to);

	p->events++;
	if (from)
		count_transition(p, intern_find(&p->names, *from), id, seconds);
	count_app(p, id, utc_hour);
	intern_put(&p->names, id);
}

uint32_t patterns_find_app(const struct patterns *p, struct span name)
{
	uint32_t id = intern_find(&p->names, name);

	return id != INTERN_NONE && p->apps[id].kept ? id : INTERN_NONE;
}

bool patterns_restore_app(struct patterns *p, struct span name, const struct app_row *row)
{
	uint32_t id = take_name(p, name);
	struct app_row *a = &p->apps[id];
	bool added = !a->kept;

	if (added) {
		add_app(p, id);
		a->first = row->first;
		a->last = row->last;
		a->left = row->left;
		a->seconds = row->seconds;
		memcpy(a->hours, row->hours, sizeof(a->hours));
	}
	intern_put(&p->names, id);
	return added;
}

bool patterns_restore_transition(struct patterns *p, uint32_t from, struct span to,
				 const struct transition_row *row)
{
	uint32_t id = take_name(p, to), i;
	bool added = find_transition(p, from, id) == NO_ROW;

	if (added) {
		i = add_transition(p, from, id);
		p->trans[i].first = row->first;
		p->trans[i].last = row->last;
		p->trans[i].count = row->count;
	}
	intern_put(&p->names, id);
	return added;
}
