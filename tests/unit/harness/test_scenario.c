/* Scenario files: what is read, what is refused, and the search's next rate. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/report/model.h"
#include "harness/scenario.h"
#include "harness/sustain.h"

_Static_assert(SCENARIO_IMPLEMENTATIONS_MAX <= MODEL_IMPLEMENTATIONS_MAX &&
		       SCENARIO_COMPARISONS_MAX <= MODEL_COMPARISONS_MAX,
	       "a session must not measure what its report has no room for");

static int load(struct scenario *sc, const char *text, struct err *e)
{
	char path[] = "/tmp/test-scenario-XXXXXX";
	int fd = mkstemp(path), rc;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	rc = scenario_load(sc, path, e);
	unlink(path);
	return rc;
}

static void an_empty_file_is_every_default(void **state UNUSED)
{
	struct scenario sc;
	struct err e = ERR_INIT;
	char a[24], b[24];

	assert_int_equal(load(&sc, "[scenario]\n", &e), 0);
	assert_int_equal(sc.kind, SCENARIO_THROUGHPUT);
	for (int t = 0; t < EVENT_TYPES; t++)
		assert_true(scenario_has(&sc, (enum event_type)t));
	assert_true(scenario_comparison(&sc, 2, a, b));
	assert_string_equal(a, "c");
	assert_string_equal(b, "c");
	assert_false(scenario_comparison(&sc, 3, a, b));
	assert_true(sc.sizes[PROFILE_STANDARD].pairs == 6 && sc.window_s == 30);
	scenario_release(&sc);
}

static void settings_are_what_is_not_by_default_but_not_how_often(void **state UNUSED)
{
	struct scenario sc;
	struct err e = ERR_INIT;
	struct buf text = { 0 };

	assert_int_equal(load(&sc,
			      "[scenario]\nkind = cpu\n[subjects]\nwindow_s = 5\n[load]\n"
			      "mix_mouse = human\n[quick]\npairs = 99\nbudget_s = 7\n"
			      "settle_s = 700ms\n[full]\nidle_s = 30\n",
			      &e),
			 0);
	scenario_settings(&sc, PROFILE_QUICK, &text);
	assert_string_equal(buf_str(&text), "window_s=5 mix_mouse=human settle_s=0.7");
	buf_reset(&text);
	scenario_settings(&sc, PROFILE_FULL, &text);
	assert_string_equal(buf_str(&text), "window_s=5 mix_mouse=human idle_s=30");
	buf_release(&text);
	scenario_release(&sc);
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
}

static void a_folder_is_every_scenario_in_it_by_kind(void **state UNUSED)
{
	static const char *const files[] = { "a.ini", "b.ini", "no", "checklist.ini" };
	char dir[] = "/tmp/test-scenarios-XXXXXX", path[128];
	struct scenario *v;
	struct err e = ERR_INIT;
	size_t n;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(scenario_load_dir(&v, &n, dir, &e), -ENOENT);
	free(v);
	err_reset(&e);
	put(dir, "a.ini", "[scenario]\nkind = throughput\n[quick]\nbudget_s = 20\n");
	put(dir, "b.ini", "[scenario]\nkind = cpu\n");
	put(dir, "no", "what is not called *.ini is none");
	put(dir, "checklist.ini", "[startup]\nthese are rules, for bench checklist\n");
	assert_int_equal(scenario_load_dir(&v, &n, dir, &e), 0);
	assert_int_equal(n, 2);
	assert_string_equal(v[0].name, "b");
	assert_string_equal(v[1].name, "a");
	assert_true(v[1].sizes[PROFILE_QUICK].budget_s == 20);
	for (size_t i = 0; i < n; i++)
		scenario_release(&v[i]);
	free(v);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(dir), 0);
}

static void what_is_wrong_is_named(void **state UNUSED)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "[scenario]\ncompare = python\n", "must be words A:B" },
		{ "[scenario]\ncompare = python:c,c:c\n", "must be words A:B" },
		{ "[scenario]\nextractors = keyboard\n", "must be some of keystroke, mouse, app" },
		{ "[scenario]\nkind = speed\n", "throughput" },
		{ "[load]\nmix_app = none\n", "own or human" },
		{ "[quick]\npairs = 1001\n", "1 to 1000" },
		{ "[nights]\n", "nights" },
		{ "[scenario]\ncompare = a:a a:a a:a a:a a:a a:a a:a a:a a:a a:a a:a a:a a:a a:a a:a "
		  "a:a a:a\n",
		  "17 comparisons, at most 16" },
		{ "[scenario]\ncompare = a:b c:d e:f g:h i:a\n",
		  "more than 8 different implementations" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scenario sc;
		struct err e = ERR_INIT;

		assert_int_equal(load(&sc, rows[i].text, &e), -EINVAL);
		if (!strstr(e.text, rows[i].expected))
			fail_msg("%s: %s", rows[i].expected, e.text);
		scenario_release(&sc);
	}
}

static void as_much_as_a_report_has_room_for_is_taken(void **state UNUSED)
{
	static const char *const rows[] = {
		"[scenario]\ncompare = a:b c:d e:f g:h a:h\n",
		"[scenario]\ncompare = a:a a:a a:a a:a a:a a:a a:a a:a a:a a:a a:a a:a a:a a:a a:a a:a\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scenario sc;
		struct err e = ERR_INIT;

		if (load(&sc, rows[i], &e))
			fail_msg("%s", e.text);
		scenario_release(&sc);
	}
}

static void the_next_rate_goes_up_or_down_until_it_is_between(void **state UNUSED)
{
	static const struct {
		double held, not_held, expected;
	} rows[] = {
		{ 0, 0, 500 },
		{ 500, 0, 600 },
		{ 0, 600, 500 },
		{ 400, 900, 600 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_true(fabs(sustain_next_rate(rows[i].held, rows[i].not_held, 500) -
				 rows[i].expected) < 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_is_every_default),
		cmocka_unit_test(settings_are_what_is_not_by_default_but_not_how_often),
		cmocka_unit_test(a_folder_is_every_scenario_in_it_by_kind),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(as_much_as_a_report_has_room_for_is_taken),
		cmocka_unit_test(the_next_rate_goes_up_or_down_until_it_is_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
