/*
 * A decision in words: one line a rule, what to do next, the risks; for reports and
 * decision.json alike.  Plain text, no markup.  Pure.
 */
#ifndef JUDGE_DECISION_WORDS_H
#define JUDGE_DECISION_WORDS_H

#include "harness/judge/decision.h"

/* "switch to C", "keep Python", "undecided" */
void decision_verdict_words(const struct decision_rules *r, enum decision_verdict v,
			    struct buf *out);
/* What the file says: "[gain] threshold_frac = 0.25" */
void decision_setting_words(const struct decision *d, const struct decision_extractor *x,
			    enum decision_rule rule, struct buf *out);
/* The figures that met the rule or did not. */
void decision_figure_words(const struct decision *d, const struct decision_extractor *x,
			   enum decision_rule rule, struct buf *out);
/* "[cost] payback_months_max = 60", and how long what is switched takes to pay for itself. */
void decision_whole_setting_words(const struct decision *d, struct buf *out);
void decision_whole_figure_words(const struct decision *d, struct buf *out);
/* What to do about one extractor, about all. */
void decision_next_of(const struct decision *d, const struct decision_extractor *x,
		      struct buf *out);
void decision_next(const struct decision *d, struct buf *out);

/* "12.3 [11.0, 14.2]"; unknown ends as "–", endless ones as "never". */
void decision_range_words(const struct decision_range *r, double scale, int decimals,
			  struct buf *out);

/*
 * What speaks against trusting the decision, one line each: for every line `add` is
 * called; returns how many.
 */
size_t decision_risks(const struct decision *d, void (*add)(void *arg, const char *line),
		      void *arg);

#endif
