/* What lives as long as a session; see session.h. */
#include "harness/session.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "build_info.h"
#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/doctor_gather.h"
#include "harness/env.h"
#include "harness/file.h"
#include "harness/host_load.h"
#include "harness/probes/ebpf.h"
#include "harness/report_files.h"
#include "harness/resume.h"

#define SERVERS_TIMEOUT_S 30.0

static int group_born(void *ctx, pid_t pgid, struct err *e)
{
	return guard_add_group(ctx, pgid, e);
}

static void group_dying(void *ctx, pid_t pgid)
{
	struct err ignored = ERR_INIT;

	(void)!guard_forget_group(ctx, pgid,
				  &ignored); /* at worst the guardian kills what is gone */
}

static void on_signal(void *ctx, int signo UNUSED, int unused UNUSED)
{
	struct session *s = ctx;

	s->stopped = true;
	loop_stop(s->loop);
}

static int open_loop(struct session *s, struct err *e)
{
	static const int signos[] = { SIGINT, SIGTERM, SIGHUP };

	signal(SIGPIPE, SIG_IGN);
	s->loop = loop_new(e);
	if (!s->loop)
		return e->code;
	return loop_signals(s->loop, signos, ARRAY_SIZE(signos), on_signal, s, e);
}

/* The one database that the scenarios ask for; some may do without. */
static int which_database(const struct session *s, enum sut_db *db, struct err *e)
{
	static const enum sut_db kinds[] = {
		[DATABASE_NONE] = SUT_DB_NONE,
		[DATABASE_INFLUX] = SUT_DB_INFLUXD,
		[DATABASE_VICTORIA] = SUT_DB_VICTORIA,
	};

	*db = SUT_DB_NONE;
	for (size_t i = 0; i < s->n_scenarios; i++) {
		enum sut_db wanted = kinds[s->scenarios[i].database];

		if (wanted != SUT_DB_NONE && *db != SUT_DB_NONE && wanted != *db)
			return err_set(
				e, -EINVAL,
				"%s: database: another one than the scenarios before it; run "
				"it in a session of its own",
				s->scenarios[i].path);
		if (wanted != SUT_DB_NONE)
			*db = wanted;
	}
	return 0;
}

static int start_servers(struct session *s, struct err *e)
{
	struct sut_conf conf = {
		.dir = s->dir,
		.cpus = &s->cpus.servers,
		.hooks = &s->hooks,
		.loop = s->loop,
		.redis_url = getenv("REDIS_URL"),
		.influx_url = getenv("INFLUX_URL"),
		.influx_user = getenv("INFLUX_USER"),
		.influx_password = getenv("INFLUX_PASSWORD"),
		.influx_token = getenv("INFLUX_TOKEN"),
		.database = "bench",
		.ready_timeout_s = SERVERS_TIMEOUT_S,
	};

	int rc = which_database(s, &conf.db, e);

	progress_step(&s->progress, "starting Redis and the database");
	return rc ? rc : sut_start(&s->sut, &conf, e);
}

int session_start_redis(struct session *s, const char *name, const cpu_set_t *cpus,
			struct sut **out, struct err *e)
{
	char dir[TEMPDIR_PATH_MAX + 32];
	struct sut_conf conf = {
		.dir = dir,
		.cpus = cpus,
		.hooks = &s->hooks,
		.loop = s->loop,
		.db = SUT_DB_NONE,
		.ready_timeout_s = SERVERS_TIMEOUT_S,
	};

	*out = NULL;
	if (!sut_redis_proc(s->sut))
		return err_set(e, -EINVAL, "a Redis for each is needed: unset REDIS_URL");
	snprintf(dir, sizeof(dir), "%s/%.24s", s->dir, name);
	if (mkdir(dir, 0700) && errno != EEXIST)
		return err_set(e, -errno, "%s: %s", dir, strerror(errno));
	return sut_start(out, &conf, e);
}

static void add_env_fact(void *ctx, const char *key, const char *value)
{
	result_add_fact(ctx, key, "%s", value);
}

static void add_facts(struct session *s)
{
	struct env_conf conf = { .root = s->conf.root, .python = "/usr/bin/python3" };
	struct result *r = &s->result;
	struct buf text = { 0 };

	result_add_fact(r, "harness build", "commit %s, %s, variant %s, flags %s", BUILD_COMMIT,
			BUILD_COMPILER, BUILD_VARIANT, BUILD_FLAGS);
	cpus_write(&s->cpus, &text);
	result_add_fact(r, "cores", "%s", buf_str(&text));
	if (s->conf.realtime)
		result_add_fact(r, "generator", "asked for SCHED_FIFO in open loop%s",
				CPU_EQUAL(&s->cpus.generator, &s->cpus.servers)
					? "; it shares the servers' core and is served before them"
					: "");
	result_add_fact(r, "Redis", "%s%s", sut_redis_version(s->sut),
			sut_redis_proc(s->sut) ? ", private" : ", not ours");
	result_add_fact(r, "database", "%s",
			sut_db_version(s->sut) ? sut_db_version(s->sut) : "none");
	env_collect(&conf, add_env_fact, r);
	session_add_load(s, "load before");
	buf_release(&text);
}

/* Load and pressure of the host, at the beginning and at the end (rule 8). */
void session_add_load(struct session *s, const char *when)
{
	struct host_load h;
	struct buf text = { 0 };

	host_load_take(&h);
	host_load_text(&h, &text);
	result_add_fact(&s->result, when, "%s", buf_str(&text));
	buf_release(&text);
}

/* What it says of itself; "unavailable: …" when it has no --version.  0 or -EINTR. */
static int ask_version(struct session *s, const struct subject *subject, struct buf *out,
		       struct err *e)
{
	struct strv argv = { 0 };
	struct err why = ERR_INIT;
	const struct proc_spec spec = {
		.name = subject->argv.v[0],
		.argv = &argv,
		.keep_stdout_bytes = 4096,
		.hooks = &s->hooks,
		.loop = s->loop,
	};
	int rc;

	for (size_t i = 0; i < subject->argv.n; i++)
		strv_add(&argv, subject->argv.v[i]);
	strv_add(&argv, "--version");
	rc = proc_capture_spec(&spec, 10 * NS_PER_S, out, &why);
	if (rc) {
		buf_reset(out);
		buf_printf(out, "unavailable: %.80s", why.text);
	}
	while (out->len && (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == ' '))
		out->len--;
	strv_release(&argv);
	return rc == -EINTR ? err_set(e, rc, "stopped by a signal") : 0;
}

/* A secret stays one: its name is on record, its value is not. */
static void add_variable(struct buf *out, const char *pair)
{
	static const char *const secret[] = { "TOKEN", "PASSWORD", "SECRET", "PASSWD", "_KEY" };
	size_t len = strcspn(pair, "=");
	char name[128];

	snprintf(name, sizeof(name), "%.*s", (int)len, pair);
	for (size_t i = 0; i < ARRAY_SIZE(secret); i++)
		if (strstr(name, secret[i])) {
			buf_printf(out, " %s=(hidden)", name);
			return;
		}
	buf_printf(out, " %s", pair);
}

int session_add_subject(struct session *s, const struct subject *subject, struct err *e)
{
	struct buf version = { 0 }, env = { 0 };
	const char *variant, *was;
	char key[80], value[1024];
	int rc = 0;

	snprintf(key, sizeof(key), "subject %.60s", subject->name);
	was = result_fact(&s->result, key);
	if (was && !s->conf.resume)
		return 0;
	rc = ask_version(s, subject, &version, e);
	if (rc) {
		buf_release(&version);
		return rc;
	}
	for (size_t i = 0; i < subject->env.n; i++)
		add_variable(&env, subject->env.v[i]);
	snprintf(value, sizeof(value), "%.300s;%.300s %.300s", subject->command, buf_str(&env),
		 buf_str(&version));
	if (was && strcmp(was, value) && !s->conf.anyway)
		rc = err_set(e, -EINVAL,
			     "%s: it was another program when the session began: %.200s",
			     subject->path, was);
	result_add_fact(&s->result, key, "%s", value);
	variant = strstr(buf_str(&version), "variant ");
	if (!rc && variant && strncmp(variant, "variant release", 15) && !s->conf.anyway)
		rc = err_set(e, -EINVAL,
			     "%s: %s is not the release variant; figures come from that",
			     subject->path, subject->command);
	buf_release(&version);
	buf_release(&env);
	return rc;
}

/* An unfit host gives no figures (spec/measurement.md, exit code 3), or marked ones. */
static int examine_host(struct session *s, struct err *e)
{
	struct doctor_conf conf = { .depth = DOCTOR_QUICK,
				    .out = s->conf.out,
				    .root = s->conf.root };
	struct buf reasons = { 0 };
	double noise_pct;
	int rc = 0;

	/* Above the widest limits the runs of every scenario would be discarded. */
	for (size_t i = 0; i < s->n_scenarios; i++) {
		conf.limits.steal_frac =
			fmax(conf.limits.steal_frac, s->scenarios[i].steal_limit_frac);
		conf.limits.foreign_frac =
			fmax(conf.limits.foreign_frac, s->scenarios[i].foreign_limit_frac);
	}
	progress_step(&s->progress, "looking at the host");
	if (!doctor_is_fit(&conf, &reasons, &noise_pct)) {
		result_add_fact(&s->result, RESULT_FACT_UNFIT, "%s", buf_str(&reasons));
		if (!s->conf.anyway)
			rc = err_set(
				e, DOCTOR_UNFIT_HOST,
				"this host is unfit to measure (bench doctor says more; --anyway "
				"measures all the same and marks the results)");
	}
	result_add_fact(&s->result, "noise score", "%.2f %% (bench doctor explains it)", noise_pct);
	buf_release(&reasons);
	return rc;
}

static void make_id(struct session *s)
{
	char iso[CLOCK_ISO_MAX];
	struct result *r = &s->result;

	clock_format_iso(iso, r->started_wall_us);
	/* 2026-11-23T19:10:34… -> 20261123-191034-throughput */
	snprintf(r->id, sizeof(r->id), "%.4s%.2s%.2s-%.2s%.2s%.2s-%s", iso, iso + 5, iso + 8,
		 iso + 11, iso + 14, iso + 17,
		 s->n_scenarios == 1 ? s->scenarios[0].name : "suite");
}

static int load_subjects(struct session *s, struct err *e)
{
	struct subject_dirs dirs = { .root = s->conf.root, .bin = s->conf.bin };
	char dir[4096];
	int rc;

	snprintf(dir, sizeof(dir), "%s/scenarios/subjects", s->conf.root);
	rc = subjects_load(&s->subjects, dir, &dirs, e);
	if (rc || !s->conf.subject_path)
		return rc;
	s->subjects.v = mem_realloc(s->subjects.v, s->subjects.n + 1, sizeof(*s->subjects.v));
	memset(&s->subjects.v[s->subjects.n], 0, sizeof(*s->subjects.v));
	return subject_load(&s->subjects.v[s->subjects.n++], s->conf.subject_path, &dirs, e);
}

#define RECORDING_MAX_BYTES (1 << 30)

static int load_recording(struct session *s, struct err *e)
{
	const char *path = s->conf.recording_path ? s->conf.recording_path : s->scenario.recording;
	struct buf text = { 0 };
	int rc;

	recording_free(s->recording);
	s->recording = NULL;
	if (!path)
		return 0;
	rc = file_read(path, RECORDING_MAX_BYTES, &text, e);
	if (!rc && recording_parse(&s->recording, text.data, text.len, e))
		rc = err_wrap(e, "%s", path);
	buf_release(&text);
	return rc;
}

static bool seen_before(const struct session *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(s->scenarios[k].name, s->scenarios[i].name))
			return true;
	return false;
}

static int load_scenarios(struct session *s, struct err *e)
{
	const struct session_conf *conf = &s->conf;
	char dir[4096];
	int rc = 0;

	snprintf(dir, sizeof(dir), "%s/scenarios", conf->root);
	if (!conf->n_scenarios)
		return scenario_load_dir(&s->scenarios, &s->n_scenarios, dir, e);
	s->scenarios = mem_calloc(conf->n_scenarios, sizeof(*s->scenarios));
	while (!rc && s->n_scenarios < conf->n_scenarios) {
		size_t i = s->n_scenarios++;

		rc = scenario_load(&s->scenarios[i], conf->scenario_paths[i], e);
		if (!rc && seen_before(s, i))
			rc = err_set(e, -EINVAL, "%s: a second scenario called %s",
				     s->scenarios[i].path, s->scenarios[i].name);
	}
	return rc;
}

/* Asked for what no scenario of the session has. */
static int check_duet(const struct session *s, struct err *e)
{
	bool any = !s->conf.duet;

	for (size_t i = 0; i < s->n_scenarios; i++)
		any |= scenario_has_duet(&s->scenarios[i]);
	return any ? 0 : err_set(e, -EINVAL, "--duet is of scenarios throughput and cpu");
}

static int check_soak(const struct session *s, struct err *e)
{
	if (!s->conf.resume && !(s->conf.duration_s > 0))
		return 0;
	if (s->n_scenarios == 1 && s->scenarios[0].kind == SCENARIO_SOAK)
		return 0;
	return err_set(e, -EINVAL, "--duration and --resume are of one scenario, a soak");
}

/* What the scenarios from the i-th on may take, for the progress line. */
static double budget_from(const struct session *s, size_t i)
{
	double sum = 0;

	for (; i < s->n_scenarios; i++)
		sum += s->scenarios[i].sizes[s->conf.profile].budget_s;
	return sum;
}

/* Whoever compares sessions must see what was not done alike (report/compare.h). */
static void add_settings(struct session *s)
{
	struct buf text = { 0 };
	char key[64];

	snprintf(key, sizeof(key), "%s%s", RESULT_FACT_SETTINGS, s->scenario.name);
	scenario_settings(&s->scenario, s->conf.profile, &text);
	result_add_fact(&s->result, key, "%s", text.len ? buf_str(&text) : "all by default");
	buf_release(&text);
}

int session_begin(struct session *s, size_t i, struct err *e)
{
	const struct scenario *sc = &s->scenarios[i];
	char key[64];
	int rc;

	s->scenario = *sc;
	s->size = &sc->sizes[s->conf.profile];
	rc = load_recording(s, e);
	if (rc)
		return rc;
	snprintf(key, sizeof(key), "scenario %s", sc->name);
	result_add_fact(&s->result, key, "%s; window %g s, update interval %g s; events of %s",
			sc->path, sc->window_s, sc->update_interval_s,
			s->recording ? "a recording, looped, where a person's are sent"
				     : "the human-rate model");
	add_settings(s);
	s->progress.total = s->progress.done + budget_from(s, i + 1);
	s->deadline_ns = s->size->budget_s > 0
				 ? clock_mono_ns() + (int64_t)(s->size->budget_s * 1e9)
				 : INT64_MAX;
	return 0;
}

const struct influx_target *session_database(const struct session *s)
{
	return s->scenario.database == DATABASE_NONE ? NULL : sut_influx_target(s->sut);
}

int session_open(struct session *s, const struct session_conf *conf, struct err *e)
{
	int rc;

	memset(s, 0, sizeof(*s));
	s->conf = *conf;
	progress_start(&s->progress, conf->quiet);
	rc = load_scenarios(s, e);
	rc = rc ? rc : check_duet(s, e);
	rc = rc ? rc : check_soak(s, e);
	rc = rc ? rc : load_subjects(s, e);
	if (rc)
		return rc;
	s->result.started_wall_us = clock_wall_us();
	s->result.seed = conf->seed;
	snprintf(s->result.profile, sizeof(s->result.profile), "%s", profile_names[conf->profile]);
	make_id(s);
	rng_init(&s->rng, conf->seed, 0);
	rc = guard_start(&s->guard, e); /* before any thread */
	rc = rc ? rc : guard_mkdtemp(s->guard, "seclyzer-bench", s->dir, e);
	s->hooks = (struct proc_hooks){ .ctx = s->guard, .born = group_born, .dying = group_dying };
	rc = rc ? rc : open_loop(s, e);
	cpus_assign(&s->cpus);
	rc = rc ? rc : examine_host(s, e);
	/* Without it its metrics are unavailable; each sample says why. */
	s->holds_ebpf = !rc && !ebpf_hold(&(struct err)ERR_INIT);
	/* This thread steers and looks: it stays with the tap, away from the subject. */
	if (!rc)
		sched_setaffinity(0, sizeof(s->cpus.tap), &s->cpus.tap);
	rc = rc ? rc : start_servers(s, e);
	if (!rc)
		add_facts(s);
	if (!rc && conf->resume)
		return resume_take_up(s, conf->resume, e);
	return rc ? rc : report_open_dir(conf->out, s->result.id, &s->out_dir, e);
}

int session_save(struct session *s, struct err *e)
{
	s->result.finished_wall_us = clock_wall_us();
	return report_save_results(&s->result, buf_str(&s->out_dir), e);
}

int session_close(struct session *s, struct err *e)
{
	int rc = 0, rc2;

	progress_end(&s->progress);
	if (s->holds_ebpf)
		ebpf_release();
	rc2 = sut_stop(s->sut, e);
	rc = rc2 ? rc2 : rc;
	if (s->dir[0]) {
		rc2 = guard_rmdir(s->guard, s->dir, e);
		rc = rc2 ? rc2 : rc;
	}
	if (s->guard) {
		rc2 = guard_stop(s->guard, e);
		rc = rc2 ? rc2 : rc;
	}
	loop_free(s->loop);
	subjects_release(&s->subjects);
	recording_free(s->recording);
	for (size_t i = 0; i < s->n_scenarios; i++)
		scenario_release(&s->scenarios[i]);
	free(s->scenarios);
	result_release(&s->result);
	buf_release(&s->out_dir);
	return rc;
}
