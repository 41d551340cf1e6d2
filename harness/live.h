/*
 * One subject under one load: started, fed, watched, stopped, and what came of it.
 *
 * The life of a run is live_open(), live_load(), then live_step() until the
 * scenario has what it wants, live_close_books() (ledger and oracle), and
 * live_close() in any case.
 * Ownership: the struct is the caller's; the plan and session must outlive it.
 * Threads: the caller's, which must be the one that opened the session; the
 * generator and the tap have a thread each.
 */
#ifndef HARNESS_LIVE_H
#define HARNESS_LIVE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/check.h"
#include "harness/loadgen/gen.h"
#include "harness/loadgen/tap.h"
#include "harness/noise.h"
#include "harness/probes/procfs.h"
#include "harness/session.h"

/* A probe that a host need not have: eBPF, hardware counters. */
#define LIVE_EXTRAS 2
struct live_extra {
	struct probe *probe;	    /* NULL: not here, */
	char why[PROBE_REASON_MAX]; /* for that reason */
};

struct live {
	struct session *session;
	struct sut *sut; /* whose Redis: the session's, unless live_join() was given another */
	size_t n_others; /* subscriptions there before the subject's */
	const struct cpus *cpus; /* who runs where: the session's, unless live_open_at() was told */
	bool shared; /* the load or the host with others: who opened them watches for disturbance */
	const struct subject *subject;
	struct run *run;
	struct plan *plan;
	bool is_floor; /* it makes no features */
	char database[48];
	int64_t points_before;
	/* the plan's own events, as the oracle and the check want them */
	struct event *own;
	size_t *own_index; /* of each in the plan */
	size_t n_own;
	struct proc *proc;
	struct probe *probe;
	struct live_extra extras[LIVE_EXTRAS]; /* in the order of live.c's table */
	struct tap *tap;
	struct gen_ctl ctl;
	bool ctl_open;
	struct gen *gen;
	size_t drop_at; /* the planted fault, when there is one */
	pthread_t thread;
	bool thread_runs;
	atomic_bool gen_done; /* gen_run() has returned: gen_err and the result may be read */
	struct err gen_err;
	int64_t gen_start_ns;
	struct noise_watch noise;
	int64_t client_id; /* Redis' number for the subject's subscription */
	int64_t subject_bytes,
		held_bytes; /* what Redis holds for it now; the most for any subscriber */
	bool client_gone;   /* its subscription ended during the run */
	int64_t wall_minus_mono_us;
	int64_t asked;	    /* SIGUSR1 questions */
	int64_t received;   /* its last answer */
	int64_t impossible; /* answers that cannot be: more than was sent, or less than before */
	size_t paced_from;  /* set before live_load(): see gen_conf */
	void (*enter_lines)(struct live *lv); /* or NULL: the scenario's own lines of the ledger */
	bool needs_last; /* features of the last event must come: there was time for them */
	bool database_made;
	double prober_us;
	int64_t samples;
	uint64_t features_looked; /* messages that live_has_features_of() has seen */
};

/*
 * The environment of a subject, with a database of its own, which live_close() drops.
 * For who starts it in another way than live_open(): needs session, subject and run.
 */
int live_environment(struct live *lv, struct strv *env, struct err *e) MUST_CHECK;

/*
 * The environment of a subject in the scenario that runs, without a database:
 * Redis, windows, and what its file says, which wins.
 */
void live_env(const struct session *s, const struct sut *sut, const struct subject *subject,
	      enum event_type type, struct strv *env);

/* `plan` is rebased to begin now.  On an error live_close() is still to be called. */
int live_open(struct live *lv, struct session *s, const struct subject *subject, struct plan *plan,
	      struct run *run, struct err *e) MUST_CHECK;
/*
 * For subjects that run at the same time, each under a load of its own: the same at that
 * Redis and on these cores, but the plan, which they may share, is not stamped yet; the
 * noise is the caller's to watch.  Then live_stamp() for all of them.
 */
struct live_place {
	struct sut *sut;
	const struct cpus *cpus;
};
int live_open_at(struct live *lv, struct session *s, const struct live_place *at,
		 const struct subject *subject, struct plan *plan, struct run *run,
		 struct err *e) MUST_CHECK;
/* Rebase the one plan of these to begin now. */
int live_stamp(struct live *const *lives, size_t n, struct plan *plan, struct err *e) MUST_CHECK;
/*
 * For several subjects under one load that the caller sends and listens to: start
 * the subject at that Redis, where n_others subscriptions are, and nothing else.
 * Of the functions below then work live_counter(), live_sample() and live_close().
 */
int live_join(struct live *lv, struct session *s, const struct subject *subject, struct sut *sut,
	      size_t n_others, struct run *run, struct err *e) MUST_CHECK;
/* Begin to send, at start_ns (monotonic). */
int live_load(struct live *lv, enum gen_mode mode, int64_t start_ns, struct err *e) MUST_CHECK;

/*
 * Wait a moment, then look: how much Redis holds for the subject, whether both
 * still live.  -EINTR when the session was stopped, -ECHILD when the subject ended.
 */
int live_step(struct live *lv, int64_t wait_ns, struct err *e) MUST_CHECK;
/* Remember what Redis says of the subject's subscription. */
void live_note_clients(struct live *lv, const struct redis_client *list, size_t n);
/* The first so many events of the plan are answered by Redis. */
uint64_t live_answered(const struct live *lv);
/* Has the generator failed? */
bool live_gen_failed(const struct live *lv);

enum live_answer {
	LIVE_TOLD,
	LIVE_CANNOT, /* it has no such counter, or no counters at all */
	LIVE_LATE,   /* it has them but did not answer in time */
};
/* How many events the subject says it received, and when it said so. */
enum live_answer live_received(struct live *lv, int64_t *received, int64_t *at_ns);
/* Any of its counters, by its own word. */
enum live_answer live_counter(struct live *lv, const char *name, int64_t *value, int64_t *at_ns);

/*
 * Until the subject has counted the first `upto` events; *at_ns is when.  0 there
 * means that it never did, which the ledger will name, or that it cannot be asked.
 */
int live_await_counted(struct live *lv, uint64_t upto, int64_t *at_ns, struct err *e) MUST_CHECK;

/* The tap has features that stand on all of the first `upto` events (the floor: always). */
bool live_has_features_of(struct live *lv, uint64_t upto);

/* Stop the subject, then count and check everything: fills ledger, oracle, instrument, status. */
int live_close_books(struct live *lv, struct err *e) MUST_CHECK;
void live_close(struct live *lv);
/* A run that would count does not when the host was disturbed beyond the scenario's limits. */
void live_judge_noise(const struct session *s, struct run *run);

/*
 * A glance in between: procfs alone, some microseconds where `want` is cheap (procfs.h).  Of
 * several processes it sees the first, and does not say so.  Negative errno: the subject is gone.
 */
int live_glance(struct live *lv, uint64_t want, struct probe_sample *out) MUST_CHECK;
/* What the probes see now: procfs, and eBPF's counts of the scheduler. */
int live_sample(struct live *lv, uint64_t want, struct probe_sample *out, struct err *e) MUST_CHECK;

#endif
