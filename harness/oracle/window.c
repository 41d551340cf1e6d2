/* features.md "Common ground": time, buffer, window, order; see window.h. */
#include "harness/oracle/window.h"

#include <stdlib.h>

#include "extractors/base/mem.h"

void moments_release(struct moments *l)
{
	free(l->v);
	*l = (struct moments){ 0 };
}

void moments_add(struct moments *l, const struct moment *m)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 64;
		l->v = mem_realloc(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = *m;
}

static int by_time(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	if (x->t != y->t)
		return x->t < y->t ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

void moments_sort(struct moments *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_time);
}

void moments_of_kind(struct moments *out, const struct moments *in, enum event_kind kind)
{
	for (size_t i = 0; i < in->n; i++)
		if (in->v[i].ev->kind == kind)
			moments_add(out, &in->v[i]);
}

void window_cut(struct moments *out, const struct event *events, size_t n,
		const struct oracle_params *p)
{
	double now = (double)p->now_us / 1e6;
	size_t oldest = n > p->max_buffer ? n - p->max_buffer : 0;

	for (size_t i = oldest; i < n; i++) {
		struct moment m = { (double)events[i].ts_us / 1e6, &events[i], i };

		BUG_ON(events[i].name.len > EVENT_NAME_MAX);
		if (m.t > now - p->window_s)
			moments_add(out, &m);
	}
}
