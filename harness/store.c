/* The store run; see store.h. */
#include "harness/store.h"

#include <errno.h>
#include <stdlib.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/books.h"
#include "harness/live.h"
#include "harness/staged.h"

#define LOOK_NS	    NS_PER_MS
#define ASK_NS	    (5 * NS_PER_MS) /* between questions to the database: the error of the lag */
#define FEATURES_NS (20 * NS_PER_S) /* an event may cost a slow subject milliseconds */
#define STORED_NS   (10 * NS_PER_S)

int store_plan(struct session *s, enum event_type type, uint64_t seed, struct plan **out,
	       struct err *e)
{
	struct plan_lane lane = { .count = (size_t)s->size->store_events + STORE_WARM_EVENTS,
				  .rate_hz = 1000,
				  .arrival = ARRIVAL_CONSTANT,
				  .app_cycle = true };
	struct plan_spec spec = { .seed = seed, .lanes = &lane, .n_lanes = 1 };

	lane.weight[type] = 1;
	return plan_build(out, &spec, e);
}

/* Let the generator send the first `upto` events and wait for the features of the last of them. */
static int feed(struct live *lv, size_t upto, struct err *e)
{
	int64_t deadline_ns = clock_mono_ns() + FEATURES_NS;
	int rc = 0;

	gen_ctl_allow(&lv->ctl, upto);
	while (!rc && !live_has_features_of(lv, upto) && !live_gen_failed(lv) &&
	       clock_mono_ns() < deadline_ns)
		rc = live_step(lv, LOOK_NS, e);
	return rc;
}

static int64_t messages(struct live *lv, int64_t *last_ns)
{
	struct tap_feature f;
	int64_t n = 0;

	for (size_t i = 0; tap_feature(lv->tap, i, &f); i++)
		if (f.type == lv->run->extractor) {
			n++;
			*last_ns = f.recv_ns;
		}
	return n;
}

/* Until there are as many points as messages; *at_ns is when, 0: they did not come. */
static int await_stored(struct live *lv, int64_t *at_ns, struct err *e)
{
	int64_t deadline_ns = clock_mono_ns() + STORED_NS, n = 0, last_ns = 0;
	int rc = 0;

	*at_ns = 0;
	while (!rc && clock_mono_ns() < deadline_ns) {
		rc = books_points(lv, &n, e);
		if (!rc && n >= messages(lv, &last_ns)) {
			*at_ns = clock_mono_ns();
			return 0;
		}
		rc = rc ? rc : live_step(lv, ASK_NS, e);
	}
	return rc;
}

static void set_metrics(struct live *lv, const struct probe_sample *before,
			const struct probe_sample *end, int64_t warm_messages, int64_t stored_ns)
{
	struct run *run = lv->run;
	double events = (double)lv->session->size->store_events;
	int64_t last_ns = 0, n = messages(lv, &last_ns) - warm_messages;
	int64_t first_ns = gen_result(lv->gen)->sent_ns[STORE_WARM_EVENTS];

	staged_growth(run, METRIC_CPU_PER_EVENT, before, end, PROBE_CPU_NS, 1 / events);
	staged_gauge(run, METRIC_RSS, end, PROBE_RSS_BYTES);
	staged_gauge(run, METRIC_PEAK_RSS, end, PROBE_PEAK_RSS_BYTES);
	if (!stored_ns) {
		run_unavailable(run, METRIC_STORED_RATE, "the points did not come in 10 s");
		run_unavailable(run, METRIC_STORE_LAG, "the points did not come in 10 s");
		return;
	}
	run_set(run, METRIC_STORED_RATE, (double)n / ((double)(stored_ns - first_ns) / 1e9));
	run_set(run, METRIC_STORE_LAG, (double)(stored_ns - last_ns) / 1e6);
}

static int measure(struct live *lv, struct err *e)
{
	struct probe_sample *before = mem_calloc(2, sizeof(*before)), *end = before + 1;
	int64_t stored_ns = 0, warm = 0, unused_ns;
	int rc;

	gen_ctl_allow(&lv->ctl, 0);
	rc = live_load(lv, GEN_DRAIN, clock_mono_ns(), e);
	rc = rc ? rc : feed(lv, STORE_WARM_EVENTS, e);
	rc = rc ? rc : await_stored(lv, &stored_ns, e);
	warm = messages(lv, &unused_ns);
	rc = rc ? rc : live_sample(lv, PROBE_ALL, before, e);
	rc = rc ? rc : feed(lv, lv->plan->n, e);
	rc = rc ? rc : await_stored(lv, &stored_ns, e);
	rc = rc ? rc : live_sample(lv, PROBE_ALL, end, e);
	lv->needs_last = true;
	rc = rc ? rc : live_close_books(lv, e);
	if (!rc)
		set_metrics(lv, before, end, warm, stored_ns);
	free(before);
	return rc;
}

int store_run(struct session *s, const struct subject *subject, struct plan *plan, struct run *run,
	      struct err *e)
{
	struct live lv;
	int rc = live_open(&lv, s, subject, plan, run, e);

	if (!rc && !lv.database[0])
		rc = err_set(e, -ENOTSUP, "%s: writes to no database", subject->name);
	rc = rc ? rc : measure(&lv, e);
	live_close(&lv);
	return rc;
}
