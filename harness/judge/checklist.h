/*
 * The performance checklist, judged: rules and a session's model -> rows.
 *
 * A row is PASS only when the whole interval is on the right side of the target, FAIL
 * when it is wholly on the wrong side, else UNDECIDED with the reason (spec/measurement.md,
 * "Verdicts").  Without a target it is shown, not judged.
 *
 * The interval of a percentile of all samples together takes them for independent, which
 * those of one run are not: it does not see how runs differ.  So such a figure is judged
 * only when its samples are of several runs, as many as a median needs for 95 %.
 *
 * A session that was cut off shows no PASS.  Neither does an unfit host or a build that
 * is not the release variant, and their figures show no FAIL either: what they say is of
 * the host.  An integration item that failed stays failed, whatever the host.
 *
 * Pure.  Ownership: checklist_judge() allocates, checklist_release() frees; names point
 * into rules, model and result, which must outlive it.
 */
#ifndef JUDGE_CHECKLIST_H
#define JUDGE_CHECKLIST_H

#include "harness/judge/checklist_rules.h"
#include "harness/report/model.h"

#define CHECKLIST_SAMPLED_RUNS_MIN 6 /* of each side */

enum checklist_verdict {
	CHECKLIST_PASS,
	CHECKLIST_FAIL,
	CHECKLIST_UNDECIDED,
	CHECKLIST_NO_TARGET,
	CHECKLIST_VERDICTS
};
extern const char *const checklist_verdict_names[CHECKLIST_VERDICTS];

/* A figure in its unit. */
struct checklist_value {
	bool there;
	double value, low, high; /* NaN: none; infinite: above a histogram's range, or unbounded */
	size_t n;		 /* runs, pairs or samples */
	double level;		 /* of low ... high */
	const char *method;	 /* of the interval */
	bool sure;		 /* the interval is as sure as it must be */
	char why[256];		 /* not there or not sure: the reason */
};

/* The runs that show it, in the order in which they were made. */
struct checklist_evidence {
	size_t runs;
	const char *first, *last; /* ids; NULL: none */
	const char *nearest;	  /* whose value is next to the median; NULL: there is none */
};

/* What went wrong with a subject in a scenario, whatever the other runs say. */
struct checklist_bad {
	const char *scenario, *implementation;
	enum event_type extractor;
	size_t voids, failed;
	const struct run *first;
};

struct checklist_row {
	const struct checklist_rule *rule;
	const struct checklist_clause *clause;
	enum event_type extractor;
	enum checklist_verdict verdict;
	char why[640];		      /* of UNDECIDED; of a failed item: the offending value */
	struct checklist_value value; /* of a figure */
	const char *seen; /* of an integration item: what was seen; "": nothing to say */
	struct checklist_evidence evidence;
};

struct checklist {
	const struct model *model;
	enum checklist_verdict
		verdict; /* FAIL: any; PASS: some, and none undecided; else UNDECIDED */
	size_t by_verdict[CHECKLIST_VERDICTS];
	size_t n_rows;
	struct checklist_row *rows;
	size_t n_bad;
	struct checklist_bad *bad;
	char unfit[400]; /* why no figure of the session shows anything; "": it is fit */
	char cut[128];	 /* why the session is not complete; "": it is */
};

void checklist_judge(struct checklist *c, const struct checklist_rules *rules,
		     const struct model *m);
void checklist_release(struct checklist *c);

/* The target alone: low ... high against it.  CHECKLIST_UNDECIDED when it lies between. */
enum checklist_verdict checklist_compare(enum checklist_op op, double target, double low,
					 double high);
/* Void and failed runs of the row's subject in its scenario, or NULL. */
const struct checklist_bad *checklist_bad_of(const struct checklist *c,
					     const struct checklist_row *row);

#endif
