/* Verdicts on hosts that do not exist, and the figures that lead to them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "harness/doctor.h"

static const struct doctor_limits limits = DOCTOR_LIMITS_DEFAULT;

/* Four quiet cores with everything on them. */
static struct doctor_host *ideal(void)
{
	static const struct noise_spread quiet = { 100, 1e6, 0.5, 1.01 };
	static const struct {
		enum doctor_item item;
		const char *text;
	} texts[] = {
		{ DOCTOR_ISOLATED, "3" },
		{ DOCTOR_SMT, "3" },
		{ DOCTOR_HYPERVISOR, "no sign of one" },
		{ DOCTOR_GOVERNOR, "performance" },
		{ DOCTOR_TURBO, "off" },
		{ DOCTOR_THP, "always [madvise] never" },
		{ DOCTOR_ASLR, "2 (full)" },
		{ DOCTOR_CLOCKSOURCE, "tsc" },
	};
	struct doctor_host *h = calloc(1, sizeof(*h));

	h->asked = (UINT64_C(1) << DOCTOR_ITEMS) - 1;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		snprintf(h->text[texts[i].item], DOCTOR_TEXT_MAX, "%s", texts[i].text);
	h->cores_online = h->cores_allowed = 4;
	h->load.seconds = 2;
	h->tick_frac = 0.00125;
	h->looks = 1;
	h->available_bytes = INT64_C(8) << 30;
	h->clock = (struct clock_check){ .n_reads = 1000, .cost_ns = 25, .step_ns = 20 };
	h->wakeups = (struct wakeup_check){ .n = 500, .p50_us = 55, .p99_us = 80, .max_us = 200 };
	h->rt_runtime_us = -1;
	h->rt_period_us = 1000000;
	h->nofile = 1024;
	h->memlock_bytes = INT64_MAX;
	h->disk_free_bytes = h->tmp_free_bytes = INT64_C(10) << 30;
	for (int i = 0; i < NOISE_PIECES; i++)
		h->noise.piece[i] = quiet;
	return h;
}

static const struct doctor_row *row_of(const struct doctor_report *r, enum doctor_item item)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->rows[i].id == item)
			return &r->rows[i];
	fail_msg("no row for item %d", item);
	return NULL;
}

static void an_ideal_host_is_good_in_every_row_and_nothing_is_to_be_changed(void **state UNUSED)
{
	struct doctor_report *r = calloc(1, sizeof(*r));
	struct doctor_host *h = ideal();

	doctor_judge(h, &limits, r);
	assert_int_equal(r->n, DOCTOR_ITEMS);
	assert_int_equal(r->unfit, 0);
	for (size_t i = 0; i < r->n; i++) {
		if (r->rows[i].verdict != DOCTOR_GOOD)
			fail_msg("%s: %s", r->rows[i].item, r->rows[i].found);
		assert_string_equal(r->rows[i].change, "");
	}
	free(h);
	free(r);
}

static void set_cores(struct doctor_host *h, double v)
{
	h->cores_allowed = (int)v;
}

static void set_steal(struct doctor_host *h, double v)
{
	h->load.steal_frac = v;
}

static void set_foreign(struct doctor_host *h, double v)
{
	h->load.foreign_frac = v;
}

static void set_load(struct doctor_host *h, double v)
{
	h->load_average = v;
}

static void set_pressure(struct doctor_host *h, double v)
{
	h->load.pressure_frac[PRESSURE_IO] = v;
}

static void set_memory_mib(struct doctor_host *h, double v)
{
	h->available_bytes = (int64_t)(v * 1048576);
}

static void set_swap(struct doctor_host *h, double v)
{
	h->swap_used_bytes = (int64_t)v;
}

static void set_cost(struct doctor_host *h, double v)
{
	h->clock.cost_ns = v;
}

static void set_step(struct doctor_host *h, double v)
{
	h->clock.step_ns = (int64_t)v;
}

static void set_backwards(struct doctor_host *h, double v)
{
	h->clock.backwards = (int64_t)v;
}

static void set_wakeup(struct doctor_host *h, double v)
{
	h->wakeups.p99_us = v;
}

static void set_rt(struct doctor_host *h, double v)
{
	h->rt_runtime_us = (int64_t)v;
}

static void set_nofile(struct doctor_host *h, double v)
{
	h->nofile = (int64_t)v;
}

static void set_memlock(struct doctor_host *h, double v)
{
	h->memlock_bytes = (int64_t)v;
}

static void set_leftovers(struct doctor_host *h, double v)
{
	h->leftovers = (size_t)v;
}

static void set_disk_mib(struct doctor_host *h, double v)
{
	h->disk_free_bytes = (int64_t)(v * 1048576);
}

static void set_tmp_mib(struct doctor_host *h, double v)
{
	h->tmp_free_bytes = (int64_t)(v * 1048576);
}

static void set_noise(struct doctor_host *h, double v)
{
	h->noise.piece[NOISE_MEMORY].spread_pct = v;
}

static void every_figure_has_its_verdict_at_its_border(void **state UNUSED)
{
	static const struct {
		enum doctor_item item;
		void (*set)(struct doctor_host *h, double v);
		double v;
		enum doctor_verdict expected;
	} rows[] = {
		{ DOCTOR_CORES, set_cores, 1, DOCTOR_UNFIT },
		{ DOCTOR_CORES, set_cores, 2, DOCTOR_USABLE },
		{ DOCTOR_CORES, set_cores, 3, DOCTOR_USABLE },
		{ DOCTOR_CORES, set_cores, 4, DOCTOR_GOOD },
		{ DOCTOR_STEAL, set_steal, 0.002, DOCTOR_GOOD },
		{ DOCTOR_STEAL, set_steal, 0.003, DOCTOR_USABLE },
		{ DOCTOR_STEAL, set_steal, 0.021, DOCTOR_USABLE }, /* within a tick of the limit */
		{ DOCTOR_STEAL, set_steal, 0.022, DOCTOR_UNFIT },
		{ DOCTOR_FOREIGN, set_foreign, -0.01, DOCTOR_GOOD }, /* ticks allow that */
		{ DOCTOR_FOREIGN, set_foreign, 0.05, DOCTOR_USABLE },
		{ DOCTOR_FOREIGN, set_foreign, 0.1, DOCTOR_USABLE },
		{ DOCTOR_FOREIGN, set_foreign, 0.11, DOCTOR_UNFIT },
		{ DOCTOR_LOAD, set_load, 1.9, DOCTOR_GOOD },
		{ DOCTOR_LOAD, set_load, 2.1, DOCTOR_USABLE },
		{ DOCTOR_LOAD, set_load, 400, DOCTOR_USABLE }, /* history: never unfit */
		{ DOCTOR_PRESSURE, set_pressure, 0.05, DOCTOR_GOOD },
		{ DOCTOR_PRESSURE, set_pressure, 0.5, DOCTOR_USABLE },
		{ DOCTOR_MEMORY, set_memory_mib, 511, DOCTOR_UNFIT },
		{ DOCTOR_MEMORY, set_memory_mib, 512, DOCTOR_USABLE },
		{ DOCTOR_MEMORY, set_memory_mib, 3072, DOCTOR_GOOD },
		{ DOCTOR_SWAP, set_swap, 1, DOCTOR_USABLE },
		{ DOCTOR_CLOCK, set_cost, 100, DOCTOR_GOOD },
		{ DOCTOR_CLOCK, set_cost, 300, DOCTOR_USABLE },
		{ DOCTOR_CLOCK, set_cost, 1001, DOCTOR_UNFIT },
		{ DOCTOR_CLOCK, set_step, 1000, DOCTOR_GOOD },
		{ DOCTOR_CLOCK, set_step, 4000000, DOCTOR_UNFIT }, /* jiffies */
		{ DOCTOR_CLOCK, set_step, 0, DOCTOR_UNFIT },	   /* it stood still */
		{ DOCTOR_CLOCK, set_backwards, 1, DOCTOR_UNFIT },
		{ DOCTOR_WAKEUPS, set_wakeup, 100, DOCTOR_GOOD },
		{ DOCTOR_WAKEUPS, set_wakeup, 5000, DOCTOR_USABLE },
		{ DOCTOR_RT, set_rt, 950000, DOCTOR_USABLE },
		{ DOCTOR_RT, set_rt, 1000000, DOCTOR_GOOD },
		{ DOCTOR_NOFILE, set_nofile, 256, DOCTOR_USABLE },
		{ DOCTOR_MEMLOCK, set_memlock, 65536, DOCTOR_USABLE },
		{ DOCTOR_LEFTOVERS, set_leftovers, 1, DOCTOR_USABLE },
		{ DOCTOR_DISK, set_disk_mib, 63, DOCTOR_UNFIT },
		{ DOCTOR_DISK, set_disk_mib, 1000, DOCTOR_USABLE },
		{ DOCTOR_TMP, set_tmp_mib, 63, DOCTOR_UNFIT },
		{ DOCTOR_NOISE, set_noise, 1, DOCTOR_GOOD },
		{ DOCTOR_NOISE, set_noise, 1.1, DOCTOR_USABLE },
		{ DOCTOR_NOISE, set_noise, 80, DOCTOR_USABLE }, /* intervals say it themselves */
	};
	struct doctor_report *r = calloc(1, sizeof(*r));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct doctor_host *h = ideal();
		const struct doctor_row *row;

		rows[i].set(h, rows[i].v);
		doctor_judge(h, &limits, r);
		row = row_of(r, rows[i].item);
		if (row->verdict != rows[i].expected)
			fail_msg("row %zu, %s: %s: %s", i, row->item, row->found,
				 doctor_verdict_names[row->verdict]);
		assert_int_equal(!row->change[0], row->verdict == DOCTOR_GOOD);
		assert_int_equal(r->unfit, rows[i].expected == DOCTOR_UNFIT);
		free(h);
	}
	free(r);
}

static void words_have_their_verdict(void **state UNUSED)
{
	static const struct {
		enum doctor_item item;
		const char *text;
		enum doctor_verdict expected;
	} rows[] = {
		{ DOCTOR_ISOLATED, "none", DOCTOR_USABLE },
		{ DOCTOR_SMT, "1,3", DOCTOR_USABLE },
		{ DOCTOR_SMT, "0-1", DOCTOR_USABLE },
		{ DOCTOR_HYPERVISOR, "virtual machine (the CPU says hypervisor)", DOCTOR_USABLE },
		{ DOCTOR_GOVERNOR, "powersave", DOCTOR_USABLE },
		{ DOCTOR_TURBO, "on", DOCTOR_USABLE },
		{ DOCTOR_THP, "[always] madvise never", DOCTOR_USABLE },
		{ DOCTOR_THP, "always madvise [never]", DOCTOR_GOOD },
		{ DOCTOR_ASLR, "0 (off)", DOCTOR_USABLE },
		{ DOCTOR_CLOCKSOURCE, "kvm-clock", DOCTOR_GOOD },
		{ DOCTOR_CLOCKSOURCE, "hpet", DOCTOR_USABLE },
		{ DOCTOR_CLOCKSOURCE, "clock", DOCTOR_USABLE }, /* no part of a word */
		{ DOCTOR_CLOCKSOURCE, "", DOCTOR_USABLE },
		{ DOCTOR_VALGRIND, "valgrind-3.19.0", DOCTOR_GOOD },
	};
	struct doctor_report *r = calloc(1, sizeof(*r));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct doctor_host *h = ideal();

		snprintf(h->text[rows[i].item], DOCTOR_TEXT_MAX, "%s", rows[i].text);
		doctor_judge(h, &limits, r);
		if (row_of(r, rows[i].item)->verdict != rows[i].expected)
			fail_msg("row %zu: \"%s\"", i, rows[i].text);
		free(h);
	}
	free(r);
}

static void
what_could_not_be_found_out_is_unavailable_and_a_missing_redis_unfit(void **state UNUSED)
{
	struct doctor_report *r = calloc(1, sizeof(*r));

	for (enum doctor_item i = 0; i < DOCTOR_ITEMS; i++) {
		struct doctor_host *h = ideal();
		const struct doctor_row *row;

		snprintf(h->why[i], DOCTOR_TEXT_MAX, "no such thing here");
		doctor_judge(h, &limits, r);
		row = row_of(r, i);
		assert_int_equal(row->verdict,
				 i == DOCTOR_REDIS ? DOCTOR_UNFIT : DOCTOR_UNAVAILABLE);
		assert_string_equal(row->found, "no such thing here");
		assert_int_equal(isnan(r->noise_score_pct) != 0, i == DOCTOR_NOISE);
		free(h);
	}
	free(r);
}

static void the_limits_are_those_that_were_declared(void **state UNUSED)
{
	static const struct doctor_limits none = { 1, 1 };
	struct doctor_report *r = calloc(1, sizeof(*r));
	struct doctor_host *h = ideal();
	struct buf reasons = { 0 };

	set_foreign(h, 0.9);
	set_memory_mib(h, 100);
	doctor_judge(h, &none, r);
	assert_int_equal(r->unfit, 1);
	doctor_judge(h, &limits, r);
	assert_int_equal(r->unfit, 2);
	doctor_write_reasons(r, &reasons);
	assert_string_equal(
		buf_str(&reasons),
		"foreign load: 90.0 % of all CPU time in 2.0 s under load (limit 10 %; one "
		"tick is 0.12 %); memory: 100 MiB available");
	buf_release(&reasons);
	free(h);
	free(r);
}

static void only_what_was_asked_has_a_row(void **state UNUSED)
{
	struct doctor_report *r = calloc(1, sizeof(*r));
	struct doctor_host *h = ideal();

	h->asked = UINT64_C(1) << DOCTOR_MEMORY;
	doctor_judge(h, &limits, r);
	assert_int_equal(r->n, 1);
	assert_int_equal(r->rows[0].id, DOCTOR_MEMORY);
	assert_true(isnan(r->noise_score_pct));
	free(h);
	free(r);
}

static void table_and_json_say_the_same(void **state UNUSED)
{
	struct doctor_report *r = calloc(1, sizeof(*r));
	struct doctor_host *h = ideal();
	struct buf text = { 0 }, json = { 0 };
	cJSON *root, *row;
	size_t n = 0;

	set_cores(h, 1);
	snprintf(h->why[DOCTOR_PERF], DOCTOR_TEXT_MAX, "a \"quoted\" reason");
	doctor_judge(h, &limits, r);
	doctor_write_text(r, &text);
	doctor_write_json(r, &json);
	root = cJSON_ParseWithLength(json.data, json.len);
	assert_non_null(root);
	assert_string_equal(cJSON_GetObjectItem(root, "verdict")->valuestring, "unfit");
	assert_true(cJSON_GetObjectItem(root, "noise_score_pct")->valuedouble == 0.5);
	cJSON_ArrayForEach(row, cJSON_GetObjectItem(root, "rows"))
	{
		assert_non_null(
			strstr(buf_str(&text), cJSON_GetObjectItem(row, "found")->valuestring));
		assert_string_equal(cJSON_GetObjectItem(row, "verdict")->valuestring,
				    doctor_verdict_names[r->rows[n++].verdict]);
	}
	assert_int_equal(n, DOCTOR_ITEMS);
	assert_non_null(strstr(buf_str(&text), "This host is unfit to measure: 1 reason.\n"));
	assert_non_null(strstr(buf_str(&text), "noise score 0.50 %"));
	cJSON_Delete(root);
	buf_release(&text);
	buf_release(&json);
	free(h);
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ideal_host_is_good_in_every_row_and_nothing_is_to_be_changed),
		cmocka_unit_test(every_figure_has_its_verdict_at_its_border),
		cmocka_unit_test(words_have_their_verdict),
		cmocka_unit_test(
			what_could_not_be_found_out_is_unavailable_and_a_missing_redis_unfit),
		cmocka_unit_test(the_limits_are_those_that_were_declared),
		cmocka_unit_test(only_what_was_asked_has_a_row),
		cmocka_unit_test(table_and_json_say_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
