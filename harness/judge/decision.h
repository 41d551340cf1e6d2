/*
 * The migration decision: for each extractor keep, switch or undecided; for all of
 * them keep, switch, hybrid or undecided; and why.
 *
 * A pure function of the rules (decision_rules.h) and a session's model.  Costs are
 * ratios new / old of what is paid (time, bytes, CPU; of a rate its reciprocal): below
 * 1 is a gain.  A gain is 1 - cost, the share that is saved.
 *
 * Intervals decide, not points.  A gain counts by the end of its interval that is least in
 * favour, a loss by the end that is most; only a verdict beyond the session's A/A
 * is a gain or a loss at all.  Where the answer depends on where in its interval the
 * truth lies it is undecided.  All metrics stand at their bad (or good) ends at once, so the
 * interval of the weighted gain is no narrower than theirs allow.
 * A metric without a verdict gains nothing for certain; that it loses is ruled out by both
 * sides' own intervals over six runs or more each, or not at all.
 * Ownership: struct decision is the caller's (large: from the heap) and holds no
 * allocation; it points into rules, model and result, which must outlive it.
 * Source: spec/measurement.md, "Verdicts".
 */
#ifndef JUDGE_DECISION_H
#define JUDGE_DECISION_H

#include "harness/judge/decision_rules.h"
#include "harness/report/model.h"

enum decision_verdict {
	DECISION_KEEP,
	DECISION_SWITCH,
	DECISION_HYBRID, /* of all extractors only */
	DECISION_UNDECIDED,
	DECISION_VERDICTS
};
extern const char *const decision_verdict_names[DECISION_VERDICTS];

/* In the order in which they are asked. */
enum decision_rule {
	RULE_RIGHT,    /* the oracle calls no message wrong */
	RULE_LEDGER,   /* every ledger closed */
	RULE_RUNS,     /* no run void or failed */
	RULE_ITEMS,    /* the integration checklist */
	RULE_LEAK,     /* the soak */
	RULE_FIT,      /* the host */
	RULE_COMPLETE, /* the session */
	RULE_CHECKED,  /* every message could be checked */
	RULE_MEASURED, /* every metric has a verdict */
	RULE_LOSS,     /* no metric worse than allowed */
	RULE_GAIN,     /* the weighted gain */
	RULE_PAYBACK,  /* its own part of the declared cost of change */
	DECISION_RULES
};

enum decision_state { STATE_HOLDS, STATE_FAILS, STATE_OPEN, STATE_NOT_ASKED, DECISION_STATES };
extern const char *const decision_state_names[DECISION_STATES];

struct decision_rule_info {
	const char *name;	   /* of reports and decision.json */
	const char *section, *key; /* where the file sets it */
	const char *text;	   /* what must be so */
};
extern const struct decision_rule_info decision_rule_infos[DECISION_RULES];

/* An interval of something that is not from one sample; NaN: unknown. */
struct decision_range {
	double low, value, high;
};

/* What the session says of one metric of one extractor. */
struct decision_figure {
	const struct decision_metric *rule;
	enum metric_id metric;
	const struct model_ratio *ratio;    /* NULL: not compared in this session */
	const struct model_cell *from, *to; /* NULL likewise */
	enum verdict verdict;		    /* VERDICT_TOO_FEW: there is none */
	const char *why;		    /* of no verdict, or NULL */
	struct estimate cost;		    /* by pairs; n = 0: there is none */
	struct estimate cost_with_disturbed;
	struct decision_range apart; /* of both sides' own medians over runs, six or more each */
	size_t apart_runs;	     /* of the side that has fewer */
};

/*
 * One implementation's record over the session.  Of the trials of searches only messages
 * count, and only of those that lost nothing.
 */
struct decision_record {
	size_t runs, failed, disturbed, untraced, open_lines, untold_lines;
	size_t bookless; /* runs that count without one line that closed */
	int64_t checked, wrong, unchecked;
	const struct run *first_wrong, *first_open, *first_failed;
};

struct decision_items {
	size_t passed, failed, unavailable, one_sided; /* one_sided: told of the old one only */
	const struct item_result *first_failed, *first_one_sided; /* may be the old one's */
};

/* A day and a month of one extractor on one machine, old minus new. */
struct decision_saving {
	struct decision_range cpu_s_a_day, memory_bytes, money_a_month;
	const char *why; /* when money is unknown */
};

/* All that the rules look at; the sensitivity judges it again under other rules. */
struct decision_evidence {
	enum event_type type;
	struct decision_figure figures[DECISION_SLOTS];
	struct decision_record record[2]; /* old, new */
	struct decision_items items;
	const struct model_soak *soak; /* of the new one; NULL: none */
	size_t soak_lost;    /* stretches that count, whose series (soak/<run>.csv) is not there */
	const char *unfit;   /* the host: why; NULL: fit */
	const char *variant; /* the build, if not release; else NULL */
	const char *stopped; /* the session: by what; NULL: complete */
	const struct model_cell *cpu_idle[2]; /* old, new; NULL: not measured */
};

/* How one metric enters the judgement. */
struct decision_counted {
	struct decision_range gain; /* as it counts */
	enum decision_state loss;
	bool known; /* has a verdict; false: its gain may be anything */
};

struct decision_judgement {
	enum decision_verdict verdict;
	enum decision_rule deciding;
	enum decision_state states[DECISION_RULES];
	int slots[DECISION_RULES]; /* the metric to blame, enum decision_slot; -1: none */
	struct decision_counted counted[DECISION_SLOTS];
	struct decision_range gain; /* weighted */
	struct decision_saving saving;
	struct decision_range payback_months; /* low: soonest; infinite: never */
};

/* A value of one key from which the verdict is another. */
struct decision_flip {
	struct decision_key key;
	double now, from; /* from: the first value of the other verdict, by the key's unit */
	enum decision_verdict verdict;
};
#define DECISION_FLIPS_MAX 96

/* The verdict if one metric's truth is an end of its interval; -1: it has none. */
struct decision_ends {
	int worst, best; /* enum decision_verdict */
};

/*
 * Which pairs are missing.  For a verdict: as many as the plan's intervals need, and the
 * A/A beside them.  For a decision: as many as the spread seen so far asks for
 * (stats/power.h), if the truth is the estimate.
 */
struct decision_advice {
	int slot;	    /* whose pairs are too few; -1: pairs are not what is missing */
	size_t have, want;  /* pairs; want 0: no number of pairs of this metric alone decides */
	bool of_aa;	    /* pairs of the subject with itself */
	bool lost;	    /* they were made, but the host disturbed too many */
	size_t slots_short; /* metrics of which not even a loss can be ruled out */
};

struct decision_extractor {
	bool measured; /* something of it compares the two */
	struct decision_evidence evidence;
	struct decision_judgement judged;
	size_t n_flips;
	struct decision_flip flips[DECISION_FLIPS_MAX];
	struct decision_ends ends[DECISION_SLOTS];
	struct decision_advice advice;
};

/* Those that are switched, or all that were measured. */
struct decision_total {
	size_t extractors;
	struct decision_saving saving;
	double change_price;	     /* once */
	double two_languages_a_year; /* 0 when all there are are switched */
	struct decision_range payback_months;
};

/*
 * All extractors.  Each has paid for itself; what is paid once and every year for all together
 * is asked of the whole: what does not pay is not switched.
 */
struct decision_whole {
	enum decision_verdict verdict;
	size_t by_verdict[DECISION_VERDICTS]; /* how many extractors */
	enum decision_state pays;	      /* not asked where nothing is to be switched */
	struct decision_total switched;
};
#define DECISION_WHOLE_FLIPS_MAX 4

struct decision {
	const struct decision_rules *rules;
	const struct model *model;
	struct decision_whole whole;
	/* One that was not measured is undecided. */
	struct decision_extractor extractors[EVENT_TYPES];
	struct decision_total all;
	/* Of keys that are asked of the whole only; the verdict is that of the whole. */
	size_t n_flips;
	struct decision_flip flips[DECISION_WHOLE_FLIPS_MAX];
};

/* -ENODATA: nothing in the session compares the two implementations. */
int decision_build(struct decision *d, const struct decision_rules *rules, const struct model *m,
		   struct err *e) MUST_CHECK;

/* Verdict of the whole from those of the extractors, before it is asked whether it pays. */
enum decision_verdict decision_of_all(const struct decision_rules *rules,
				      const size_t by_verdict[DECISION_VERDICTS]);

/* ---- its parts, for decision.c, the sensitivity and tests -------------------------- */

/* False: nothing of this extractor compares the two. */
bool decision_gather(struct decision_evidence *x, const struct decision_rules *rules,
		     const struct model *m, enum event_type type);
/* False: too few runs, or only bounds, for an interval at MODEL_LEVEL. */
bool decision_range_of_cell(const struct model_cell *cell, struct decision_range *out);
void decision_judge(struct decision_judgement *j, const struct decision_rules *rules,
		    const struct decision_evidence *x);
void decision_save(struct decision_saving *s, const struct decision_rules *rules,
		   const struct decision_evidence *x);
void decision_total(struct decision_total *t, const struct decision_rules *rules,
		    const struct decision_extractor x[EVENT_TYPES], bool switched_only);
void decision_judge_all(struct decision_whole *w, const struct decision_rules *rules,
			const struct decision_extractor x[EVENT_TYPES]);
/* Months until `price` is saved on all machines, of which the upkeep is no saving. */
struct decision_range decision_payback(const struct decision_rules *rules,
				       const struct decision_saving *s, double price,
				       double upkeep_a_month);
/* Is that within payback_months_max? */
enum decision_state decision_pays(const struct decision_rules *rules,
				  const struct decision_range *months);
void decision_vary(struct decision_extractor *x, const struct decision_rules *rules);
void decision_vary_all(struct decision *d);
void decision_advise(struct decision_extractor *x, const struct decision_rules *rules,
		     const struct result *r);

#endif
