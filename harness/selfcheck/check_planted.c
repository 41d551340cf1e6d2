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

/* Lost between Redis and the subject: only its counter can tell, or, if that lies, its features. */
static int lose_inside(struct selfcheck *sc, bool deny, struct err *e)
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
		 (unsigned long long)at, deny ? "--deny" : "");
	rc = job_subject(&subject, sc, EVENT_KEYSTROKE, command);
	rc = rc ? rc : job_run(sc, &job, run, e);
	if (!rc)
		add_found(sc,
			  deny ? "1 event lost by the subject, whose counters deny it"
			       : "1 event lost by the subject",
			  "void, found", run->status == RUN_VOID, 1, run->why);
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
	rc = rc ? rc : lose_inside(sc, false, e);
	return rc ? rc : lose_inside(sc, true, e);
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

/* B/A of CPU per event, by pairs, over the runs that count. */
static struct estimate ratio_of(const struct result *r, const char *a, const char *b)
{
	double *va = mem_calloc(r->n_runs + 1, sizeof(*va)),
	       *vb = mem_calloc(r->n_runs + 1, sizeof(*vb));
	struct estimate est;
	size_t n = 0;

	for (size_t i = 0; i + 1 < r->n_runs; i++) {
		const struct run *x = &r->runs[i], *y = &r->runs[i + 1];
		const struct comparison *c =
			x->comparison < 0 ? NULL : &r->comparisons[x->comparison];

		if (!c || x->comparison != y->comparison || x->pair != y->pair || strcmp(c->a, a) ||
		    strcmp(c->b, b) || x->status != RUN_OK || y->status != RUN_OK)
			continue;
		va[n] = (x->side == 'a' ? x : y)->metrics[METRIC_CPU_PER_EVENT].value;
		vb[n++] = (x->side == 'a' ? y : x)->metrics[METRIC_CPU_PER_EVENT].value;
	}
	est = stats_estimate_ratio(va, vb, n, 0.99, 1);
	free(va);
	free(vb);
	return est;
}

/* Right when the interval holds the truth; found when it leaves out 1 as well. */
static void add_ratio(struct selfcheck *sc, const char *what, const char *goal,
		      const struct estimate *est, double truth, bool is_difference)
{
	static const struct known_range any = { 0, INFINITY, KNOWN_WRONG, "×", 4 };
	struct known *k = known_add(&sc->table, KNOWN_JUDGEMENT, what, goal);

	known_estimate(k, est, &any);
	snprintf(k->note, sizeof(k->note), "CPU per event; the truth is %.4f", truth);
	if (est->n < 2)
		k->verdict = KNOWN_MISSED;
	if (k->verdict != KNOWN_OK)
		return;
	if (est->low > truth || est->high < truth)
		k->verdict = KNOWN_WRONG;
	else if (is_difference && est->low <= 1)
		k->verdict = KNOWN_MISSED;
}

int check_slowdown(struct selfcheck *sc, struct err *e)
{
	const struct result *r = &sc->session->result;
	struct estimate idle, slow, same;
	int rc = add_fakes(sc);

	rc = rc ? rc : throughput_run(sc->session, e);
	if (rc)
		return rc;
	idle = ratio_of(r, "base", "idle");
	slow = ratio_of(r, "base", "slow");
	same = ratio_of(r, "base", "base");
	/* The fake's own part of an event, idle.value of it, is not slowed down. */
	add_ratio(sc, "+5 % of work for each event", "interval covers it and leaves out 1", &slow,
		  1 + 0.05 * (1 - idle.value), true);
	add_ratio(sc, "+0 %: a subject against itself", "interval covers 1", &same, 1, false);
	return 0;
}
