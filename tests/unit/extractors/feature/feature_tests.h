/* What the tests of this folder share: events by hand, numbers compared, a generator. */
#ifndef FEATURE_TESTS_H
#define FEATURE_TESTS_H

#include <malloc.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifdef UNDER_ASAN
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

#include "extractors/feature/extractor.h"

#define S 1000000LL /* us */

static inline struct span text(const char *s)
{
	return (struct span){ s, strlen(s) };
}

static inline struct event key(int64_t ts_us, const char *name, enum event_kind kind)
{
	return (struct event){ .type = EVENT_KEYSTROKE,
			       .kind = kind,
			       .ts_us = ts_us,
			       .name = text(name),
			       .has_name = true };
}

static inline struct event move(int64_t ts_us, double x, double y)
{
	return (struct event){ .type = EVENT_MOUSE,
			       .kind = KIND_MOVE,
			       .ts_us = ts_us,
			       .has_xy = true,
			       .has_x = true,
			       .x = x,
			       .y = y };
}

/* Any mouse event without coordinates; button NULL: none. */
static inline struct event mouse(int64_t ts_us, enum event_kind kind, const char *button)
{
	struct event ev = { .type = EVENT_MOUSE, .kind = kind, .ts_us = ts_us };

	if (button) {
		ev.name = text(button);
		ev.has_name = true;
	}
	return ev;
}

static inline struct event scroll(int64_t ts_us, int delta)
{
	struct event ev = mouse(ts_us, KIND_SCROLL, NULL);

	ev.has_scroll = true;
	ev.scroll_delta = delta;
	return ev;
}

static inline struct event app(int64_t ts_us, const char *name)
{
	return (struct event){ .type = EVENT_APP,
			       .kind = KIND_FOCUS,
			       .ts_us = ts_us,
			       .name = text(name),
			       .has_name = true };
}

/* The agreement that spec/features.md asks for. */
static inline bool near(double got, double want)
{
	double d = fabs(got - want);

	return d <= 1e-9 || d <= 1e-9 * fabs(want);
}

#define assert_near(got, want)                                                    \
	do {                                                                      \
		double got_ = (got), want_ = (want);                              \
		if (!near(got_, want_))                                           \
			fail_msg("%s: %.17g, expected %.17g", #got, got_, want_); \
	} while (0)

static inline const struct feature_value *member(const struct feature_msg *m, const char *name)
{
	for (size_t i = 0; i < m->n_values; i++)
		if (!strcmp(m->values[i].name, name))
			return &m->values[i];
	return NULL;
}

#define assert_member(msg, name, want)                                              \
	do {                                                                        \
		const struct feature_value *v_ = member(msg, name);                 \
		double w_ = (want);                                                 \
		if (!v_)                                                            \
			fail_msg("no member %s", name);                             \
		else if (!near(v_->value, w_))                                      \
			fail_msg("%s: %.17g, expected %.17g", name, v_->value, w_); \
	} while (0)

/* The same members in the same order with the same kinds and near values. */
static inline void assert_same_message(const struct feature_msg *got,
				       const struct feature_msg *want)
{
	assert_int_equal(got->n_values, want->n_values);
	for (size_t i = 0; i < got->n_values; i++) {
		assert_string_equal(got->values[i].name, want->values[i].name);
		assert_int_equal(got->values[i].kind, want->values[i].kind);
		assert_member(got, want->values[i].name, want->values[i].value);
	}
}

/* Bytes of the heap in use. */
static inline size_t heap_bytes(void)
{
#ifdef UNDER_ASAN
	return __sanitizer_get_current_allocated_bytes();
#else
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
#endif
}

/*
 * Names that never come twice, far more than the buffer holds: once every name
 * in use has gone by, nothing may grow any more.
 */
static inline void assert_memory_is_bounded(const struct extractor_ops *ops, struct event ev,
					    enum event_kind kind1, enum event_kind kind2)
{
	struct extractor_params p = { .max_events = 200, .window_s = 1000 };
	void *self = ops->new (&p);
	struct feature_msg out;
	size_t before = 0;
	char name[100];

	for (int i = 0; i < 20000; i++) {
		ev.name = (struct span){ name, (size_t)snprintf(name, sizeof(name), "n%07d", i) };
		ev.kind = i % 2 ? kind1 : kind2;
		ev.ts_us += 1000;
		ops->accept(self, &ev, &out);
		if (ops->extract && i % 100 == 0)
			ops->extract(self, ev.ts_us, &out);
		if (i == 2000)
			before = heap_bytes();
	}
	assert_int_equal(heap_bytes(), before);
	ops->free(self);
}

/* splitmix64 (Steele, Lea, Flood 2014): the same numbers everywhere. */
static inline uint64_t rnd(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* 0 ... n - 1 */
static inline uint64_t rnd_below(uint64_t *state, uint64_t n)
{
	return rnd(state) % n;
}

#endif
