/* Events and expectations for the oracle's hand-worked cases. */
#ifndef TEST_ORACLE_FIXTURE_H
#define TEST_ORACLE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/compiler.h"
#include "harness/oracle/oracle.h"

#define NAME(s)                    \
	{                          \
		(s), sizeof(s) - 1 \
	}
#define KEY(ms, key, what)                                                          \
	{                                                                           \
		.type = EVENT_KEYSTROKE, .kind = KIND_##what, .ts_us = (ms)*1000LL, \
		.name = NAME(key), .has_name = true                                 \
	}
#define MOVE(ms, px, py)                                                                 \
	{                                                                                \
		.type = EVENT_MOUSE, .kind = KIND_MOVE, .ts_us = (ms)*1000LL, .x = (px), \
		.y = (py), .has_x = true, .has_xy = true                                 \
	}
#define BUTTON(ms, button, what)                                                \
	{                                                                       \
		.type = EVENT_MOUSE, .kind = KIND_##what, .ts_us = (ms)*1000LL, \
		.name = NAME(button), .has_name = true                          \
	}
#define NO_BUTTON(ms, what)                                                    \
	{                                                                      \
		.type = EVENT_MOUSE, .kind = KIND_##what, .ts_us = (ms)*1000LL \
	}
#define SCROLL(ms, delta)                                                       \
	{                                                                       \
		.type = EVENT_MOUSE, .kind = KIND_SCROLL, .ts_us = (ms)*1000LL, \
		.has_scroll = true, .scroll_delta = (delta)                     \
	}
#define FOCUS(us, app)                                                                   \
	{                                                                                \
		.type = EVENT_APP, .kind = KIND_FOCUS, .ts_us = (us), .name = NAME(app), \
		.has_name = true                                                         \
	}

struct expected {
	const char *name;
	double value;
};

static inline double value_of(const struct feature_msg *m, const char *name)
{
	const struct feature_value *v = oracle_value(m, name);

	if (!v)
		fail_msg("no member %s", name);
	return v->value;
}

static inline void assert_value(const struct feature_msg *m, const char *name, double want)
{
	double got = value_of(m, name);

	if (!oracle_equal(got, want))
		fail_msg("%s: got %.17g, expected %.17g", name, got, want);
}

static inline void assert_values(const struct feature_msg *m, const struct expected *want, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_value(m, want[i].name, want[i].value);
}

static inline bool has_member(const struct feature_msg *m, const char *name)
{
	return oracle_value(m, name);
}

#endif
