/* The checklist's file: what its lines mean, and that every wrong one is told with its line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/judge/checklist_rules.h"

static int parse(struct checklist_rules *rules, const char *text, struct err *e)
{
	return checklist_rules_parse(rules, text, strlen(text), "x.ini", e);
}

static void a_line_names_scenario_figure_subjects_and_targets(void **state UNUSED)
{
	static const char text[] =
		"; a comment\n"
		"[redis]\n"
		"right JSON = integration \"own channel, every message\": c, python/app\n"
		"[startup]\n"
		"exec to ready = startup/warm ready_ms: c <= 100 ms,python , python:c>=80 %\n"
		"[cpu]\n"
		"active = cpu/cpu cpu_human_pct:c < 0.5 % of a core, c/mouse > 1e-3 % of a core\n";
	struct checklist_rules rules;
	struct err e = ERR_INIT;
	const struct checklist_rule *r;

	assert_int_equal(parse(&rules, text, &e), 0);
	assert_int_equal(rules.n, 3);
	r = &rules.v[0]; /* in the order of items */
	assert_int_equal(r->item, CHECKLIST_STARTUP);
	assert_string_equal(r->name, "exec to ready");
	assert_string_equal(r->scenario, "startup");
	assert_string_equal(r->phase, "warm");
	assert_true(r->is_figure);
	assert_int_equal(r->figure.metric, METRIC_READY);
	assert_int_equal(r->n_clauses, 3);
	assert_string_equal(r->clauses[0].a, "c");
	assert_int_equal(r->clauses[0].op, CHECKLIST_AT_MOST);
	assert_true(r->clauses[0].target == 100);
	assert_int_equal(r->clauses[1].op, CHECKLIST_NO_OP);
	assert_string_equal(r->clauses[2].a, "python");
	assert_string_equal(r->clauses[2].b, "c");
	assert_int_equal(r->clauses[2].op, CHECKLIST_AT_LEAST);
	assert_string_equal(checklist_unit(r, &r->clauses[0]), "ms");
	assert_string_equal(checklist_unit(r, &r->clauses[2]), "%");
	r = &rules.v[1];
	assert_int_equal(r->clauses[0].op, CHECKLIST_LESS);
	assert_int_equal(r->clauses[1].op, CHECKLIST_MORE);
	assert_int_equal(r->clauses[1].extractor, EVENT_MOUSE);
	r = &rules.v[2];
	assert_false(r->is_figure);
	assert_string_equal(r->asked, "own channel, every message");
	assert_string_equal(r->phase, "");
	assert_int_equal(r->clauses[1].extractor, EVENT_APP);
	checklist_rules_release(&rules);
}

static void a_subject_with_an_extractor_comes_before_one_without(void **state UNUSED)
{
	struct checklist_rules rules;
	struct err e = ERR_INIT;
	const struct checklist_rule *r;

	assert_int_equal(
		parse(&rules,
		      "[memory]\nidle = memory/memory rss_idle_bytes: c <= 20 MB, c/mouse <= 30 MB\n",
		      &e),
		0);
	r = &rules.v[0];
	for (int t = 0; t < EVENT_TYPES; t++) {
		assert_int_equal(checklist_applies(r, &r->clauses[0], t), t != EVENT_MOUSE);
		assert_int_equal(checklist_applies(r, &r->clauses[1], t), t == EVENT_MOUSE);
	}
	checklist_rules_release(&rules);
}

static void what_is_wrong_is_told_with_its_line_and_what_is_allowed(void **state UNUSED)
{
#define S "[startup]\n"
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "", "x.ini: asks for nothing" },
		{ "[startup]\n", "x.ini: asks for nothing" },
		{ "[sartup]\n", "x.ini:1: unknown section \"sartup\" (did you mean \"startup\"?)" },
		{ "a = startup/warm ready_ms: c\n", "x.ini:1: key \"a\" stands before" },
		{ S "a = startup/warm ready_ms: c\na = startup/warm ready_ms: python\n",
		  "x.ini:3: key \"a\" repeated" },
		{ S "a =\n", "x.ini:2: a: a scenario's name expected" },
		{ S "a = start;up\n", "a figure or an \"item\" expected" },
		{ S "a = startup/ ready_ms: c\n", "a phase's name expected" },
		{ S "a = startup/warm\n", "a figure or an \"item\" expected" },
		{ S "a = startup ready_ms: c\n",
		  "a figure is of a phase: write startup/PHASE ready_ms" },
		{ S "a = startup/warm redy_ms: c\n",
		  "x.ini:2: a: unknown figure \"redy_ms\" (did you mean \"ready_ms\"?)" },
		{ S "a = startup/warm zzzzzzzz: c\n",
		  "unknown figure \"zzzzzzzz\" (scenarios/README.md" },
		{ S "a = startup/warm ready_ms c\n", "\":\" and the subjects expected at \"c\"" },
		{ S "a = startup/warm ready_ms:\n", "an implementation's name expected" },
		{ S "a = startup/warm ready_ms: c,\n", "an implementation's name expected" },
		{ S "a = startup/warm ready_ms: c <= \n", "a number expected after <=" },
		{ S "a = startup/warm ready_ms: c <= x ms\n",
		  "a number expected after <=, at \"x ms\"" },
		{ S "a = startup/warm ready_ms: c <= nan ms\n", "a number expected" },
		{ S "a = startup/warm ready_ms: c <= inf ms\n", "a number expected" },
		{ S "a = startup/warm ready_ms: c <= 100 s\n",
		  "x.ini:2: a: unit \"s\": ready_ms is stated in \"ms\"" },
		{ S "a = startup/warm ready_ms: c <= 100\n",
		  "unit \"\": ready_ms is stated in \"ms\"" },
		{ S "a = startup/warm ready_ms: c = 100 ms\n",
		  "a comma, or <= < >= > and a target" },
		{ S "a = startup/warm ready_ms: c c\n", "a comma, or <= < >= > and a target" },
		{ S "a = startup/warm ready_ms: c/mice <= 100 ms\n",
		  "unknown extractor \"mice\": keystroke, mouse or app" },
		{ S "a = startup/warm ready_ms: c, c <= 1 ms\n", "c is named twice" },
		{ S "a = startup/warm ready_ms: python:c >= 80 ms\n",
		  "unit \"ms\": an improvement is stated in \"%\"" },
		{ S "a = throughput/drain drain_events_per_s: python:c >= 80 %\n",
		  "only of a figure of which less is better" },
		{ S "a = cpu/cpu page_faults: c <= 3 x\n", "page_faults is stated in no unit" },
		{ S "a = integration \"valid JSON: c\n", "an item's name in \"...\"" },
		{ S "a = integration \"\": c\n", "an item's name in \"...\"" },
		{ S "a = integration/x \"valid JSON\": c\n", "items have no phase" },
		{ S "a = integration \"valid JSON\": c <= 1\n", "it has no target" },
		{ S "a = integration \"valid JSON\": python:c\n",
		  "only of a figure of which less is better" },
		{ S "\xc3\xa4 = startup/warm ready_ms: c\n",
		  "x.ini:2: has other bytes than printable" },
		{ S "a = integration \"\x1b[2J\": c\n", "x.ini:2: has other bytes than printable" },
		{ S
		  "a = a/b ready_ms: x1,x2,x3,x4,x5,x6,x7,x8,x9,x10,x11,x12,x13,x14,x15,x16,x17\n",
		  "more than 16 subjects" },
		{ S "a = a23456789012345678901234/b ready_ms: c\n", "1 to 23 of A-Z" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct checklist_rules rules;
		struct err e = ERR_INIT;

		assert_int_equal(parse(&rules, rows[i].text, &e), -EINVAL);
		if (!strstr(e.text, rows[i].expected) || strchr(e.text, '\n'))
			fail_msg("row %zu: %s", i, e.text);
		checklist_rules_release(&rules);
	}
#undef S
}

/* Of a right file, every byte is cut off or changed: it must be read or refused, never worse. */
static void no_damage_to_a_file_does_more_than_make_it_wrong(void **state UNUSED)
{
	static const char text[] =
		"[startup]\nready = startup/warm ready_ms: c/app <= 1 ms, python:c\n"
		"[redis]\njson = integration \"valid JSON\": c\n";
	static const char bytes[] = { '\0', '\n', ' ', '"', ',', ':', '/', '=', '<', '\xff', '[' };
	struct checklist_rules rules;

	for (size_t i = 0; i < sizeof(text); i++) {
		struct err e = ERR_INIT;

		(void)!checklist_rules_parse(&rules, text, i, "x.ini", &e);
		checklist_rules_release(&rules);
		for (size_t k = 0; k < sizeof(bytes) && i < sizeof(text) - 1; k++) {
			char *copy = malloc(sizeof(text) - 1); /* exactly: a byte too far is seen */
			int rc;

			assert_non_null(copy);
			memcpy(copy, text, sizeof(text) - 1);
			copy[i] = bytes[k];
			err_reset(&e);
			rc = checklist_rules_parse(&rules, copy, sizeof(text) - 1, "x.ini", &e);
			assert_int_equal(rc, e.code);
			checklist_rules_release(&rules);
			free(copy);
		}
	}
}

static void derived_figures_are_found_besides_the_metrics(void **state UNUSED)
{
	struct figure f;

	assert_true(figure_find("merged_response_p99_ms", &f));
	assert_int_equal(f.source, FIGURE_PERCENTILE);
	assert_int_equal(f.percentile, LATENCY_P99);
	assert_true(figure_find("seconds_per_1000_events", &f));
	assert_int_equal(f.source, FIGURE_PER_1000);
	for (int i = 0; i < METRICS; i++) {
		assert_true(figure_find(metrics[i].key, &f));
		assert_int_equal(f.metric, i);
	}
	assert_false(figure_find("", &f));
	assert_string_equal(figure_nearest("merged_response_p9_ms"), "merged_response_p90_ms");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_names_scenario_figure_subjects_and_targets),
		cmocka_unit_test(a_subject_with_an_extractor_comes_before_one_without),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line_and_what_is_allowed),
		cmocka_unit_test(no_damage_to_a_file_does_more_than_make_it_wrong),
		cmocka_unit_test(derived_figures_are_found_besides_the_metrics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
