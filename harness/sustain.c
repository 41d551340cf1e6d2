/* Open-loop trials; see sustain.h. */
#include "harness/sustain.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/clock.h"
#include "harness/live.h"

#define ASK_NS	  (20 * NS_PER_MS) /* between looks at the lag */
#define SETTLE_NS (5 * NS_PER_S)   /* for the last events to be counted */
#define START_NS  (20 * NS_PER_MS) /* from now to the plan's time 0 */
#define STEP	  1.2

double sustain_next_rate(double held, double not_held, double guess)
{
	if (held > 0 && not_held > 0)
		return sqrt(held * not_held);
	if (held > 0)
		return held * STEP;
	if (not_held > 0)
		return not_held / STEP;
	return guess;
}

/* How far behind the plan the subject was at at_ns, when it had `received` events. */
static double lag_ms(const struct live *lv, int64_t received, int64_t at_ns)
{
	const struct plan *plan = lv->plan;
	int64_t due_ns;

	if (received >= (int64_t)plan->n)
		return 0;
	due_ns = lv->gen_start_ns + plan->entries[received].due_ns; /* the first one it lacks */
	return at_ns > due_ns ? (double)(at_ns - due_ns) / 1e6 : 0;
}

/* The subject is not up to it: no books are made. */
static void give_up(struct live *lv, struct trial *trial, const char *fmt, ...) PRINTF(3, 4);
static void give_up(struct live *lv, struct trial *trial, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(trial->why, sizeof(trial->why), fmt, ap);
	va_end(ap);
	snprintf(lv->run->why, sizeof(lv->run->why), "%s", trial->why);
	lv->run->status = RUN_STOPPED;
	gen_ctl_stop(&lv->ctl);
}

/* Watch until the plan is sent and counted, or the lag passes its limit. */
static int watch(struct live *lv, struct trial *trial, double limit_ms, struct err *e)
{
	int64_t end_ns = lv->gen_start_ns + lv->plan->entries[lv->plan->n - 1].due_ns;
	int64_t received = 0, at_ns = 0;
	int rc = 0;

	while (!rc && !live_gen_failed(lv)) {
		if (live_received(lv, &received, &at_ns) != LIVE_TOLD) {
			give_up(lv, trial, "unavailable: the subject does not tell how far it is");
			return 0;
		}
		trial->max_lag_ms = fmax(trial->max_lag_ms, lag_ms(lv, received, at_ns));
		if (trial->max_lag_ms >= limit_ms) {
			give_up(lv, trial, "%.0f ms behind after %.2f s", trial->max_lag_ms,
				(double)(at_ns - lv->gen_start_ns) / 1e9);
			return 0;
		}
		if (received >= (int64_t)lv->plan->n)
			return 0;
		if (at_ns > end_ns + SETTLE_NS) {
			give_up(lv, trial, "%lld of %zu events never counted",
				(long long)((int64_t)lv->plan->n - received), lv->plan->n);
			return 0;
		}
		rc = live_step(lv, ASK_NS, e);
	}
	return rc;
}

int sustain_trial(struct session *s, const struct subject *subject, struct plan *plan,
		  struct run *run, struct trial *trial, struct err *e)
{
	struct live lv;
	int rc = live_open(&lv, s, subject, plan, run, e);

	trial->hold_s = (double)plan->entries[plan->n - 1].due_ns / 1e9;
	trial->max_lag_ms = NAN;
	if (!rc)
		rc = live_load(&lv, GEN_OPEN_LOOP, clock_mono_ns() + START_NS, e);
	if (!rc) {
		trial->max_lag_ms = 0;
		rc = watch(&lv, trial, s->scenario.lag_limit_ms, e);
	}
	if (!rc && !trial->why[0])
		rc = live_close_books(&lv, e);
	live_close(&lv); /* also says whether the host was disturbed */
	trial->pacing_p99_us = run->instrument.pacing_p99_us;
	trial->held = !rc && run->status == RUN_OK;
	if (!rc && !trial->held && !trial->why[0])
		snprintf(trial->why, sizeof(trial->why), "%.150s", run->why);
	return rc;
}
