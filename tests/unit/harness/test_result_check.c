/* Parts of a results.json that do not agree are refused before anything is judged. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/result_check.h"

struct world {
	struct comparison comparisons[1];
	struct run runs[3]; /* a pair and the run of a trial */
	struct trial trials[1];
	struct item_result items[2];
	struct result r;
};

static void name_run(struct run *run, const char *id, const char *phase, const char *implementation)
{
	strcpy(run->id, id);
	strcpy(run->scenario, "throughput");
	strcpy(run->phase, phase);
	strcpy(run->implementation, implementation);
	run->comparison = run->pair = -1;
	run->ledger.n = 1;
	strcpy(run->ledger.lines[0].name, "sent");
}

static void name_item(struct item_result *item, const char *implementation)
{
	strcpy(item->scenario, "integration");
	strcpy(item->implementation, implementation);
	strcpy(item->item, "tags");
}

static void fill(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->comparisons[0] = (struct comparison){
		.scenario = "throughput", .phase = "drain", .a = "python", .b = "c"
	};
	name_run(&w->runs[0], "one", "drain", "python");
	name_run(&w->runs[1], "two", "drain", "c");
	name_run(&w->runs[2], "three", "sustain", "c");
	for (int i = 0; i < 2; i++) {
		w->runs[i].comparison = w->runs[i].pair = 0;
		w->runs[i].side = "ab"[i];
	}
	w->trials[0] = (struct trial){ .scenario = "throughput", .implementation = "c", .run = 2 };
	name_item(&w->items[0], "python");
	name_item(&w->items[1], "c");
	w->r = (struct result){ .comparisons = w->comparisons,
				.n_comparisons = 1,
				.runs = w->runs,
				.n_runs = 3,
				.trials = w->trials,
				.n_trials = 1,
				.items = w->items,
				.n_items = 2 };
}

static void wrong(struct world *w)
{
	w->runs[0].oracle.wrong = 1;
}

static void negative(struct world *w)
{
	w->runs[2].oracle.wrong = -1;
}

static void infinite(struct world *w)
{
	run_set(&w->runs[1], METRIC_READY, INFINITY);
}

static void open_line(struct world *w)
{
	w->runs[1].status = RUN_DISTURBED;
	w->runs[1].ledger.lines[0].state = LEDGER_OPEN;
}

static void closed_line(struct world *w)
{
	w->runs[1].ledger.lines[0] =
		(struct ledger_line){ .name = "sent", .expected = 2, .got = 1 };
}

static void another(struct world *w)
{
	strcpy(w->runs[1].implementation, "null");
}

static void no_side(struct world *w)
{
	w->runs[1].side = 0;
}

static void twice(struct world *w)
{
	w->runs[2] = w->runs[1];
	w->r.n_trials = 0;
}

static void plans(struct world *w)
{
	w->runs[1].plan_checksum = 1;
}

static void hides(struct world *w)
{
	w->trials[0].run = 1;
}

static void beyond(struct world *w)
{
	w->trials[0].run = 3;
}

static void searches(struct world *w)
{
	w->trials[0].search = INT32_MAX;
}

static void item_twice(struct world *w)
{
	name_item(&w->items[0], "c");
}

static void refused(const struct world *w, const char *says)
{
	struct err e = ERR_INIT;

	assert_int_equal(result_check(&w->r, &e), -EINVAL);
	assert_string_equal(e.text, says);
}

static void what_does_not_agree_is_refused(void **state UNUSED)
{
	static const struct {
		void (*spoil)(struct world *w);
		const char *says;
	} rows[] = {
		{ wrong, "runs[0], one: is ok although the oracle found messages wrong" },
		{ negative, "runs[2], three: oracle: a count is below 0" },
		{ infinite, "runs[1], two: metrics: \"ready_ms\" is not finite" },
		{ open_line,
		  "runs[1], two: is disturbed although the ledger line \"sent\" is open" },
		{ closed_line, "runs[1], two: ledger: \"sent\" is called closed: 1 of 2" },
		{ another, "runs[1], two: is not what side b of comparisons[0] is" },
		{ no_side, "runs[1], two: is of a comparison, but of no side of a pair of it" },
		{ twice, "runs two and two are the same side of one pair" },
		{ plans, "runs one and two are a pair, but of different plans" },
		{ hides, "trials[0]: runs[1] is not a run of it" },
		{ beyond, "trials[0]: runs[3] is not a run of it" },
		{ searches, "trials[0]: search is not 0 to 99999" },
		{ item_twice, "items: \"tags\" of c keystroke is there twice" },
	};
	struct world w;
	struct err e = ERR_INIT;

	fill(&w);
	assert_int_equal(result_check(&w.r, &e), 0);
	w.runs[0].oracle.wrong = 1;
	w.runs[0].status = RUN_VOID; /* which has no score */
	assert_int_equal(result_check(&w.r, &e), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fill(&w);
		rows[i].spoil(&w);
		refused(&w, rows[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_does_not_agree_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
