/* The rules file: defaults, the project's own file, and what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/file.h"
#include "harness/judge/decision_rules.h"

static int parse(struct decision_rules *r, const char *text, struct err *e)
{
	return decision_rules_parse(r, text, strlen(text), "rules.ini", e);
}

static void same_metric(const struct decision_metric *a, const struct decision_metric *b)
{
	assert_string_equal(a->scenario, b->scenario);
	assert_string_equal(a->phase, b->phase);
	assert_int_equal(decision_metric_id(a), decision_metric_id(b));
}

/* The file spells out the defaults: who reads it needs nothing else. */
static void the_project_s_file_says_what_the_defaults_are(void **state UNUSED)
{
	struct decision_rules file, defaults;
	struct err e = ERR_INIT;
	struct buf text = { 0 };
	struct decision_key key;
	size_t numbers = 0;

	assert_int_equal(file_read("scenarios/decision.ini", 65536, &text, &e), 0);
	assert_int_equal(parse(&file, buf_str(&text), &e), 0);
	assert_int_equal(parse(&defaults, "", &e), 0);
	for (; decision_rules_key(numbers, &key); numbers++) {
		double a = *(double *)(void *)((char *)&file + key.offset);
		double b = *(double *)(void *)((char *)&defaults + key.offset);

		if (a != b)
			fail_msg("[%s] %s: %g, default %g", key.section, key.name, a, b);
		/* And it is spelled out. */
		if (!strstr(buf_str(&text), key.name))
			fail_msg("%s is missing", key.name);
	}
	assert_int_equal(numbers, 1 + 6 + 2 + 2 + 3 * DECISION_SLOTS);
	for (int i = 0; i < DECISION_SLOTS; i++)
		same_metric(&file.metrics[i], &defaults.metrics[i]);
	assert_string_equal(file.from, defaults.from);
	assert_string_equal(file.to, defaults.to);
	assert_string_equal(file.currency, defaults.currency);
	assert_int_equal(file.integration, defaults.integration);
	assert_int_equal(file.soak, defaults.soak);
	assert_int_equal(file.hybrid, defaults.hybrid);
	assert_int_equal(file.accept_unfit, defaults.accept_unfit);
	decision_rules_release(&file);
	decision_rules_release(&defaults);
	buf_release(&text);
}

static void what_cannot_be_meant_is_refused_with_its_line(void **state UNUSED)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "[gain]\nthreshold_frac = 25\n",
		  "rules.ini:2: threshold_frac=25: must be a number from 0 to 1" },
		{ "[gain]\nthreshold = 0.2\n",
		  "rules.ini:2: unknown key \"threshold\" (did you mean \"threshold_frac\"?)" },
		{ "\n[memori]\n",
		  "rules.ini:2: unknown section \"memori\" (did you mean \"memory\"?)" },
		{ "[memory]\nmetric = rss\n", "rules.ini:2: metric=rss: must be ready_ms, " },
		{ "[memory]\nweight = nan\n", "rules.ini:2: weight=nan: must be a number from 0" },
		{ "[correct]\nsoak = maybe\n",
		  "rules.ini:2: soak=maybe: must be required, if_measured or ignored" },
		{ "[decision]\nfrom = c\n", "rules.ini: from and to are both c: must differ" },
		{ "[decision]\nfrom = a b\n",
		  "rules.ini: from=a b: must be an implementation's name" },
		{ "[decision]\nto =\n", "rules.ini: to=: must be an implementation's name" },
		{ "[startup]\nweight = 0\n[memory]\nweight = 0\n[cpu_event]\nweight = 0\n"
		  "[cpu_human]\nweight = 0\n[latency]\nweight = 0\n[throughput]\nweight = 0\n",
		  "rules.ini: no metric has a weight above 0" },
		{ "threshold_frac = 1\n", "rules.ini:1: key \"threshold_frac\" stands before" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct decision_rules r;
		struct err e = ERR_INIT;

		assert_int_equal(parse(&r, rows[i].text, &e), -EINVAL);
		if (strncmp(e.text, rows[i].error, strlen(rows[i].error)) != 0)
			fail_msg("row %zu: %s", i, e.text);
		decision_rules_release(&r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_project_s_file_says_what_the_defaults_are),
		cmocka_unit_test(what_cannot_be_meant_is_refused_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
