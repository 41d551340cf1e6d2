/*
 * Faults and differences planted on purpose: a lost event, an altered feature, a
 * slowdown of 5 %, and none at all.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/report/paired.h"
#include "harness/selfcheck/job.h"
#include "harness/throughput.h"

/* ---- one event lost ------------------------------------------------------------------------ */

#define POSITIONS    100
#define SMALL_EVENTS 3000
#define LARGE_EVENTS 1000000
#define LARGE_QUICK  200000

static const struct ledger_line *line_of(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->ledger.n; i++)
		if (!strcmp(run->ledger.lines[i].name, name))
			return &run->ledger.lines[i];
	return NULL;
}

/* The run is void, and the tap, which knows nothing of the generator's account, names the event. */
static bool tap_names(const struct run *run, size_t event)
{
	const struct ledger_line *l = line_of(run, "seen by the tap");
	char words[64];

	snprintf(words, sizeof(words), "the first one missing is event %zu", event);
	return run->status == RUN_VOID && l && l->state == LEDGER_OPEN &&
	       l->expected - l->got == 1 && !strcmp(l->note, words);
}

static int lose(struct selfcheck *sc, const struct subject *subject, size_t events, size_t at,
		bool *found, struct err *e)
{
	struct run *run = mem_calloc(1, sizeof(*run));
	struct job job = {
		.subject = subject, .events = events, .rate_hz = 1e5, .mode = GEN_DRAIN
	};
	int rc;

	sc->session->conf.drop_event = (int64_t)at;
	rc = job_run(sc, &job, run, e);
	sc->session->conf.drop_event = -1;
	*found = !rc && tap_names(run, at);
	free(run);
	return rc;
}

static void add_found(struct selfcheck *sc, const char *what, const char *goal, size_t found,
		      size_t of, const char *note)
{
	struct known_range all = { (double)of, (double)of, KNOWN_WRONG, "found", 0 };
	struct known *k = known_add(&sc->table, KNOWN_JUDGEMENT, what, goal);

	snprintf(k->note, sizeof(k->note), "%s", note);
	known_value(k, (double)found, of, &all);
}

static int lose_on_the_way(struct selfcheck *sc, const struct subject *subject, struct err *e)
{
	size_t large = sc->quick ? LARGE_QUICK : LARGE_EVENTS, found = 0;
	char what[96];
	bool one = false;
	int rc = lose(sc, subject, large, rng_below(&sc->session->rng, large), &one, e);

	if (rc)
		return rc;
	snprintf(what, sizeof(what), "1 of %zu events lost before Redis, at a place drawn by lot",
		 large);
	add_found(sc, what, "found, event named", one, 1,
		  sc->quick ? "the full self-check does it with 1,000,000" : "");
	for (int i = 0; !rc && i < POSITIONS; i++) {
		/* The first, the last, and those between by lot. */
		size_t at = i == 0   ? 0
			    : i == 1 ? SMALL_EVENTS - 1
				     : rng_below(&sc->session->rng, SMALL_EVENTS);

		rc = lose(sc, subject, SMALL_EVENTS, at, &one, e);
		found += one;
	}
	if (!rc)
		add_found(
			sc, "1 of 3,000 events lost before Redis, 100 runs", "100 of 100 found",
			found, POSITIONS,
			"smaller plans: what is compared, event by event, is the same at any size");
	return rc;
}

/*
 * Lost between Redis and the subject: only its counter can tell, or, if that lies, its
 * features.  What gives the loss away, and nothing else, must make the run void.
 */
static bool counter_tells(const struct run *run)
{
	const struct ledger_line *l = line_of(run, "received by the subject");

	return run->status == RUN_VOID && l && l == ledger_first_open(&run->ledger) &&
	       l->expected - l->got == 1;
}

/* Every line closes; each message says another number of events than its trigger has. */
static bool features_tell(const struct run *run)
{
	return run->status == RUN_VOID && !ledger_first_open(&run->ledger) && run->oracle.wrong &&
	       strstr(run->oracle.note, "trace.trigger_ts is not that of event number");
}

static const struct {
	const char *what, *goal, *option;
	bool (*told)(const struct run *run);
} losses[] = {
	{ "1 event lost by the subject", "void: one less in \"received by the subject\"", "",
	  counter_tells },
	{ "1 event lost by the subject, whose counters deny it",
	  "void: by the oracle, at the trace's numbers", "--deny", features_tell },
};

static int lose_inside(struct selfcheck *sc, size_t loss, struct err *e)
{
	struct run *run = mem_calloc(1, sizeof(*run));
	size_t events = 2000;
	uint64_t at = 1 + rng_below(&sc->session->rng, events / 2);
	struct subject subject;
	struct job job = { .subject = &subject, .events = events, .rate_hz = 2000, .tail_s = 0.1 };
	char command[160];
	int rc;

	snprintf(command, sizeof(command),
		 "${bin}/subject_proxy --drop-at %llu %s -- ${bin}/keystroke_extractor",
		 (unsigned long long)at, losses[loss].option);
	rc = job_subject(&subject, sc, EVENT_KEYSTROKE, command);
	rc = rc ? rc : job_run(sc, &job, run, e);
	if (!rc)
		add_found(sc, losses[loss].what, losses[loss].goal, losses[loss].told(run), 1,
			  run->why);
	subject_release(&subject);
	free(run);
	return rc;
}

int check_loss(struct selfcheck *sc, struct err *e)
{
	struct subject subject;
	int rc = job_subject(&subject, sc, SUBJECT_ANY, "${bin}/null_subject");

	rc = rc ? rc : lose_on_the_way(sc, &subject, e);
	subject_release(&subject);
	for (size_t i = 0; !rc && i < ARRAY_SIZE(losses); i++)
		rc = lose_inside(sc, i, e);
	return rc;
}

/* ---- one member altered ---------------------------------------------------------------------- */

#define ALTERED_EVENTS 130

/* The relay alters the numeric members in turn, one a message: the oracle must refuse every message. */
int check_altered(struct selfcheck *sc, struct err *e)
{
	struct run *run = mem_calloc(1, sizeof(*run));
	struct subject subject;
	struct job job = {
		.subject = &subject, .events = ALTERED_EVENTS, .rate_hz = 500, .tail_s = 0.1
	};
	int rc = job_subject(&subject, sc, EVENT_KEYSTROKE,
			     "${bin}/subject_proxy --alter any -- ${bin}/keystroke_extractor");

	strv_set_env(&subject.env, "UPDATE_INTERVAL", "0");
	rc = rc ? rc : job_run(sc, &job, run, e);
	if (!rc && run->oracle.checked < 100)
		rc = err_set(e, -EPROTO, "only %lld altered messages came",
			     (long long)run->oracle.checked);
	if (!rc)
		add_found(sc, "one member of each feature message off by 1e-6, members in turn",
			  "100 of 100 found", (size_t)run->oracle.wrong,
			  (size_t)run->oracle.checked, run->oracle.note);
	subject_release(&subject);
	free(run);
	return rc;
}

/* ---- 5 % slower --------------------------------------------------------------------------------- */

#define WORK	  40000 /* turns: some 20 us, so that the fake's own part is small */
#define WORK_SLOW 42000

static const struct {
	const char *implementation, *options;
} fakes[] = { { "base", "--work 40000" }, { "slow", "--work 42000" }, { "idle", "" } };

static int add_fakes(struct selfcheck *sc)
{
	struct subjects *all = &sc->session->subjects;

	_Static_assert(WORK * 105 == WORK_SLOW * 100, "5 % more");
	for (size_t i = 0; i < ARRAY_SIZE(fakes); i++) {
		struct subject *s;
		char command[64];

		all->v = mem_realloc(all->v, all->n + 1, sizeof(*all->v));
		s = &all->v[all->n++];
		snprintf(command, sizeof(command), "${bin}/fake_subject %s", fakes[i].options);
		if (job_subject(s, sc, SUBJECT_ANY, command))
			return -EINVAL;
		free(s->implementation);
		free(s->name);
		s->implementation = mem_strdup(fakes[i].implementation);
		s->name = mem_strdup(fakes[i].implementation);
	}
	return 0;
}

/* B/A of CPU per event as the report has it: by pairs of which both sides count. */
static struct estimate ratio_of(struct paired *p, const char *a, const char *b, bool *sure)
{
	struct estimate est = { .value = NAN, .low = NAN, .high = NAN, .se = NAN };

	*sure = false;
	for (size_t i = 0; i < p->r->n_comparisons && !est.n; i++) {
		const struct comparison *c = &p->r->comparisons[i];

		if (strcmp(c->a, a) || strcmp(c->b, b))
			continue;
		est = paired_ratio(p, (int)i, METRIC_CPU_PER_EVENT, false);
		*sure = paired_is_sure(p, (int)i, &est);
	}
	return est;
}

static void add_ratio(struct selfcheck *sc, const char *what, const char *goal,
		      const struct estimate *est, bool sure, const struct known_truth *truth)
{
	struct known *k;

	if (!sure || isnan(truth->low)) {
		known_unavailable(&sc->table, KNOWN_JUDGEMENT, what, goal,
				  "too few pairs count %s (%zu of its own do)",
				  sure ? "of base and idle, to know the truth" : "for an interval",
				  est->n);
		return;
	}
	k = known_add(&sc->table, KNOWN_JUDGEMENT, what, goal);
	snprintf(k->note, sizeof(k->note), "CPU per event; the truth is %.4f … %.4f", truth->low,
		 truth->high);
	known_ratio(k, est, truth);
}

static void add_ratios(struct selfcheck *sc, struct paired *p)
{
	bool idle_sure, slow_sure, same_sure;
	struct estimate idle = ratio_of(p, "base", "idle", &idle_sure),
			slow = ratio_of(p, "base", "slow", &slow_sure),
			same = ratio_of(p, "base", "base", &same_sure);
	/* The fake's own part of an event, idle of it, is not slowed down. */
	struct known_truth slower = { NAN, NAN, true }, alike = { 1, 1, false };

	if (idle_sure)
		slower = (struct known_truth){ 1 + 0.05 * (1 - idle.high),
					       1 + 0.05 * (1 - idle.low), true };
	add_ratio(sc, "+5 % of work for each event", "interval covers it and leaves out 1", &slow,
		  slow_sure, &slower);
	add_ratio(sc, "+0 %: a subject against itself", "interval covers 1", &same, same_sure,
		  &alike);
}

int check_slowdown(struct selfcheck *sc, struct err *e)
{
	struct paired paired;
	int rc = add_fakes(sc);

	rc = rc ? rc : throughput_run(sc->session, e);
	if (rc)
		return rc;
	paired_init(&paired, &sc->session->result);
	add_ratios(sc, &paired);
	paired_release(&paired);
	return 0;
}
