/*
 * A subject under load; see live.h.
 *
 * Opening goes subject, tap, probe, generator; the first thing that fails names
 * itself and live_close() takes down what stands.  The books are in books.c.
 */
#include "harness/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/books.h"
#include "harness/pgroup.h"
#include "harness/probes/ebpf.h"
#include "harness/probes/perf.h"

#define COUNT_ASK_NS	       (NS_PER_MS / 2) /* between questions: the error of the clock */
#define COUNT_STALL_NS	       (20 * NS_PER_S) /* without progress: given up */
#define STEP_STATS_DEADLINE_NS (2 * NS_PER_S)
#define SETTLE_NS	       (2 * NS_PER_S) /* for the last events to be counted */
#define SETTLE_STEP_NS	       (NS_PER_MS / 2)
#define SETTLE_QUIET_NS	       (200 * NS_PER_MS)
#define STOP_GRACE_NS	       (5 * NS_PER_S) /* the contract allows 2 s */
/* Between stamping the plan and its first event. */
#define WALL_SLACK_US 20000

/* ---- before the load ---------------------------------------------------------------- */

static void collect_own(struct live *lv)
{
	size_t n = lv->plan->per_type[lv->run->extractor], k = 0;

	lv->own = mem_calloc(n, sizeof(*lv->own));
	lv->own_index = mem_calloc(n, sizeof(*lv->own_index));
	for (size_t i = 0; i < lv->plan->n; i++)
		if (plan_type(lv->plan, i) == lv->run->extractor) {
			plan_event(lv->plan, i, &lv->own[k]);
			lv->own_index[k++] = i;
		}
	lv->n_own = k;
}

static void set_seconds(struct strv *env, const char *name, double seconds)
{
	char text[40];

	snprintf(text, sizeof(text), "%.17g", seconds);
	strv_set_env(env, name, text);
}

/* A database of its own for every run, so that what is found in it is this run's. */
static int set_database(struct live *lv, struct strv *env, struct err *e)
{
	const struct influx_target *target = session_database(lv->session);
	struct influx_target mine;
	struct influx_query *q;
	int rc;

	if (!target || !lv->subject->influx)
		return 0;
	mine = *target;
	snprintf(lv->database, sizeof(lv->database), "seclyzer_bench_%d_%d", (int)getpid(),
		 lv->session->n_runs);
	snprintf(mine.database, sizeof(mine.database), "%s", lv->database);
	rc = influx_query_open(&q, &mine, 5 * NS_PER_S, e);
	if (rc)
		return rc;
	rc = influx_query_create_db(q, e);
	lv->database_made = !rc;
	influx_query_close(q);
	strv_set_env(env, "INFLUX_URL", mine.url);
	strv_set_env(env, "INFLUX_BUCKET", lv->database);
	strv_set_env(env, "INFLUX_API", mine.dialect == INFLUX_V1 ? "v1" : "v2");
	if (mine.username[0])
		strv_set_env(env, "INFLUX_USER", mine.username);
	if (mine.password[0])
		strv_set_env(env, "INFLUX_PASSWORD", mine.password);
	if (mine.token[0])
		strv_set_env(env, "INFLUX_TOKEN", mine.token);
	return rc ? rc : books_points_before(lv, e);
}

void live_env(const struct session *s, const struct sut *sut, const struct subject *subject,
	      enum event_type type, struct strv *env)
{
	const struct redis_addr *redis = sut_redis_addr(sut);
	char port[16];

	strv_set_env(env, "PATH", "/usr/local/bin:/usr/bin:/bin");
	strv_set_env(env, "LC_ALL", "C.UTF-8");
	if (redis->socket[0]) {
		strv_set_env(env, "REDIS_SOCKET", redis->socket);
	} else {
		snprintf(port, sizeof(port), "%d", redis->port);
		strv_set_env(env, "REDIS_HOST", redis->host);
		strv_set_env(env, "REDIS_PORT", port);
	}
	if (redis->username[0])
		strv_set_env(env, "REDIS_USERNAME", redis->username);
	if (redis->password[0])
		strv_set_env(env, "REDIS_PASSWORD", redis->password);
	set_seconds(env, "WINDOW_SECONDS", s->scenario.window_s);
	set_seconds(env, "UPDATE_INTERVAL", s->scenario.update_interval_s);
	if (subject->extractor == SUBJECT_ANY) /* it stands in for any */
		strv_set_env(env, "BENCH_EXTRACTOR", event_type_names[type]);
	if (subject->has_trace)
		strv_set_env(env, "SECLYZER_TRACE", "1");
	strv_override(env, &subject->env);
}

int live_environment(struct live *lv, struct strv *env, struct err *e)
{
	int rc;

	live_env(lv->session, lv->sut, lv->subject, lv->run->extractor, env);
	rc = set_database(lv, env, e);
	strv_override(env, &lv->subject->env); /* its file wins over our database, too */
	return rc;
}

/* The subscriptions on the server are the tap's two and, once it is ready, the subject's one. */
#define TAP_CLIENTS 2

static int subscribers(struct live *lv, struct redis_client **list, size_t *n, size_t expected,
		       struct err *e)
{
	int rc = redis_query_subscribers(sut_redis(lv->sut), list, n, e);

	if (!rc && *n != expected) {
		free(*list);
		rc = err_set(
			e, -EBUSY,
			"%zu subscribers on the Redis server where %zu should be: it must be the "
			"session's own",
			*n, expected);
	}
	return rc;
}

/* The newest subscription is the subject's: Redis numbers its clients in order. */
static int find_client(struct live *lv, struct err *e)
{
	struct redis_client *list;
	size_t n;
	int rc = subscribers(lv, &list, &n, lv->n_others + 1, e);

	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++)
		if (list[i].id > lv->client_id)
			lv->client_id = list[i].id;
	free(list);
	return 0;
}

static int check_alone(struct live *lv, struct err *e)
{
	struct redis_client *list;
	size_t n;
	int rc = subscribers(lv, &list, &n, TAP_CLIENTS, e);

	if (!rc)
		free(list);
	return rc;
}

static bool is_subscribed(const struct proc *p UNUSED, void *ctx)
{
	struct live *lv = ctx;
	struct err ignored = ERR_INIT;
	int64_t n = 0;

	/* One of the tap's two is of a pattern, which is not counted. */
	return !redis_query_numsub(sut_redis(lv->sut), EVENTS_CHANNEL, &n, &ignored) &&
	       n >= (int64_t)lv->n_others;
}

/*
 * Ready: READY=1, or for who does not notify, the subscription.  The second is
 * asked for every millisecond, so it is found out that much too late at most.
 */
static int await_ready(struct live *lv, struct err *e)
{
	int64_t deadline_ns = clock_mono_ns() + (int64_t)(lv->subject->ready_timeout_s * 1e9);
	int64_t ready_ns;
	int rc;

	if (lv->subject->readiness == READY_NOTIFY) {
		rc = proc_await_ready(lv->proc, deadline_ns, e);
		ready_ns = proc_info(lv->proc)->ready_ns;
	} else {
		do {
			rc = proc_await_exit(lv->proc, clock_mono_ns() + NS_PER_MS, NULL);
			if (rc != -ETIMEDOUT)
				return err_set(e, -ECHILD, "%s ended before it was ready",
					       lv->subject->name);
			ready_ns = proc_info(lv->proc)->ready_ns;
			if (!ready_ns && is_subscribed(NULL, lv))
				ready_ns = clock_mono_ns();
			if (!ready_ns && clock_mono_ns() > deadline_ns)
				return err_set(e, -ETIMEDOUT, "%s did not subscribe within %g s",
					       lv->subject->name, lv->subject->ready_timeout_s);
		} while (!ready_ns);
		rc = 0;
	}
	if (!rc)
		run_set(lv->run, METRIC_READY,
			(double)(ready_ns - proc_info(lv->proc)->started_ns) / 1e6);
	/* READY=1 from a subject that is not subscribed would be a lie: ask Redis. */
	if (!rc && !is_subscribed(NULL, lv))
		rc = err_set(e, -EPROTO, "%s said READY=1 but is not subscribed to %s",
			     lv->subject->name, EVENTS_CHANNEL);
	return rc;
}

static int start_subject(struct live *lv, struct err *e)
{
	struct session *s = lv->session;
	struct strv env = { 0 };
	struct proc_spec spec = {
		.name = lv->subject->name,
		.argv = &lv->subject->argv,
		.env = &env,
		.cwd = s->dir, /* no .env of the user's there */
		.cpus = &lv->cpus->subject,
		.notify_dir = s->dir,
		.hooks = &s->hooks,
		.loop = s->loop,
	};
	int rc = live_environment(lv, &env, e);

	if (!rc)
		rc = proc_start(&lv->proc, &spec, e);
	strv_release(&env);
	if (!rc)
		rc = await_ready(lv, e);
	return rc ? rc : find_client(lv, e);
}

static struct rconn_addr tap_addr(const struct redis_addr *a)
{
	return (struct rconn_addr){ .socket = a->socket,
				    .host = a->host,
				    .port = a->port,
				    .username = a->username,
				    .password = a->password };
}

static int first_cpu(const cpu_set_t *set)
{
	size_t cpu = 0;

	while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, set))
		cpu++;
	return (int)cpu;
}

static int start_tap(struct live *lv, struct err *e)
{
	static int cpu;
	struct tap_conf conf = {
		.addr = tap_addr(sut_redis_addr(lv->sut)),
		.plan = lv->plan,
		.features = true,
		.cpu = &cpu,
	};

	cpu = first_cpu(&lv->cpus->tap);
	return tap_start(&lv->tap, &conf, e);
}

static void init(struct live *lv, struct session *s, const struct subject *subject, struct run *run)
{
	int64_t wall_us = clock_wall_us();

	memset(lv, 0, sizeof(*lv));
	lv->session = s;
	lv->sut = s->sut;
	lv->cpus = &s->cpus;
	lv->n_others = TAP_CLIENTS;
	lv->subject = subject;
	lv->run = run;
	lv->is_floor = subject->extractor == SUBJECT_ANY;
	s->n_runs++;
	lv->wall_minus_mono_us = wall_us - clock_mono_ns() / NS_PER_US;
	run->started_wall_us = wall_us;
}

/* Sampled in this order and before procfs: eBPF takes a microsecond, then procfs reads its CPU clock. */
static const struct {
	const struct probe_ops *ops;
	uint64_t metrics;
} extras[LIVE_EXTRAS] = {
	{ &perf_probe, PROBE_OF_PERF },
	{ &ebpf_probe, PROBE_OF_EBPF },
};

/* A host without eBPF or counters is no error: their metrics say why they are missing. */
static int open_probes(struct live *lv, struct err *e)
{
	pid_t pid = proc_info(lv->proc)->pid;

	for (size_t i = 0; i < LIVE_EXTRAS; i++) {
		struct live_extra *x = &lv->extras[i];
		struct err why = ERR_INIT;

		if (extras[i].ops->open(&x->probe, pid, &why)) {
			x->probe = NULL;
			snprintf(x->why, sizeof(x->why), "%.95s", why.text);
		}
	}
	return procfs_probe.open(&lv->probe, pid, e);
}

int live_join(struct live *lv, struct session *s, const struct subject *subject, struct sut *sut,
	      size_t n_others, struct run *run, struct err *e)
{
	int rc;

	init(lv, s, subject, run);
	lv->sut = sut;
	lv->n_others = n_others;
	lv->shared = true;
	rc = start_subject(lv, e);
	rc = rc ? rc : open_probes(lv, e);
	return rc ? err_wrap(e, "%s", subject->name) : 0;
}

/* All but what watches for disturbance and stamps the plan. */
static int open_at(struct live *lv, const struct live_place *at, struct plan *plan, struct err *e)
{
	struct run *run = lv->run;
	int rc;

	lv->sut = at->sut;
	lv->cpus = at->cpus;
	lv->plan = plan;
	run->plan_events = (int64_t)plan->n;
	run->plan_own_events = (int64_t)plan->per_type[run->extractor];
	run->plan_checksum = plan->checksum;
	rc = gen_ctl_open(&lv->ctl, e);
	lv->ctl_open = !rc;
	rc = rc ? rc : start_tap(lv, e);
	rc = rc ? rc : check_alone(lv, e);
	rc = rc ? rc : start_subject(lv, e);
	return rc ? rc : open_probes(lv, e);
}

int live_open_at(struct live *lv, struct session *s, const struct live_place *at,
		 const struct subject *subject, struct plan *plan, struct run *run, struct err *e)
{
	int rc;

	init(lv, s, subject, run);
	lv->shared = true;
	rc = open_at(lv, at, plan, e);
	return rc ? err_wrap(e, "%s", subject->name) : 0;
}

int live_stamp(struct live *const *lives, size_t n, struct plan *plan, struct err *e)
{
	/* Events are stamped from now on; the load begins within the slack. */
	int rc = plan_rebase(plan, clock_wall_us() + WALL_SLACK_US, e);

	for (size_t i = 0; !rc && i < n; i++)
		collect_own(lives[i]);
	return rc;
}

int live_open(struct live *lv, struct session *s, const struct subject *subject, struct plan *plan,
	      struct run *run, struct err *e)
{
	struct live_place at = { .sut = s->sut, .cpus = &s->cpus };
	int rc;

	init(lv, s, subject, run);
	noise_start(&lv->noise, s->sut);
	rc = open_at(lv, &at, plan, e);
	rc = rc ? rc : live_stamp(&lv, 1, plan, e);
	return rc ? err_wrap(e, "%s", subject->name) : 0;
}

/* ---- the load --------------------------------------------------------------------------- */

static void *generate(void *ctx)
{
	struct live *lv = ctx;

	pthread_setaffinity_np(pthread_self(), sizeof(cpu_set_t), &lv->cpus->generator);
	(void)!gen_run(lv->gen, lv->gen_start_ns, &lv->gen_err);
	atomic_store_explicit(&lv->gen_done, true, memory_order_release);
	return NULL;
}

int live_load(struct live *lv, enum gen_mode mode, int64_t start_ns, struct err *e)
{
	struct gen_conf conf = {
		.plan = lv->plan,
		.addr = tap_addr(sut_redis_addr(lv->sut)),
		.ctl = &lv->ctl,
		.mode = mode,
		.connections = 1, /* the order of the plan is the oracle's order */
		.paced_from = lv->paced_from,
		.realtime = lv->session->conf.realtime && mode == GEN_OPEN_LOOP,
	};
	int rc;

	if (lv->session->conf.drop_event >= 0) {
		lv->drop_at = (size_t)lv->session->conf.drop_event % lv->plan->n;
		conf.drop_at = &lv->drop_at;
		conf.n_drop = 1;
	}
	rc = gen_open(&lv->gen, &conf, e);
	if (rc)
		return rc;
	lv->gen_start_ns = start_ns;
	rc = pthread_create(&lv->thread, NULL, generate, lv);
	if (rc)
		return err_set(e, -rc, "generator thread: %s", strerror(rc));
	lv->thread_runs = true;
	return 0;
}

bool live_gen_failed(const struct live *lv)
{
	return atomic_load_explicit(&lv->gen_done, memory_order_acquire) && lv->gen_err.code;
}

void live_note_clients(struct live *lv, const struct redis_client *list, size_t n)
{
	bool there = false;

	lv->held_bytes = lv->subject_bytes = 0;
	for (size_t i = 0; i < n; i++) {
		if (list[i].id == lv->client_id) {
			there = true;
			lv->subject_bytes = list[i].output_bytes;
		}
		/* The tap counts too: it must not be cut off either. */
		if (list[i].output_bytes > lv->held_bytes)
			lv->held_bytes = list[i].output_bytes;
	}
	lv->client_gone |= !there;
	if (lv->subject_bytes > lv->run->instrument.outstanding_max_bytes)
		lv->run->instrument.outstanding_max_bytes = lv->subject_bytes;
}

/* What Redis holds for the subject; a subscription that is gone is remembered for the books. */
static int look_at_client(struct live *lv, struct err *e)
{
	struct redis_client *list;
	size_t n;
	int rc = redis_query_subscribers(sut_redis(lv->sut), &list, &n, e);

	if (rc)
		return rc;
	live_note_clients(lv, list, n);
	free(list);
	return 0;
}

int live_step(struct live *lv, int64_t wait_ns, struct err *e)
{
	int rc = proc_await_exit(lv->proc, clock_mono_ns() + wait_ns, NULL);

	if (rc == -EINTR || lv->session->stopped)
		return err_set(e, -EINTR, "stopped by a signal");
	if (rc != -ETIMEDOUT) {
		char words[PROC_WORDS_MAX];

		return err_set(e, -ECHILD, "%s: ended in the middle of the run: %s",
			       lv->subject->name,
			       proc_exit_words(proc_info(lv->proc)->status, words));
	}
	return look_at_client(lv, e);
}

uint64_t live_answered(const struct live *lv)
{
	uint64_t sent, replies;

	gen_progress(lv->gen, &sent, &replies);
	/* An event left out on purpose counts as done once those before it are. */
	return replies + (lv->session->conf.drop_event >= 0 && replies >= lv->drop_at);
}

enum live_answer live_counter(struct live *lv, const char *name, int64_t *value, int64_t *at_ns)
{
	struct counters *c;
	struct err ignored = ERR_INIT;
	enum live_answer answer;
	int rc;

	if (lv->subject->has_counters == SUBJECT_NO)
		return LIVE_CANNOT;
	c = mem_calloc(1, sizeof(*c));
	lv->asked++;
	rc = proc_ask_stats(lv->proc, clock_mono_ns() + STEP_STATS_DEADLINE_NS, c, at_ns, &ignored);
	if (rc)
		answer = rc == -ENOTSUP ? LIVE_CANNOT : LIVE_LATE;
	else
		answer = counters_get(c, name, value) ? LIVE_TOLD : LIVE_CANNOT;
	free(c);
	return answer;
}

enum live_answer live_received(struct live *lv, int64_t *received, int64_t *at_ns)
{
	enum live_answer answer = live_counter(lv, "received", received, at_ns);
	uint64_t sent = 0, replies;

	if (answer != LIVE_TOLD)
		return answer;
	if (lv->gen) /* asked afterwards: it may only have grown */
		gen_progress(lv->gen, &sent, &replies);
	lv->impossible += *received > (int64_t)sent || *received < lv->received;
	lv->received = *received;
	return answer;
}

/* Of the first `upto` events, how many the subject must count: those that were sent. */
static int64_t to_count(const struct live *lv, uint64_t upto)
{
	return (int64_t)upto - (lv->session->conf.drop_event >= 0 && lv->drop_at < upto);
}

int live_await_counted(struct live *lv, uint64_t upto, int64_t *at_ns, struct err *e)
{
	int64_t received = -1, asked_ns = 0, moved_ns = clock_mono_ns(), held = -1, last = -1;
	int rc = 0;

	*at_ns = 0;
	while (!rc && clock_mono_ns() - moved_ns < COUNT_STALL_NS) {
		if (lv->subject_bytes == 0) {
			enum live_answer answer = live_received(lv, &received, &asked_ns);

			if (answer == LIVE_CANNOT)
				return 0; /* Redis holds nothing more for it: all that can be told */
			if (answer == LIVE_LATE)
				return err_set(e, -ETIMEDOUT,
					       "%s: did not print its counters on SIGUSR1",
					       lv->subject->name);
			if (received >= to_count(lv, upto)) {
				*at_ns = asked_ns;
				return 0;
			}
		}
		if (received != last || lv->subject_bytes != held)
			moved_ns = clock_mono_ns();
		last = received;
		held = lv->subject_bytes;
		rc = live_step(lv, COUNT_ASK_NS, e);
	}
	return rc;
}

bool live_has_features_of(struct live *lv, uint64_t upto)
{
	struct check_spec spec;
	struct check_message *messages;
	struct tap_counts counts;
	size_t n;
	bool has;

	if (lv->is_floor)
		return true;
	tap_counts(lv->tap, &counts);
	if (counts.features == lv->features_looked)
		return false;
	lv->features_looked = counts.features;
	books_check_spec(lv, &spec);
	while (spec.n_own && lv->own_index[spec.n_own - 1] >= upto)
		spec.n_own--;
	messages = books_messages(lv, &n);
	has = check_has_last(&spec, messages, n);
	free(messages);
	books_release_spec(&spec);
	return has;
}

/* Values that are of one process only say so when the subject is several. */
static void mark_several(const struct live *lv, struct probe_sample *s)
{
	size_t n = 0;

	if (pgroup_count(proc_info(lv->proc)->pid, &n) || n <= 1)
		return;
	for (int m = 0; m < PROBE_METRICS; m++)
		if (probe_has(s, (enum probe_metric)m)) {
			s->have &= ~PROBE_BIT(m);
			probe_miss(
				s, (enum probe_metric)m,
				"the subject is %zu processes and only the first could be measured",
				n);
		}
}

int live_glance(struct live *lv, uint64_t want, struct probe_sample *out)
{
	int rc;

	probe_sample_reset(out);
	rc = procfs_probe.sample(lv->probe, want, out);
	lv->prober_us += (double)out->cost_ns / 1e3;
	lv->samples++;
	return rc;
}

int live_sample(struct live *lv, uint64_t want, struct probe_sample *out, struct err *e)
{
	int rc = 0;

	probe_sample_reset(out);
	for (size_t i = 0; !rc && i < LIVE_EXTRAS; i++) {
		if (lv->extras[i].probe)
			rc = extras[i].ops->sample(lv->extras[i].probe, want, out);
		else
			probe_miss_all(out, want & extras[i].metrics, lv->extras[i].why);
	}
	rc = rc ? rc : procfs_probe.sample(lv->probe, want, out);
	if (rc)
		return err_set(e, rc, "%s: cannot be measured: %s", lv->subject->name,
			       strerror(-rc));
	lv->prober_us += (double)out->cost_ns / 1e3;
	lv->samples++;
	mark_several(lv, out);
	return 0;
}

/* ---- after the load ------------------------------------------------------------------------ */

static void join_generator(struct live *lv)
{
	if (!lv->thread_runs)
		return;
	pthread_join(lv->thread, NULL);
	lv->thread_runs = false;
}

/*
 * What was sent may still be on its way into the subject: stopping it now would
 * void the run.  One that cannot be asked gets until Redis holds nothing for it
 * and no feature has come for a while.
 */
static int settle(struct live *lv, struct err *e)
{
	int64_t deadline_ns = clock_mono_ns() + SETTLE_NS, quiet_ns = clock_mono_ns(), received,
		at_ns;
	struct tap_counts counts = { 0 };
	uint64_t features = 0;
	int rc = 0;

	while (!rc && clock_mono_ns() < deadline_ns) {
		enum live_answer answer = live_received(lv, &received, &at_ns);

		if (answer == LIVE_TOLD && received >= (int64_t)gen_result(lv->gen)->sent)
			return 0;
		tap_counts(lv->tap, &counts);
		if (counts.features != features || lv->subject_bytes)
			quiet_ns = clock_mono_ns();
		features = counts.features;
		if (answer != LIVE_TOLD && clock_mono_ns() - quiet_ns > SETTLE_QUIET_NS)
			return 0;
		rc = live_step(lv, SETTLE_STEP_NS, e);
	}
	return rc;
}

/* Until the generator is done, hearing Ctrl-C meanwhile. */
static int await_generator(struct live *lv, struct err *e)
{
	int rc = 0;

	while (!rc && !atomic_load_explicit(&lv->gen_done, memory_order_acquire))
		rc = live_step(lv, SETTLE_STEP_NS, e);
	return rc;
}

int live_close_books(struct live *lv, struct err *e)
{
	struct err slow = ERR_INIT;
	int rc;

	rc = await_generator(lv, e);
	if (rc)
		return rc;
	join_generator(lv);
	if (lv->gen_err.code)
		return err_set(e, lv->gen_err.code, "generator: %s", lv->gen_err.text);
	rc = settle(lv, e);
	rc = rc ? rc : look_at_client(lv, e);
	if (rc)
		return rc;
	rc = proc_stop(lv->proc, STOP_GRACE_NS, &slow);
	if (rc && rc != -ETIMEDOUT)
		return err_set(e, rc, "%s", slow.text);
	return books_fill(lv, rc ? slow.text : NULL, e);
}

void live_judge_noise(const struct session *s, struct run *run)
{
	const struct scenario *sc = &s->scenario;
	double foreign_limit = sc->foreign_limit_frac;

	/* Of a server that is not ours nobody knows what it used: then nothing is foreign. */
	if (!sut_redis_proc(s->sut))
		foreign_limit = 1;
	if ((run->status != RUN_OK && run->status != RUN_STOPPED) ||
	    (!(run->noise.steal_frac > sc->steal_limit_frac) &&
	     !(run->noise.foreign_frac > foreign_limit)))
		return;
	run->status = RUN_DISTURBED;
	snprintf(
		run->why, sizeof(run->why),
		"%.1f %% of the CPU time stolen (limit %g %%), %.1f %% used by other programs (limit %g %%)",
		100 * run->noise.steal_frac, 100 * sc->steal_limit_frac,
		100 * run->noise.foreign_frac, 100 * sc->foreign_limit_frac);
}

void live_close(struct live *lv)
{
	struct err ignored = ERR_INIT;

	if (lv->ctl_open)
		gen_ctl_stop(&lv->ctl);
	join_generator(lv);
	if (lv->tap)
		(void)!tap_stop(lv->tap, &ignored);
	if (lv->gen && lv->tap)
		books_note_instrument(lv);
	tap_free(lv->tap);
	if (lv->gen)
		gen_close(lv->gen);
	if (lv->database_made)
		books_drop_database(lv);
	if (lv->probe)
		procfs_probe.close(lv->probe);
	for (size_t i = 0; i < LIVE_EXTRAS; i++)
		if (lv->extras[i].probe)
			extras[i].ops->close(lv->extras[i].probe);
	proc_free(lv->proc);
	if (lv->ctl_open)
		gen_ctl_close(&lv->ctl);
	free(lv->own);
	free(lv->own_index);
	if (!lv->shared) {
		noise_end(&lv->noise, lv->session->sut, &lv->run->noise);
		live_judge_noise(lv->session, lv->run);
	}
	lv->run->seconds = (double)(clock_wall_us() - lv->run->started_wall_us) / 1e6;
}
