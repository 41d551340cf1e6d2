/* Subject files: read, expanded, refused; and the shipped ones. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/file.h"
#include "harness/subject.h"
#include "harness/tempdir.h"

static const struct subject_dirs dirs = { "/re po", "/re po/build/release/bin" };

struct fixture {
	struct tempdir dir;
};

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	return tempdir_make(&f->dir, "subject", NULL);
}

static int drop(void **state)
{
	struct fixture *f = *state;
	int rc = tempdir_remove(&f->dir, NULL);

	free(f);
	return rc;
}

static void put(struct fixture *f, const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", f->dir.path, name);
	assert_int_equal(file_write(path, text, strlen(text), NULL), 0);
}

static int load(struct fixture *f, struct subject *s, const char *text, struct err *e)
{
	char path[128];

	put(f, "my-mouse.ini", text);
	snprintf(path, sizeof(path), "%s/my-mouse.ini", f->dir.path);
	return subject_load(s, path, &dirs, e);
}

static void a_subject_is_read_with_its_places_filled_in(void **state)
{
	struct subject s;
	struct err e = ERR_INIT;

	assert_int_equal(load(*state, &s,
			      "[subject]\nextractor = mouse\nimplementation = rust\n"
			      "command = ${bin}/mouse --root '${root}' \"a b\" $HOME\n"
			      "readiness = numsub\nhas_counters = no\nhas_trace = yes\n"
			      "influx = yes\nready_timeout = 500ms\n"
			      "[environment]\nLIB = ${root}/lib\nEMPTY =\n",
			      &e),
			 0);
	assert_string_equal(s.name, "my-mouse");
	assert_string_equal(s.implementation, "rust");
	assert_int_equal(s.extractor, EVENT_MOUSE);
	assert_int_equal(s.argv.n, 5);
	assert_string_equal(s.argv.v[0],
			    "/re po/build/release/bin/mouse"); /* not split at the blank */
	assert_string_equal(s.argv.v[2], "/re po");
	assert_string_equal(s.argv.v[3], "a b");
	assert_string_equal(s.argv.v[4], "$HOME");
	assert_int_equal(s.readiness, READY_NUMSUB);
	assert_int_equal(s.has_counters, SUBJECT_NO);
	assert_true(s.has_trace && s.influx);
	assert_true(s.ready_timeout_s == 0.5);
	assert_string_equal(strv_get_env(&s.env, "LIB"), "/re po/lib");
	assert_string_equal(strv_get_env(&s.env, "EMPTY"), "");
	subject_release(&s);
}

static void what_is_not_said_is_found_out(void **state)
{
	struct subject s;

	assert_int_equal(
		load(*state, &s,
		     "[subject]\nextractor = any\nimplementation = null\ncommand = /bin/x\n", NULL),
		0);
	assert_int_equal(s.extractor, SUBJECT_ANY);
	assert_int_equal(s.readiness, READY_AUTO);
	assert_int_equal(s.has_counters, SUBJECT_AUTO);
	assert_false(s.has_trace || s.influx);
	assert_int_equal(s.env.n, 0);
	subject_release(&s);
}

static void wrong_files_are_told(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "[subject]\nextractor = mouse\nimplementation = x\n",
		  ": [subject]: key \"command\" is missing" },
		{ "[subject]\nextractor = mice\n",
		  ":2: extractor=mice: must be keystroke, mouse, app or any" },
		{ "[subject]\nextractor = app\nimplementation = x\ncommand = a | b\n",
		  ": command: `|` means something to a shell only, and there is none: quote it" },
		{ "[subject]\nextractor = app\nimplementation = x\ncommand = \n",
		  ": command: is empty" },
		{ "[subject]\nextractor = app\nimplementation = x\ncommand = ${home}/a\n",
		  ": command: ${home}: must be ${root} or ${bin}" },
		{ "[subject]\nextractor = app\nimplementation = Über\ncommand = a\n",
		  ": implementation=Über: must be 1 to 23 lower-case letters, digits, - or _" },
		{ "[subject]\nextractor = app\nimplementation = x\ncommand = a\n[environment]\n1A = x\n",
		  ":6: \"1A\" is no name of an environment variable" },
		{ "[subject]\nextractor = app\nimplementation = x\ncommand = a\n[environment]\nA = ${x}\n",
		  ":6: ${x}: must be ${root} or ${bin}" },
		{ "[subject]\nextractor = any\nimplementation = x\ncommand = a\n",
		  ": extractor=any: is for the floors, implementation null or relay; a subject names its "
		  "extractor" },
		{ "[subject]\nextractor = app\nimplementation = x\ncommand = a\n[environment]\n"
		  "UPDATE_INTERVAL = 9\n",
		  ": [environment] UPDATE_INTERVAL: is the harness' to set" },
		{ "[subject]\nextractor = app\nimplementation = x\ncommand = a\nhas_trace = auto\n",
		  ":5: has_trace=auto: must be true or false (1, yes, on; 0, no, off)" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct subject s;
		struct err e = ERR_INIT;
		char expected[512];

		assert_int_equal(load(f, &s, rows[i].text, &e), -EINVAL);
		snprintf(expected, sizeof(expected), "%s/my-mouse.ini%s", f->dir.path,
			 rows[i].expected);
		assert_string_equal(e.text, expected);
	}
}

static void a_directory_is_read_in_order_and_searched(void **state)
{
	struct fixture *f = *state;
	struct subjects all;
	struct err e = ERR_INIT;
	const struct subject *s;

	put(f, "b.ini", "[subject]\nextractor = mouse\nimplementation = x\ncommand = b\n");
	put(f, "a.ini", "[subject]\nextractor = any\nimplementation = null\ncommand = a\n");
	put(f, "README.md", "not a subject");
	put(f, ".c.ini", "an editor's leftover");
	assert_int_equal(subjects_load(&all, f->dir.path, &dirs, &e), 0);
	assert_int_equal(all.n, 2);
	assert_string_equal(all.v[0].name, "a");
	s = subjects_find(&all, "x", EVENT_MOUSE, &e);
	assert_string_equal(s->name, "b");
	s = subjects_find(&all, "null", EVENT_APP, &e);
	assert_string_equal(s->name, "a");
	assert_null(subjects_find(&all, "x", EVENT_APP, &e));
	assert_string_equal(
		e.text, "no subject of implementation \"x\" for app; there are: a (null), b (x)");
	subjects_release(&all);
}

static void two_subjects_for_one_thing_are_refused(void **state)
{
	struct fixture *f = *state;
	struct subjects all;
	struct err e = ERR_INIT;

	put(f, "a.ini", "[subject]\nextractor = app\nimplementation = x\ncommand = a\n");
	put(f, "b.ini", "[subject]\nextractor = app\nimplementation = x\ncommand = b\n");
	assert_int_equal(subjects_load(&all, f->dir.path, &dirs, &e), -EINVAL);
	assert_non_null(strstr(e.text, "a.ini has the same extractor and implementation \"x\""));
	err_reset(&e);
	put(f, "b.ini", "[subject]\nname = a\nextractor = app\nimplementation = y\ncommand = b\n");
	assert_int_equal(subjects_load(&all, f->dir.path, &dirs, &e), -EINVAL);
	assert_non_null(strstr(e.text, "b.ini: the name a is that of "));
}

/* The tests run in the repository's root. */
static void the_shipped_subjects_cover_every_extractor(void **state UNUSED)
{
	static const char *const implementations[] = { "c", "python", "null", "relay" };
	struct subjects all;
	struct err e = ERR_INIT;

	if (subjects_load(&all, "scenarios/subjects", &dirs, &e))
		fail_msg("%s", e.text);
	for (size_t i = 0; i < ARRAY_SIZE(implementations); i++)
		for (enum event_type t = 0; t < EVENT_TYPES; t++)
			assert_non_null(subjects_find(&all, implementations[i], t, &e));
	for (size_t i = 0; i < all.n; i++)
		assert_non_null(all.v[i].description);
	subjects_release(&all);
}

/* The README's table of keys is the code's own. */
static void the_readme_lists_every_key(void **state UNUSED)
{
	struct buf table = { 0 }, readme = { 0 };

	subject_markdown(&table);
	assert_int_equal(file_read("scenarios/subjects/README.md", 1 << 20, &readme, NULL), 0);
	assert_non_null(strstr(buf_str(&readme), buf_str(&table)));
	buf_release(&table);
	buf_release(&readme);
}

#define T(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_subject_is_read_with_its_places_filled_in),
		T(what_is_not_said_is_found_out),
		T(wrong_files_are_told),
		T(a_directory_is_read_in_order_and_searched),
		T(two_subjects_for_one_thing_are_refused),
		cmocka_unit_test(the_shipped_subjects_cover_every_extractor),
		cmocka_unit_test(the_readme_lists_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
