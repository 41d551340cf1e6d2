/*
 * Runs in stages: the subject idles, is fed, and is sampled at fixed times.
 *
 * One open-loop plan holds all stages; the samples are taken at the times between
 * them and nothing is asked of the subject meanwhile, so that what it does is its
 * own (a question by SIGUSR1 would be a wakeup).
 */
#ifndef HARNESS_STAGED_H
#define HARNESS_STAGED_H

#include "harness/live.h"

#define STAGED_MARKS_MAX 5

struct staged {
	double marks_s[STAGED_MARKS_MAX]; /* when to sample, from the plan's time 0 */
	size_t n_marks;
	/* What the load does until each mark: stages of the timeline.  NULL: none is kept. */
	const char *stages[STAGED_MARKS_MAX];
	/* What else is done once a mark's samples are taken; or NULL. */
	int (*at_mark)(struct live *const *lives, size_t n, size_t mark, struct err *e);
	/* What the samples say; `first` to `last` mark by mark, in the order of marks_s. */
	void (*score)(const struct live *lv, const struct probe_sample *samples, struct run *run);
};

/* On subjects that are open and stamped, each under its own load, all at the same times. */
int staged_measure(struct live *const *lives, size_t n, const struct staged *st,
		   struct err *e) MUST_CHECK;
/* One subject: opened, measured, closed. */
int staged_run(struct session *s, const struct subject *subject, struct plan *plan, struct run *run,
	       const struct staged *st, struct err *e) MUST_CHECK;

/* Helpers for score(): a gauge; a counter's growth between two samples, times `factor`. */
void staged_gauge(struct run *run, enum metric_id id, const struct probe_sample *s,
		  enum probe_metric m);
void staged_growth(struct run *run, enum metric_id id, const struct probe_sample *from,
		   const struct probe_sample *to, enum probe_metric m, double factor);
/*
 * Which of two instruments measures in this session: eBPF where it can be used.  Chosen
 * once, as the two mean a little different things and the sides of a pair must mean
 * the same; a run that eBPF cannot tell has no value then.
 */
enum probe_metric staged_source(const struct session *s, enum probe_metric ebpf,
				enum probe_metric procfs);
/* Seconds between two samples. */
double staged_seconds(const struct probe_sample *from, const struct probe_sample *to);
/* Events of the plan that were due between two times. */
double staged_events(const struct live *lv, double from_s, double to_s);

#endif
