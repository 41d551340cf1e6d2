/* Plans: repeatable, exact in count and time, and what the bytes say is what the structs say. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/loadgen/plan.h"

#define SECOND	1000000000LL
#define BASE_US 1790000000123456
#define HUMAN_MIX            \
	{                    \
		15, 60, 0.04 \
	}
#define KEYS_ONLY       \
	{               \
		1, 0, 0 \
	}
#define MOUSE_ONLY      \
	{               \
		0, 1, 0 \
	}
#define APPS_ONLY       \
	{               \
		0, 0, 1 \
	}

static struct plan *build(uint64_t seed, int64_t base_us, const struct plan_lane *lanes, size_t n)
{
	const struct plan_spec spec = {
		.seed = seed, .base_wall_us = base_us, .lanes = lanes, .n_lanes = n
	};
	struct plan *p = NULL;
	struct err e = ERR_INIT;

	if (plan_build(&p, &spec, &e))
		fail_msg("%s", e.text);
	return p;
}

static struct plan *build_one(const struct plan_lane *lane)
{
	return build(1, BASE_US, lane, 1);
}

static bool same_bytes(const struct plan *a, const struct plan *b)
{
	char x[PLAN_BULK_MAX], y[PLAN_BULK_MAX];

	if (a->n != b->n || a->bulk_bytes != b->bulk_bytes)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		size_t n = plan_render(a, i, x);

		if (n != plan_render(b, i, y) || memcmp(x, y, n))
			return false;
	}
	return true;
}

static struct event event_of(const struct plan *p, size_t i)
{
	struct event ev;

	plan_event(p, i, &ev);
	return ev;
}

static void the_same_seed_gives_the_same_plan_and_another_another(void **state UNUSED)
{
	const struct plan_lane lane = { .weight = HUMAN_MIX,
					.rate_hz = 75.04,
					.duration_ns = 20 * SECOND };
	struct plan *a = build(7, BASE_US, &lane, 1), *b = build(7, BASE_US, &lane, 1);
	struct plan *c = build(8, BASE_US, &lane, 1);

	assert_true(same_bytes(a, b));
	assert_memory_equal(a->entries, b->entries, a->n * sizeof(*a->entries));
	assert_true(a->checksum == b->checksum);
	assert_false(same_bytes(a, c));
	assert_true(a->checksum != c->checksum);
	plan_free(a);
	plan_free(b);
	plan_free(c);
}

static void assert_same_event(const struct event *a, const struct event *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->ts_us, b->ts_us);
	assert_int_equal(a->has_name, b->has_name);
	assert_int_equal(a->name.len, b->name.len);
	if (a->has_name)
		assert_memory_equal(a->name.p, b->name.p, a->name.len);
	assert_int_equal(a->has_xy, b->has_xy);
	assert_int_equal(a->has_x, b->has_x);
	assert_int_equal(a->has_scroll, b->has_scroll);
	assert_int_equal(a->scroll_delta, b->scroll_delta);
	assert_true(a->x == b->x && a->y == b->y);
}

static void messages_decode_to_the_events_beside_them(void **state UNUSED)
{
	const struct plan_lane lane = { .weight = { 1, 1, 1 }, .rate_hz = 1000, .count = 6000 };
	struct plan *p = build_one(&lane);
	size_t types[EVENT_TYPES] = { 0 };

	for (size_t i = 0; i < p->n; i++) {
		char text[PLAN_BULK_MAX], scratch_text[PLAN_BULK_MAX];
		struct span m = plan_message(p, i, scratch_text),
			    bulk = { text, plan_render(p, i, text) };
		struct event planned = event_of(p, i);
		struct buf encoded = { 0 };
		struct event_scratch scratch;
		struct event ev;
		char head[16];

		assert_int_equal(event_decode_any(m.p, m.len, &ev, &scratch), EVENT_OWN);
		assert_same_event(&ev, &planned);
		assert_int_equal(plan_type(p, i), ev.type);
		assert_int_equal(plan_ts_us(p, i), ev.ts_us);
		event_encode(&encoded, &planned);
		assert_int_equal(encoded.len, m.len);
		assert_memory_equal(encoded.data, m.p, m.len);
		buf_release(&encoded);
		types[ev.type]++;
		snprintf(head, sizeof(head), "$%zu\r\n", m.len);
		assert_memory_equal(bulk.p, head, strlen(head));
		assert_memory_equal(bulk.p + strlen(head), m.p, m.len);
		assert_memory_equal(bulk.p + bulk.len - 2, "\r\n", 2);
		assert_int_equal(bulk.len, strlen(head) + m.len + 2);
	}
	for (int t = 0; t < EVENT_TYPES; t++) {
		assert_int_equal(types[t], 2000);
		assert_int_equal(p->per_type[t], 2000);
	}
	plan_free(p);
}

static void due_times_never_go_back_and_ts_is_base_plus_due(void **state UNUSED)
{
	for (int a = 0; a < ARRIVAL_KINDS; a++) {
		const struct plan_lane lane = { .weight = { 15, 60, 0 },
						.rate_hz = 5000,
						.count = 5000,
						.arrival = (enum arrival_kind)a,
						.burst = 7,
						.on_ns = 5000000,
						.off_ns = 7000000,
						.start_ns = 3 * SECOND };
		struct plan *p = build_one(&lane);

		for (size_t i = 0; i < p->n; i++) {
			assert_true(p->entries[i].due_ns >=
				    (i ? p->entries[i - 1].due_ns : 3 * SECOND));
			assert_int_equal(plan_ts_us(p, i), BASE_US + p->entries[i].due_ns / 1000);
		}
		plan_free(p);
	}
}

static void counts_and_shares_are_exact(void **state UNUSED)
{
	static const struct {
		double weight[EVENT_TYPES], rate_hz;
		int64_t duration_ns;
		size_t count, expected[EVENT_TYPES];
	} rows[] = {
		{ HUMAN_MIX, 75.04, 60 * SECOND, 0, { 900, 3600, 2 } },
		{ KEYS_ONLY, 1000, 30 * SECOND, 0, { 30000, 0, 0 } },
		{ { 1, 1, 1 }, 10, 0, 100, { 34, 33, 33 } },
		{ { 1, 2, 0 }, 10, SECOND, 7, { 2, 5, 0 } }, /* both given: what ends first */
		{ { 1, 2, 0 }, 10, SECOND, 70, { 3, 7, 0 } },
		{ { 1, 0, 1e-9 }, 10, SECOND, 0, { 10, 0, 0 } },
		{ KEYS_ONLY, 0.001, SECOND, 0, { 1, 0, 0 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (int a = 0; a < ARRIVAL_KINDS; a++) {
			struct plan_lane lane = { .rate_hz = rows[i].rate_hz,
						  .duration_ns = rows[i].duration_ns,
						  .count = rows[i].count,
						  .arrival = (enum arrival_kind)a,
						  .burst = 3,
						  .on_ns = 5,
						  .off_ns = 5 };
			struct plan *p;

			memcpy(lane.weight, rows[i].weight, sizeof(lane.weight));
			p = build_one(&lane);
			for (int t = 0; t < EVENT_TYPES; t++)
				assert_int_equal(p->per_type[t], rows[i].expected[t]);
			plan_free(p);
		}
}

/* Stretched human times have the wanted mean rate, each type for itself. */
static void human_times_are_stretched_to_the_rate(void **state UNUSED)
{
	const struct plan_lane lane = { .weight = { 15, 60, 0 },
					.rate_hz = 75,
					.duration_ns = 200 * SECOND };
	struct plan *p = build_one(&lane);
	int64_t last_ns[EVENT_TYPES] = { 0 }, longest_ns = 0;

	assert_int_equal(p->n, 15000);
	for (size_t i = 0; i < p->n; i++) {
		last_ns[plan_type(p, i)] = p->entries[i].due_ns;
		if (i && p->entries[i].due_ns - p->entries[i - 1].due_ns > longest_ns)
			longest_ns = p->entries[i].due_ns - p->entries[i - 1].due_ns;
	}
	/* the event after the last would be due at 200 s */
	for (int t = 0; t < EVENT_APP; t++)
		assert_true(last_ns[t] > 190 * SECOND && last_ns[t] < 200 * SECOND);
	assert_true(longest_ns >
		    SECOND / 5); /* still human: pauses, far beyond the mean of 13 ms */
	plan_free(p);
}

static void at_human_pace_a_duration_cuts_and_speed_divides(void **state UNUSED)
{
	struct plan_lane lane = { .weight = KEYS_ONLY, .count = 2000, .speed = 1 };
	struct plan *slow = build_one(&lane), *fast, *cut;

	lane.speed = 4;
	fast = build_one(&lane);
	lane.speed = 0; /* not given: 1 */
	lane.duration_ns = slow->entries[1000].due_ns;
	cut = build_one(&lane);
	for (size_t i = 0; i < 2000; i++)
		assert_true(llabs(slow->entries[i].due_ns - 4 * fast->entries[i].due_ns) <= 4);
	assert_true(cut->n <= 1000 && cut->n >= 990); /* equal times may lie at the cut */
	assert_true(cut->entries[cut->n - 1].due_ns < lane.duration_ns);
	plan_free(slow);
	plan_free(fast);
	plan_free(cut);
}

static void app_times_are_strictly_increasing_even_in_bursts(void **state UNUSED)
{
	struct plan_lane lanes[] = {
		{ .weight = APPS_ONLY,
		  .rate_hz = 1000000,
		  .count = 3000,
		  .arrival = ARRIVAL_BURSTS,
		  .burst = 100 },
		{ .weight = APPS_ONLY,
		  .rate_hz = 3000000,
		  .count = 3000,
		  .arrival = ARRIVAL_CONSTANT },
	};
	struct plan *p = build(1, BASE_US, lanes, 2);

	for (size_t i = 1; i < p->n; i++)
		assert_true(plan_ts_us(p, i) > plan_ts_us(p, i - 1));
	plan_free(p);
}

static void with_app_cycle_every_app_event_is_a_transition(void **state UNUSED)
{
	const struct plan_lane lane = { .weight = APPS_ONLY,
					.rate_hz = 100,
					.count = 500,
					.arrival = ARRIVAL_CONSTANT,
					.app_cycle = true,
					.apps = 3 };
	struct plan *p = build_one(&lane);

	for (size_t i = 1; i < p->n; i++)
		assert_ptr_not_equal(event_of(p, i).name.p, event_of(p, i - 1).name.p);
	plan_free(p);
}

static void lanes_are_merged_by_due_time_and_do_not_change_one_another(void **state UNUSED)
{
	const struct plan_lane lanes[] = {
		{ .weight = KEYS_ONLY, .rate_hz = 1000, .count = 1000 }, /* fills within 1 s */
		{ .weight = KEYS_ONLY,
		  .rate_hz = 20,
		  .count = 100,
		  .arrival = ARRIVAL_CONSTANT,
		  .start_ns = 2 * SECOND },
		{ .weight = MOUSE_ONLY,
		  .rate_hz = 1000,
		  .duration_ns = 5 * SECOND,
		  .arrival = ARRIVAL_POISSON,
		  .start_ns = 2 * SECOND },
	};
	struct plan *all = build(3, BASE_US, lanes, 3), *two = build(3, BASE_US, lanes, 2);
	size_t k = 0, triggers = 0;

	assert_int_equal(all->n, 1000 + 100 + 5000);
	assert_int_equal(two->n, 1100);
	for (size_t i = 0; i < all->n; i++) {
		struct event x = event_of(all, i), y;

		if (x.type == EVENT_MOUSE) {
			assert_true(all->entries[i].due_ns >= 2 * SECOND);
			continue;
		}
		y = event_of(two, k);
		assert_int_equal(all->entries[i].due_ns, two->entries[k++].due_ns);
		assert_same_event(&x, &y);
		if (all->entries[i].due_ns >= 2 * SECOND)
			assert_int_equal(all->entries[i].due_ns,
					 2 * SECOND + (int64_t)triggers++ * 50000000);
	}
	assert_int_equal(triggers, 100);
	plan_free(all);
	plan_free(two);
}

static void rebasing_gives_the_bytes_of_a_plan_built_at_that_base(void **state UNUSED)
{
	const struct plan_lane lane = { .weight = { 1, 1, 1 }, .rate_hz = 100, .count = 900 };
	struct plan *a = build(1, 0, &lane, 1), *b = build(1, BASE_US, &lane, 1);
	struct err e = ERR_INIT;

	assert_int_equal(a->base_wall_us, PLAN_BASE_MIN_US);
	assert_true(a->checksum == b->checksum); /* the same load at another time */
	assert_false(same_bytes(a, b));
	assert_int_equal(plan_rebase(a, BASE_US, NULL), 0);
	assert_true(same_bytes(a, b));
	for (size_t i = 0; i < a->n; i++) {
		struct event x = event_of(a, i), y = event_of(b, i);

		assert_same_event(&x, &y);
	}
	assert_int_not_equal(plan_rebase(a, PLAN_BASE_MIN_US - 1, &e), 0);
	assert_int_not_equal(plan_rebase(a, EVENT_TS_MAX - 1000, NULL), 0);
	assert_true(same_bytes(a, b)); /* a refused rebase changes nothing */
	plan_free(a);
	plan_free(b);
}

static void a_recording_is_looped_and_scaled(void **state UNUSED)
{
	static const char text[] =
		"{\"type\":\"keystroke\",\"ts\":0,\"key\":\"A\",\"event\":\"press\"}\n"
		"{\"type\":\"mouse\",\"ts\":1000,\"x\":0.5,\"y\":1,\"event\":\"move\"}\n"
		"{\"type\":\"keystroke\",\"ts\":4000,\"key\":\"A\",\"event\":\"release\"}\n";
	/* period: 4000 us + one mean interval of 2000 us */
	static const struct {
		struct plan_lane lane;
		size_t n;
		int64_t due_us[8];
	} rows[] = {
		{ { .count = 7 }, 7, { 0, 1000, 4000, 6000, 7000, 10000, 12000 } },
		{ { .count = 7, .speed = 2 }, 7, { 0, 500, 2000, 3000, 3500, 5000, 6000 } },
		{ { .duration_ns = 7000001 }, 5, { 0, 1000, 4000, 6000, 7000 } },
		{ { .count = 4, .weight = KEYS_ONLY }, 4, { 0, 4000, 6000, 10000 } },
		{ { .count = 6, .rate_hz = 1000 }, 6, { 0, 500, 2000, 3000, 3500, 5000 } },
		{ { .count = 3, .rate_hz = 1000, .arrival = ARRIVAL_CONSTANT },
		  3,
		  { 0, 1000, 2000 } },
	};
	struct recording *r = NULL;

	assert_int_equal(recording_parse(&r, text, strlen(text), NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_lane lane = rows[i].lane;
		struct plan *p;

		lane.recording = r;
		p = build_one(&lane);
		assert_int_equal(p->n, rows[i].n);
		for (size_t k = 0; k < p->n; k++) {
			assert_int_equal(p->entries[k].due_ns, rows[i].due_us[k] * 1000);
			assert_int_equal(plan_ts_us(p, k), BASE_US + rows[i].due_us[k]);
		}
		plan_free(p);
	}
	recording_free(r);
}

static void definitions_that_make_no_sense_are_refused_with_the_lane(void **state UNUSED)
{
	static const struct {
		struct plan_lane lane;
		const char *expected;
	} rows[] = {
		{ { .count = 1 }, "lane 1: no type of event has a weight" },
		{ { .weight = { -1, 1, 0 }, .count = 1 },
		  "lane 1: weight of keystroke: must be 0 or more" },
		{ { .weight = { 1, (double)INFINITY, 0 }, .count = 1 },
		  "lane 1: weight of mouse: must be 0 or more" },
		{ { .weight = KEYS_ONLY }, "lane 1: neither count nor duration given" },
		{ { .weight = KEYS_ONLY, .count = 1, .rate_hz = -2 },
		  "lane 1: rate: must be 0 ... 1e9 Hz" },
		{ { .weight = KEYS_ONLY, .count = 1, .speed = (double)NAN },
		  "lane 1: speed: must be 0 ... 1e9" },
		{ { .weight = KEYS_ONLY, .count = 1, .speed = 1, .rate_hz = 1 },
		  "lane 1: rate and speed exclude each other" },
		{ { .weight = KEYS_ONLY, .count = 1, .arrival = ARRIVAL_POISSON },
		  "lane 1: arrival poisson needs a rate" },
		{ { .weight = KEYS_ONLY, .count = 1, .rate_hz = 1, .arrival = ARRIVAL_BURSTS },
		  "lane 1: burst: must be 1 or more events" },
		{ { .weight = KEYS_ONLY, .count = 1, .rate_hz = 1, .arrival = ARRIVAL_ONOFF },
		  "lane 1: on-off: on must be more than 0, off 0 or more" },
		{ { .weight = KEYS_ONLY, .count = 1, .start_ns = -1 },
		  "lane 1: start and duration: must be 0 or more" },
		{ { .weight = APPS_ONLY, .count = 1, .apps = 1 },
		  "lane 1: apps: must be 2 ... 24" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct plan_spec spec = { .seed = 1, .lanes = &rows[i].lane, .n_lanes = 1 };
		struct err e = ERR_INIT;
		struct plan *p = NULL;

		assert_int_not_equal(plan_build(&p, &spec, &e), 0);
		assert_null(p);
		assert_string_equal(e.text, rows[i].expected);
	}
}

static void times_outside_the_contract_are_refused(void **state UNUSED)
{
	const struct plan_lane lane = { .weight = KEYS_ONLY, .rate_hz = 1, .count = 100 };
	static const int64_t bases[] = { 1, PLAN_BASE_MIN_US - 1, EVENT_TS_MAX - 50000000,
					 EVENT_TS_MAX + 1, -5 };

	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		const struct plan_spec spec = {
			.seed = 1, .base_wall_us = bases[i], .lanes = &lane, .n_lanes = 1
		};
		struct plan *p = NULL;

		assert_int_not_equal(plan_build(&p, &spec, NULL), 0);
	}
}

static void an_empty_plan_is_refused(void **state UNUSED)
{
	const struct plan_spec spec = { .seed = 1 };
	struct plan *p = NULL;
	struct err e = ERR_INIT;

	assert_int_not_equal(plan_build(&p, &spec, &e), 0);
	assert_string_equal(e.text, "no event falls into the plan");
}

/* Names with quotes, fractions, negative zero, large ones: all that makes shapes of its own. */
static void unusual_messages_are_put_together_as_the_encoder_writes_them(void **state UNUSED)
{
	static const char text[] =
		"{\"type\":\"app\",\"ts\":0,\"app_name\":\"a \\\"b\\\" \\\\ \\u0001\"}\n"
		"{\"type\":\"mouse\",\"ts\":1,\"x\":0.1,\"y\":-2.5,\"event\":\"move\"}\n"
		"{\"type\":\"mouse\",\"ts\":2,\"x\":-0.0,\"y\":0,\"event\":\"move\"}\n"
		"{\"type\":\"mouse\",\"ts\":3,\"x\":32767,\"y\":-32768,\"event\":\"move\"}\n"
		"{\"type\":\"mouse\",\"ts\":4,\"x\":32768,\"y\":-32769,\"event\":\"move\"}\n"
		"{\"type\":\"mouse\",\"ts\":6,\"x\":null,\"y\":null,\"event\":\"scroll\","
		"\"scroll_delta\":-3}\n"
		"{\"type\":\"mouse\",\"ts\":7,\"x\":1,\"y\":2,\"event\":\"click\",\"button\":\"Left\"}\n"
		"{\"type\":\"mouse\",\"ts\":8,\"x\":3,\"y\":4,\"event\":\"click\",\"button\":\"Left\"}\n";
	struct recording *r = NULL;
	struct plan_lane lane = { .count = 16 };
	struct err e = ERR_INIT;
	struct plan *p;

	if (recording_parse(&r, text, strlen(text), &e))
		fail_msg("%s", e.text);
	lane.recording = r;
	p = build_one(&lane);
	/* the clicks share one; the second round has no new ones */
	assert_int_equal(p->n_shapes, 7);
	for (size_t i = 0; i < p->n; i++) {
		char scratch[PLAN_BULK_MAX];
		struct span m = plan_message(p, i, scratch);
		struct event ev = event_of(p, i), was = r->events[i % r->n];
		struct buf encoded = { 0 };

		was.ts_us = ev.ts_us;
		assert_same_event(&ev, &was);
		event_encode(&encoded, &was);
		assert_int_equal(encoded.len, m.len);
		assert_memory_equal(encoded.data, m.p, m.len);
		buf_release(&encoded);
	}
	plan_free(p);
	recording_free(r);
}

static void with_seq_every_message_ends_with_its_number(void **state UNUSED)
{
	const struct plan_lane lane = { .weight = { 1, 1, 1 }, .rate_hz = 1000, .count = 1200 };
	struct plan_spec spec = { .seed = 1, .lanes = &lane, .n_lanes = 1 };
	struct plan *with = NULL, *without = NULL;

	assert_int_equal(plan_build(&without, &spec, NULL), 0);
	spec.with_seq = true;
	assert_int_equal(plan_build(&with, &spec, NULL), 0);
	assert_true(with->checksum != without->checksum);
	for (size_t i = 0; i < with->n; i++) {
		char a[PLAN_BULK_MAX], b[PLAN_BULK_MAX], expected[PLAN_BULK_MAX + 32];
		struct span x = plan_message(with, i, a), y = plan_message(without, i, b);
		struct event planned = event_of(without, i), ev;
		struct event_scratch scratch;
		int n = snprintf(expected, sizeof(expected), "%.*s,\"seq\":%zu}", (int)y.len - 1,
				 y.p, i);

		assert_int_equal(x.len, n);
		assert_memory_equal(x.p, expected, x.len);
		assert_int_equal(event_decode_any(x.p, x.len, &ev, &scratch), EVENT_OWN);
		assert_same_event(&ev, &planned); /* whoever does not know it loses nothing */
	}
	plan_free(with);
	plan_free(without);
}

/* 10 s of a million events a second: what an event takes must stay, and what it does not. */
static void an_event_takes_sixteen_bytes_and_shapes_are_few(void **state UNUSED)
{
	const struct plan_lane lane = {
		.weight = HUMAN_MIX, .rate_hz = 100000, .count = 200000, .arrival = ARRIVAL_CONSTANT
	};
	struct plan *p = build_one(&lane);

	assert_int_equal(sizeof(*p->entries), 16);
	assert_true(p->n_shapes < 1000);
	assert_true(p->texts.len < 1000 * 125);
	plan_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same_plan_and_another_another),
		cmocka_unit_test(messages_decode_to_the_events_beside_them),
		cmocka_unit_test(due_times_never_go_back_and_ts_is_base_plus_due),
		cmocka_unit_test(counts_and_shares_are_exact),
		cmocka_unit_test(human_times_are_stretched_to_the_rate),
		cmocka_unit_test(at_human_pace_a_duration_cuts_and_speed_divides),
		cmocka_unit_test(app_times_are_strictly_increasing_even_in_bursts),
		cmocka_unit_test(with_app_cycle_every_app_event_is_a_transition),
		cmocka_unit_test(lanes_are_merged_by_due_time_and_do_not_change_one_another),
		cmocka_unit_test(rebasing_gives_the_bytes_of_a_plan_built_at_that_base),
		cmocka_unit_test(a_recording_is_looped_and_scaled),
		cmocka_unit_test(definitions_that_make_no_sense_are_refused_with_the_lane),
		cmocka_unit_test(times_outside_the_contract_are_refused),
		cmocka_unit_test(an_empty_plan_is_refused),
		cmocka_unit_test(unusual_messages_are_put_together_as_the_encoder_writes_them),
		cmocka_unit_test(with_seq_every_message_ends_with_its_number),
		cmocka_unit_test(an_event_takes_sixteen_bytes_and_shapes_are_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
