/*
 * loadgen: the load generator as a program of its own.
 *
 * Makes a plan, sends it to Redis and says how well that went.  The work is in
 * the library (plan.h, gen.h, tap.h), which the harness uses the same way.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "build_info.h"
#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/opt.h"
#include "harness/loadgen/gen.h"
#include "harness/loadgen/hist_log.h"
#include "harness/loadgen/plan.h"
#include "harness/loadgen/summary.h"
#include "harness/loadgen/synth.h"
#include "harness/loadgen/synth_params.h"
#include "harness/loadgen/tap.h"

enum { EXIT_DONE = 0, EXIT_USAGE = 2, EXIT_VOID = 4 };

struct options {
	double rate_hz, keystroke, mouse, app, speed, duration_s, mouse_interval_ms, on_s, off_s;
	int64_t count, seed, burst, apps, port, connections, unanswered, ahead, drop_at, alter_at;
	int arrival;
	bool app_cycle, seq, drain, verify, any_order, lazy, realtime, print, json, quiet, model,
		help, version;
	char *replay, *socket, *host, *user, *password_file, *hgrm, *hlog;
};

#define ROW(field, type, name, letter, vn, def, min, max, help) \
	OPT_ROW(struct options, field, type, name, letter, vn, def, min, max, help)

static const struct opt opts[] = {
	ROW(keystroke, OPT_DOUBLE, "keystroke", 0, "R", "15", 0, 1e7,
	    "key events per second; a share when --rate or --speed is given"),
	ROW(mouse, OPT_DOUBLE, "mouse", 0, "R", "60", 0, 1e7, "mouse events, likewise"),
	ROW(app, OPT_DOUBLE, "app", 0, "R", "0.04", 0, 1e7, "app events, likewise"),
	ROW(rate_hz, OPT_DOUBLE, "rate", 'r', "HZ", NULL, 1e-3, 1e7,
	    "all events per second; unset: the sum of the three"),
	ROW(speed, OPT_DOUBLE, "speed", 0, "X", NULL, 1e-6, 1e6,
	    "instead of a rate: the person's or the recording's own pace, times this"),
	ROW(duration_s, OPT_SECONDS, "duration", 'd', "TIME", NULL, 1e-3, 1e6,
	    "length of the plan; unset: 10 s, or by --count"),
	ROW(count, OPT_INT, "count", 'n', "N", NULL, 1, 20e6, "events of the plan"),
	OPT_CHOICE_ROW(struct options, arrival, "arrival", 'a', "human", arrival_names,
		       "when events are due"),
	ROW(burst, OPT_INT, "burst", 0, "N", "10", 1, 1e6, "events at once, with --arrival bursts"),
	ROW(on_s, OPT_SECONDS, "on", 0, "TIME", "100 ms", 1e-4, 1e6,
	    "length of a busy time, with --arrival on-off"),
	ROW(off_s, OPT_SECONDS, "off", 0, "TIME", "900 ms", 0, 1e6,
	    "length of the pause behind it; --rate is the mean over both"),
	ROW(seq, OPT_FLAG, "seq", 0, NULL, NULL, 0, 0,
	    "every message also carries \"seq\", its number in the plan"),
	ROW(seed, OPT_INT, "seed", 's', "N", "1", 0, 9e15, "of the random numbers"),
	ROW(replay, OPT_STRING, "replay", 'f', "FILE", NULL, 0, 0,
	    "events from a recording (JSON lines), looped, instead of the model"),
	ROW(app_cycle, OPT_FLAG, "app-cycle", 0, NULL, NULL, 0, 0,
	    "every app event brings another app: a transition each"),
	ROW(apps, OPT_INT, "apps", 0, "N", "9", 2, SYNTH_APPS_MAX, "applications of the model"),
	ROW(mouse_interval_ms, OPT_DOUBLE, "mouse-interval", 0, "MS", NULL, 0.1, 1000,
	    "of the model's mouse; unset: 15.6 ms, a 64 Hz device"),
	ROW(drain, OPT_FLAG, "drain", 0, NULL, NULL, 0, 0,
	    "ignore the due times: as fast as Redis answers"),
	ROW(unanswered, OPT_INT, "unanswered", 0, "N", "4096", 1, 1e6,
	    "events without a reply at most, in a drain"),
	ROW(verify, OPT_FLAG, "verify", 0, NULL, NULL, 0, 0,
	    "subscribe too, and compare every delivery with the plan"),
	ROW(ahead, OPT_INT, "ahead", 0, "N", "50000", 1, 1e7,
	    "with --verify: events sent further than seen, at most"),
	ROW(connections, OPT_INT, "connections", 'c', "N", NULL, 1, GEN_CONNECTIONS_MAX,
	    "to Redis, each type of event on one of them; unset: one, and more when it lags"),
	ROW(any_order, OPT_FLAG, "any-order", 0, NULL, NULL, 0, 0,
	    "batches take turns on the connections: for more than three, and no order"),
	ROW(lazy, OPT_FLAG, "lazy-replies", 0, NULL, NULL, 0, 0,
	    "read replies with the next event: half the wakeups, reply times up to 5 ms too long"),
	ROW(realtime, OPT_FLAG, "realtime", 0, NULL, NULL, 0, 0,
	    "send from a SCHED_FIFO thread, if permitted"),
	ROW(socket, OPT_STRING, "socket", 'S', "PATH", NULL, 0, 0, "Redis' unix socket"),
	ROW(host, OPT_STRING, "host", 'H', "NAME", "localhost", 0, 0, "Redis' host"),
	ROW(port, OPT_INT, "port", 'p', "N", "6379", 1, 65535, "Redis' port"),
	ROW(user, OPT_STRING, "user", 0, "NAME", NULL, 0, 0, "for AUTH"),
	ROW(password_file, OPT_STRING, "password-file", 0, "FILE", NULL, 0, 0,
	    "for AUTH; its first line"),
	ROW(print, OPT_FLAG, "print", 0, NULL, NULL, 0, 0,
	    "print the plan as JSON lines (times from 2001-09-09 on) and send nothing"),
	ROW(model, OPT_FLAG, "model", 0, NULL, NULL, 0, 0,
	    "print the constants of the human model with their sources"),
	ROW(json, OPT_FLAG, "json", 0, NULL, NULL, 0, 0, "the summary as JSON"),
	ROW(hgrm, OPT_STRING, "hgrm", 0, "PREFIX", NULL, 0, 0,
	    "write PREFIX.pacing.hgrm, .wake, .reply and .response likewise (percentiles, us)"),
	ROW(hlog, OPT_STRING, "hlog", 0, "FILE", NULL, 0, 0,
	    "the same histograms as an HdrHistogram log, with tags (ns)"),
	ROW(quiet, OPT_FLAG, "quiet", 'q', NULL, NULL, 0, 0, "no progress on the terminal"),
	ROW(drop_at, OPT_INT, "drop-at", 0, "N", NULL, 0, 20e6,
	    "plant a fault: do not send event N (the run is then void)"),
	ROW(alter_at, OPT_INT, "alter-at", 0, "N", NULL, 0, 20e6,
	    "plant a fault: send event N with another time"),
	ROW(version, OPT_FLAG, "version", 'V', NULL, NULL, 0, 0, "commit, compiler, variant"),
	ROW(help, OPT_FLAG, "help", 'h', NULL, NULL, 0, 0, "this text"),
};

#define NOT_GIVEN (-1) /* of drop_at and alter_at: 0 is an event */

/* ---- output ------------------------------------------------------------------------ */

static void put(const struct buf *b)
{
	fwrite(b->data, 1, b->len, stdout);
}

static void print_help(void)
{
	struct buf out = { 0 };

	buf_add_str(
		&out,
		"loadgen: send planned SecLyzer events to Redis, in open loop, and account for them.\n\n"
		"  loadgen -d 60                        human rate for a minute to localhost:6379\n"
		"  loadgen -r 10000 -a constant -d 10   10,000 events a second\n"
		"  loadgen --drain -n 1000000 --verify  as fast as possible, every delivery compared\n"
		"  loadgen -f rec.jsonl --speed 2       a recording, twice as fast\n"
		"  loadgen -r 500 -a on-off --on 2s --off 8s    busy for 2 s of every 10\n"
		"  loadgen --mouse 0 --app 0 -r 100     key events alone\n"
		"  loadgen -r 1000 -a poisson --hlog run.hlog --hgrm run    histograms into files\n"
		"  loadgen -n 20 --print                look at a plan\n\n");
	opt_help(opts, ARRAY_SIZE(opts), true, &out);
	buf_add_str(
		&out,
		"\nExit codes: 0 sent and accounted for, 2 usage, 4 failed or not accounted for.\n");
	put(&out);
	buf_release(&out);
}

static void print_model(void)
{
	for (int i = 0; i < SYNTH_N_PARAMS; i++)
		printf("%-22s %10g %-8s %s\n", synth_param_rows[i].name, synth_param_rows[i].value,
		       synth_param_rows[i].unit, synth_param_rows[i].source);
}

static void print_plan(const struct plan *p)
{
	char scratch[PLAN_BULK_MAX];

	for (size_t i = 0; i < p->n; i++) {
		struct span m = plan_message(p, i, scratch);

		fwrite(m.p, 1, m.len, stdout);
		putchar('\n');
	}
}

static int write_file(const char *path, const struct buf *text, struct err *e)
{
	FILE *f = fopen(path, "w");
	int rc = 0;

	if (!f || fwrite(text->data, 1, text->len, f) != text->len)
		rc = err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (f && fclose(f) && !rc)
		rc = err_set(e, -errno, "%s: %s", path, strerror(errno));
	return rc;
}

/* The histograms of a run, by the name they have in files. */
struct named_hist {
	const char *name;
	const struct hist *hist;
};
#define RUN_HISTS 4

static void name_hists(const struct gen_result *r, struct named_hist out[RUN_HISTS])
{
	out[0] = (struct named_hist){ "pacing", r->pacing };
	out[1] = (struct named_hist){ "wake", r->wake };
	out[2] = (struct named_hist){ "reply", r->reply };
	out[3] = (struct named_hist){ "response", r->response };
}

static int write_hgrms(const char *prefix, const struct gen_result *r, struct err *e)
{
	struct named_hist hists[RUN_HISTS];
	struct buf path = { 0 }, text = { 0 };
	int rc = 0;

	name_hists(r, hists);
	for (size_t i = 0; i < RUN_HISTS && !rc; i++) {
		buf_reset(&path);
		buf_reset(&text);
		buf_printf(&path, "%s.%s.hgrm", prefix, hists[i].name);
		hist_write_hgrm(hists[i].hist, NS_PER_US, &text);
		rc = write_file(buf_str(&path), &text, e);
	}
	buf_release(&path);
	buf_release(&text);
	return rc;
}

/* One interval, the whole run, for each. */
static int write_hlog(const char *path, const struct gen_result *r, struct err *e)
{
	double length_s = (double)(r->end_ns - r->start_ns) / (double)NS_PER_S;
	int64_t began_us = clock_wall_us() - (clock_mono_ns() - r->start_ns) / NS_PER_US;
	struct named_hist hists[RUN_HISTS];
	struct buf text = { 0 };
	struct hist_log log;
	int rc = 0;

	name_hists(r, hists);
	hist_log_begin(&log, began_us);
	for (size_t i = 0; i < RUN_HISTS && !rc; i++)
		rc = hist_log_add(&log, hists[i].name, 0, length_s > 0 ? length_s : 0,
				  hists[i].hist, e);
	hist_log_end(&log, &text);
	if (!rc)
		rc = write_file(path, &text, e);
	buf_release(&text);
	return rc;
}

/* ---- input ------------------------------------------------------------------------- */

#define FILE_MAX_BYTES ((size_t)1 << 30)

static int read_file(const char *path, struct buf *out, struct err *e)
{
	FILE *f = fopen(path, "r");
	size_t n = 0;
	int rc = 0;

	if (!f)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	do {
		n = fread(buf_reserve(out, 65536), 1, 65536, f);
		out->len += n;
	} while (n && out->len <= FILE_MAX_BYTES);
	if (ferror(f))
		rc = err_set(e, -EIO, "%s: cannot be read", path);
	else if (out->len > FILE_MAX_BYTES)
		rc = err_set(e, -EFBIG, "%s: larger than 1 GiB", path);
	fclose(f);
	return rc;
}

static int read_recording(struct recording **out, const char *path, struct err *e)
{
	struct buf text = { 0 };
	int rc = read_file(path, &text, e);

	if (!rc && (rc = recording_parse(out, text.data, text.len, e)))
		err_wrap(e, "%s", path);
	buf_release(&text);
	return rc;
}

static int read_password(const char *path, struct buf *out, struct err *e)
{
	int rc = read_file(path, out, e);

	if (!rc)
		out->len = strcspn(buf_str(out), "\r\n");
	return rc;
}

static struct plan_lane lane_of(const struct options *o, const struct recording *rec)
{
	struct plan_lane l = {
		.recording = rec,
		.weight = { o->keystroke, o->mouse, o->app },
		.rate_hz = o->rate_hz,
		.speed = o->speed,
		.duration_ns = (int64_t)(o->duration_s * (double)NS_PER_S),
		.count = (size_t)o->count,
		.arrival = (enum arrival_kind)o->arrival,
		.burst = o->burst,
		.on_ns = (int64_t)(o->on_s * (double)NS_PER_S),
		.off_ns = (int64_t)(o->off_s * (double)NS_PER_S),
		.app_cycle = o->app_cycle,
		.apps = (int)o->apps,
		.mouse_interval_ms = o->mouse_interval_ms,
	};

	if (!(l.rate_hz > 0) && !(l.speed > 0) && !rec)
		l.rate_hz = o->keystroke + o->mouse + o->app;
	if (!l.duration_ns && !l.count)
		l.duration_ns = 10 * NS_PER_S;
	return l;
}

/* ---- the run ------------------------------------------------------------------------- */

static struct gen_ctl ctl; /* of the signal handler */

static void on_signal(int signo UNUSED)
{
	gen_ctl_stop(&ctl);
}

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	sigaction(SIGINT, &sa, NULL); /* a second one ends at once */
	sigaction(SIGTERM, &sa, NULL);
}

struct run {
	const struct options *o;
	struct plan *plan;
	struct gen_conf conf;
	struct gen *gen;
	struct tap *tap;
	int64_t start_ns;
	int rc;
	struct err err;

	pthread_mutex_t mutex; /* of `done` */
	pthread_cond_t over;
	bool done;
};

static void *gen_thread(void *ctx)
{
	struct run *r = ctx;

	r->rc = gen_run(r->gen, r->start_ns, &r->err);
	pthread_mutex_lock(&r->mutex);
	r->done = true;
	pthread_cond_signal(&r->over);
	pthread_mutex_unlock(&r->mutex);
	return NULL;
}

static void show_progress(const struct run *r)
{
	int64_t since_ns = clock_mono_ns() - r->start_ns;
	uint64_t sent, replies;
	char line[128];
	int n;

	gen_progress(r->gen, &sent, &replies);
	n = snprintf(line, sizeof(line), "\r%llu of %zu sent, %llu answered, %lld s\033[K",
		     (unsigned long long)sent, r->plan->n, (unsigned long long)replies,
		     (long long)(since_ns / NS_PER_S));
	log_raw(line, (size_t)n);
}

/* Until the generator has ended; twice a second a line for who watches. */
static void await_end(struct run *r)
{
	bool show = isatty(STDERR_FILENO) && !r->o->quiet;
	int64_t next_ns = clock_mono_ns();
	struct timespec ts;

	pthread_mutex_lock(&r->mutex);
	while (!r->done && show) {
		show_progress(r);
		next_ns += NS_PER_S / 2;
		ts = (struct timespec){ .tv_sec = next_ns / NS_PER_S,
					.tv_nsec = next_ns % NS_PER_S };
		pthread_cond_clockwait(&r->over, &r->mutex, CLOCK_MONOTONIC, &ts);
	}
	while (!r->done)
		pthread_cond_wait(&r->over, &r->mutex);
	pthread_mutex_unlock(&r->mutex);
	if (show)
		log_raw("\r\033[K", 4);
}

/* Time 0 lies a little ahead, so that the first events are on time too. */
#define LEAD_NS (100 * NS_PER_MS)

static int send_plan(struct run *r, struct err *e)
{
	pthread_t thread;
	int rc;

	rc = plan_rebase(r->plan, clock_wall_us() + LEAD_NS / NS_PER_US, e);
	if (rc)
		return rc;
	r->start_ns = clock_mono_ns() + LEAD_NS;
	rc = pthread_create(&thread, NULL, gen_thread, r);
	if (rc)
		return err_set(e, -rc, "thread: %s", strerror(rc));
	await_end(r);
	pthread_join(thread, NULL);
	return r->rc ? err_set(e, r->rc, "%s", r->err.text) : 0;
}

#define TAP_PATIENCE_NS (5 * NS_PER_S)

static int finish_tap(struct run *r, struct tap_counts *counts, struct err *e)
{
	int64_t deadline_ns = clock_mono_ns() + TAP_PATIENCE_NS;
	struct err why = ERR_INIT;
	int rc;

	if (tap_await(r->tap, gen_result(r->gen)->sent, 0, deadline_ns, &why))
		log_warning("%s", why.text);
	rc = tap_stop(r->tap, e);
	tap_counts(r->tap, counts);
	return rc;
}

static int report(const struct run *r, const struct tap_counts *counts, struct err *e)
{
	struct summary s = {
		.plan = r->plan,
		.conf = &r->conf,
		.result = gen_result(r->gen),
		.tap = r->tap ? counts : NULL,
		.first_missing = r->tap ? tap_first_missing(r->tap) : MATCH_NONE,
		.seed = (uint64_t)r->o->seed,
	};
	const char *open_line = summary_open_line(&s);
	struct buf out = { 0 };
	int rc = 0;

	(r->o->json ? summary_json : summary_text)(&s, &out);
	put(&out);
	buf_release(&out);
	if (r->o->hgrm)
		rc = write_hgrms(r->o->hgrm, s.result, e);
	if (r->o->hlog && !rc)
		rc = write_hlog(r->o->hlog, s.result, e);
	return rc || !open_line ? rc : err_set(e, -EBADMSG, "%s", open_line);
}

static int start_tap(struct run *r, struct err *e)
{
	struct tap_conf conf = {
		.addr = r->conf.addr, .plan = r->plan, .ctl = &ctl, .ahead = (uint64_t)r->o->ahead
	};

	return r->o->verify ? tap_start(&r->tap, &conf, e) : 0;
}

static int run(struct run *r, struct err *e)
{
	struct tap_counts counts = { 0 };
	int rc = gen_ctl_open(&ctl, e), tap_rc = 0;

	if (rc)
		return rc;
	rc = gen_open(&r->gen, &r->conf, e);
	if (!rc)
		rc = start_tap(r, e);
	if (!rc) {
		catch_signals();
		rc = send_plan(r, e);
		if (r->tap)
			tap_rc = finish_tap(r, &counts, e);
		rc = rc ? rc : tap_rc;
		tap_rc = report(r, &counts, e);
	}
	tap_free(r->tap);
	gen_close(r->gen);
	gen_ctl_close(&ctl);
	return rc ? rc : tap_rc;
}

static int run_plan(const struct options *o, struct plan *plan, struct err *e)
{
	const size_t drop = (size_t)o->drop_at, alter = (size_t)o->alter_at;
	struct buf password = { 0 };
	struct run r = { .o = o,
			 .plan = plan,
			 .err = ERR_INIT,
			 .mutex = PTHREAD_MUTEX_INITIALIZER,
			 .over = PTHREAD_COND_INITIALIZER };
	int rc = o->password_file ? read_password(o->password_file, &password, e) : 0;

	if (rc)
		return rc;
	r.conf = (struct gen_conf){
		.plan = plan,
		.addr = { .socket = o->socket,
			  .host = o->host,
			  .port = (int)o->port,
			  .username = o->user,
			  .password = o->password_file ? buf_str(&password) : NULL },
		.ctl = &ctl,
		.mode = o->drain ? GEN_DRAIN : GEN_OPEN_LOOP,
		.connections = o->connections ? (int)o->connections : GEN_AUTO,
		.any_order = o->any_order,
		.exact_replies = !o->lazy,
		.realtime = o->realtime,
		.max_unanswered = (size_t)o->unanswered,
		.drop_at = &drop,
		.alter_at = &alter,
		.n_drop = o->drop_at != NOT_GIVEN,
		.n_alter = o->alter_at != NOT_GIVEN,
	};
	rc = run(&r, e);
	buf_release(&password);
	return rc;
}

static int make_plan(struct plan **out, struct recording **rec, const struct options *o,
		     struct err *e)
{
	struct plan_spec spec = { .seed = (uint64_t)o->seed, .n_lanes = 1, .with_seq = o->seq };
	struct plan_lane lane;
	int rc = o->replay ? read_recording(rec, o->replay, e) : 0;

	if (rc)
		return rc;
	lane = lane_of(o, *rec);
	spec.lanes = &lane;
	return plan_build(out, &spec, e);
}

static int work(const struct options *o, struct err *e)
{
	struct recording *rec = NULL;
	struct plan *plan = NULL;
	int rc = make_plan(&plan, &rec, o, e) ? EXIT_USAGE : EXIT_DONE;

	if (!rc && o->print)
		print_plan(plan);
	else if (!rc && run_plan(o, plan, e))
		rc = EXIT_VOID;
	plan_free(plan);
	recording_free(rec);
	return rc;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct err e = ERR_INIT;
	int rc;

	log_init("loadgen", LOG_INFO);
	opt_defaults(opts, ARRAY_SIZE(opts), &o);
	o.drop_at = o.alter_at = NOT_GIVEN;
	rc = opt_parse_args(opts, ARRAY_SIZE(opts), &o, argc, argv, &e);
	if (rc > 0)
		rc = err_set(&e, -EINVAL, "%s: no such argument (--help lists the options)",
			     argv[1]);
	if (rc)
		rc = EXIT_USAGE;
	else if (o.help)
		print_help();
	else if (o.version)
		printf("loadgen %s %s %s\n", BUILD_COMMIT, BUILD_VARIANT, BUILD_COMPILER);
	else if (o.model)
		print_model();
	else
		rc = work(&o, &e);
	if (e.code)
		log_error("%s", e.text);
	opt_release(opts, ARRAY_SIZE(opts), &o);
	return rc;
}
