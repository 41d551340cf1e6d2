/* results.json and its schema: every member there and back, what is refused, what is said of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/file.h"
#include "harness/proc.h"
#include "harness/result_fields.h"
#include "harness/result_json.h"
#include "harness/tempdir.h"

#define PYTHON	 "/usr/bin/python3"
#define VALIDATE "tests/tools/validate_json.py"

static const struct fields *const all_fields[] = {
	&session_fields, &comparison_fields, &run_fields,     &ledger_line_fields,
	&oracle_fields,	 &instrument_fields, &noise_fields,   &trial_fields,
	&item_fields,	 &setting_fields,    &opinion_fields,
};

/* A value of the field's type that is not its zero; texts as long as there is room. */
static void set_field(const struct field *f, void *object)
{
	static const char letters[] = "quote \" backslash \\ tab \t ";
	char *p = (char *)object + f->offset;

	switch (f->type) {
	case F_TEXT:
		for (size_t i = 0; i + 1 < f->size; i++)
			p[i] = letters[i % (sizeof(letters) - 1)];
		break;
	case F_SIDE:
		*p = 'b';
		break;
	case F_BOOL:
		*(bool *)p = true;
		break;
	case F_INT:
		*(int *)p = 0; /* an index that exists, whatever of */
		break;
	case F_I64:
		*(int64_t *)p = -RESULT_INTEGER_MAX;
		break;
	case F_U64_TEXT:
		*(uint64_t *)p = UINT64_MAX;
		break;
	case F_DOUBLE:
		*(double *)p = 0.1 + 1e-17;
		break;
	case F_ENUM:
		*(int *)p = f->n_words - 1;
		break;
	}
}

static void set_fields(const struct fields *fields, void *object)
{
	for (size_t i = 0; i < fields->n; i++)
		set_field(&fields->v[i], object);
}

static void set_rest_of_run(struct run *run)
{
	set_fields(&oracle_fields, &run->oracle);
	set_fields(&instrument_fields, &run->instrument);
	set_fields(&noise_fields, &run->noise);
	for (run->ledger.n = 0; run->ledger.n < LEDGER_LINES_MAX; run->ledger.n++)
		set_fields(&ledger_line_fields, &run->ledger.lines[run->ledger.n]);
	for (int i = 0; i < METRICS; i++)
		if (i % 2)
			run_set(run, (enum metric_id)i, -i / 3.0);
		else
			run_unavailable(run, (enum metric_id)i, "nobody \"knows\"");
	run->latency.n = run->split.n = SPLIT_OUTCOMES;
	run->latency.response_ns = mem_calloc(SPLIT_OUTCOMES, sizeof(int64_t));
	run->latency.service_ns = mem_calloc(SPLIT_OUTCOMES, sizeof(int64_t));
	run->split.outcome = mem_calloc(SPLIT_OUTCOMES, sizeof(int));
	for (int i = 0; i < SPLIT_OUTCOMES; i++)
		run->split.outcome[i] = i;
	for (int p = 0; p < SPLIT_PARTS; p++)
		run->split.part_ns[p] = mem_calloc(SPLIT_OUTCOMES, sizeof(int64_t));
}

/* Every member of everything, twice. */
static void fill(struct result *r)
{
	*r = (struct result){ .seed = 0 };
	set_fields(&session_fields, r);
	result_add_fact(r, "host \"x\"", "%s", "line\nbreak");
	result_add_fact(r, "host \"x\"", "%s", "again");
	for (int id = 0; id < RESULT_PARTS; id++)
		for (int i = 0; i < 2; i++) {
			void *element = result_part_add(r, &result_parts[id]);

			set_fields(result_parts[id].fields, element);
			if (id == PART_RUNS)
				set_rest_of_run(element);
		}
}

static void every_member_comes_back_to_the_byte(void **state UNUSED)
{
	struct result r, again;
	struct buf first = { 0 }, second = { 0 };
	struct err e = ERR_INIT;

	fill(&r);
	result_write_json(&r, &first);
	if (result_read_json(&again, first.data, first.len, &e))
		fail_msg("%s", e.text);
	result_write_json(&again, &second);
	assert_string_equal(buf_str(&first), buf_str(&second));
	assert_int_equal(again.n_runs, 2);
	assert_int_equal(again.runs[1].ledger.n, LEDGER_LINES_MAX);
	assert_true(again.runs[1].instrument.ebpf_switches == 0.1 + 1e-17);
	result_release(&r);
	result_release(&again);
	buf_release(&first);
	buf_release(&second);
}

static void every_member_has_a_name_and_words_of_its_own(void **state UNUSED)
{
	for (size_t t = 0; t < ARRAY_SIZE(all_fields); t++)
		for (size_t i = 0; i < all_fields[t]->n; i++) {
			const struct field *f = &all_fields[t]->v[i];

			assert_true(f->help && strlen(f->help) >= 4);
			for (size_t k = 0; k < i; k++)
				assert_string_not_equal(all_fields[t]->v[k].name, f->name);
		}
}

/* The text with the first `old` from `from` on replaced. */
static void replace(struct buf *text, const char *from, const char *old, const char *with,
		    struct buf *out)
{
	const char *start = strstr(buf_str(text), from), *at = start ? strstr(start, old) : NULL;

	if (!at)
		fail_msg("no %s after %s", old, from);
	buf_reset(out);
	buf_add(out, text->data, (size_t)(at - text->data));
	buf_add_str(out, with);
	buf_add_str(out, at + strlen(old));
}

static void what_is_not_as_it_must_be_is_refused_with_its_place(void **state UNUSED)
{
	static const struct {
		const char *from, *old, *with, *expected;
	} rows[] = {
		{ "", "\"seed\":", "\"sees\":", "session: member \"seed\" is missing" },
		{ "\"trials\"", "\"held\":true", "\"held\":1",
		  "trials[0]: member \"held\" is not of the right form" },
		{ "\"runs\"", "\"side\":\"b\"", "\"side\":\"c\"", "runs[0]: member \"side\" is" },
		{ "\"runs\"", "\"side\":\"b\"", "\"side\":\"ab\"", "runs[0]: member \"side\" is" },
		{ "\"runs\"", "\"comparison\":0", "\"comparison\":2",
		  "runs[0]: comparison 2 is not in comparisons" },
		{ "\"runs\"",
		  "\"wrong\":", "\"rong\":", "runs[0]: oracle: member \"wrong\" is missing" },
		{ "\"runs\"",
		  "\"got\":", "\"bot\":", "runs[0]: ledger: member \"got\" is missing" },
		{ "\"comparisons\"", "\"pairs_planned\":0", "\"pairs_planned\":-1",
		  "comparisons[0]: pairs_planned is not 0 to" },
		{ "\"items\"", "\"outcome\":\"unavailable\"", "\"outcome\":\"perhaps\"",
		  "items[0]: member \"outcome\" is not of the right form" },
		{ "\"settings\"", "\"settings\":[", "\"settings\":{}, \"x\":[",
		  "member \"settings\" is not an array" },
		{ "\"facts\"", "\"facts\":{", "\"facts\":{\"unfit\":true, ",
		  "facts: \"unfit\" is not text" },
		{ "\"facts\"", "\"facts\":{", "\"x\":{", "member \"facts\" is not an object" },
	};
	struct result r, again;
	struct buf json = { 0 }, changed = { 0 };

	fill(&r);
	result_write_json(&r, &json);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;

		replace(&json, rows[i].from, rows[i].old, rows[i].with, &changed);
		assert_true(result_read_json(&again, changed.data, changed.len, &e) < 0);
		if (!strstr(e.text, rows[i].expected))
			fail_msg("%s is not in: %s", rows[i].expected, e.text);
		result_release(&again);
	}
	result_release(&r);
	buf_release(&json);
	buf_release(&changed);
}

/* ---- the schema, by a validator that is not ours ---------------------------------------- */

static struct tempdir dir;

static int open_dir(void **state UNUSED)
{
	struct err e = ERR_INIT;

	return tempdir_make(&dir, "schema", &e);
}

static int close_dir(void **state UNUSED)
{
	return tempdir_remove(&dir, NULL);
}

static void save(const char *name, const struct buf *text, char *path, size_t size)
{
	struct err e = ERR_INIT;

	snprintf(path, size, "%s/%s", dir.path, name);
	assert_int_equal(file_write(path, text->data, text->len, &e), 0);
}

static int validate(const char *schema_path, const char *path, struct err *e)
{
	struct strv argv = { 0 };
	struct buf unused = { 0 };
	int rc;

	strv_add(&argv, PYTHON);
	strv_add(&argv, VALIDATE);
	strv_add(&argv, schema_path);
	strv_add(&argv, path);
	rc = proc_capture(&argv, 65536, 60 * NS_PER_S, &unused, e);
	strv_release(&argv);
	buf_release(&unused);
	return rc;
}

/* What it refuses: tests/integration/test_report.py. */
static void the_schema_lets_every_member_through(void **state UNUSED)
{
	struct buf schema = { 0 }, json = { 0 };
	char schema_path[128], path[128];
	struct err e = ERR_INIT;
	struct result r;
	bool missing;

	fill(&r);
	result_write_schema(&schema);
	save("schema.json", &schema, schema_path, sizeof(schema_path));
	result_write_json(&r, &json);
	save("results.json", &json, path, sizeof(path));
	result_release(&r);
	buf_release(&schema);
	buf_release(&json);
	missing = validate(schema_path, path, &e) && strstr(e.text, "No module named 'jsonschema'");
	if (missing) {
		print_message("skipped: python3-jsonschema is not installed\n");
		skip();
	}
	if (e.code)
		fail_msg("%s", e.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_comes_back_to_the_byte),
		cmocka_unit_test(every_member_has_a_name_and_words_of_its_own),
		cmocka_unit_test(what_is_not_as_it_must_be_is_refused_with_its_place),
		cmocka_unit_test_setup_teardown(the_schema_lets_every_member_through, open_dir,
						close_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
