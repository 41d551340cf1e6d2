/*
 * The live loop; see daemon.h.
 *
 * Redis first: a feature is on its way to Redis before the database hears of
 * it, and nothing the database does can hold the loop.  Start at on_message().
 */
#include "extractors/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/loop.h"
#include "extractors/io/influx.h"
#include "extractors/io/notify.h"
#include "extractors/io/patterns_db.h"
#include "extractors/io/redis_bus.h"
#include "extractors/stats.h"

/* Contract: flush or spool within 2 s; the spooling that is left at the end is in them. */
#define STOP_DEADLINE_NS (1700 * NS_PER_MS)
/* What of it the database may use for answering, so that spooling still fits in. */
#define FLUSH_NS	  (1500 * NS_PER_MS)
#define WATCHDOG_MAX_US	  (7200 * US_PER_S)
#define PATTERNS_NS	  (60 * NS_PER_S) /* contract: at most every 60 s, on an event */
#define PATTERNS_RETRY_NS NS_PER_S

struct daemon {
	const struct extractor_ops *ops;
	const struct conf *conf;
	struct loop *loop;
	struct engine engine;
	struct redis_bus *bus;
	struct influx *influx; /* NULL: no database */
	struct buf json;       /* the feature message being written */
	double now_s;	       /* of the batch of messages being handled */
	int64_t start_ns, patterns_due_ns;
	bool patterns_dirty, patterns_failing; /* changed since the last save; it failed */
	bool patterns_unread;		       /* there may be older ones: never saved over */
	bool exit_when_ready, stopping, ended;
	bool redis_done, influx_done;
	struct log_limit rejected_limit;
	struct loop_timer stop_timer, watchdog_timer;
	int64_t watchdog_ns;
};

/* ---- counters ------------------------------------------------------------------- */

static void print_stats(struct daemon *d)
{
	const struct redis_bus_counters *bus = redis_bus_counters(d->bus);
	struct stats_outside out = {
		/* What is not acknowledged at the end never will be. */
		.publish_errors =
			d->ended ? d->engine.count.features - bus->published : bus->publish_errors,
		.reconnects = bus->reconnects,
		.uptime_ms = (clock_mono_ns() - d->start_ns) / NS_PER_MS,
	};

	if (d->influx) {
		struct influx_counters c;

		influx_counters(d->influx, &c);
		out.points_queued = c.queued;
		out.points_written = c.written;
		out.points_spooled = c.spooled;
		out.points_dropped = c.dropped;
		out.points_pending = c.pending;
		out.points_refused = c.refused;
	}
	stats_print(&d->engine, &out);
}

/* ---- usage patterns (app) --------------------------------------------------------- */

/* Of failures in a row the first is said, and the last, which loses something. */
static void save_patterns(struct daemon *d)
{
	struct buf json = { 0 };
	struct err e = ERR_INIT;

	d->ops->patterns_save(d->engine.core, &json);
	d->patterns_dirty =
		patterns_db_save(d->conf->sqlite_db_path, json.data, json.len, clock_wall_us(), &e);
	if (d->patterns_dirty && (!d->patterns_failing || d->stopping))
		log_warning("patterns are not saved: %s", e.text);
	d->patterns_failing = d->patterns_dirty;
	buf_release(&json);
}

static bool keeps_patterns(const struct daemon *d)
{
	return d->ops->patterns_save && d->conf->sqlite_db_path;
}

static void patterns_changed(struct daemon *d)
{
	int64_t now_ns = (int64_t)(d->now_s * 1e9);

	d->patterns_dirty = true;
	if (now_ns < d->patterns_due_ns)
		return;
	save_patterns(d);
	d->patterns_due_ns = now_ns + (d->patterns_dirty ? PATTERNS_RETRY_NS : PATTERNS_NS);
}

static void load_patterns(struct daemon *d)
{
	struct buf json = { 0 };
	struct err e = ERR_INIT;
	int rc = patterns_db_load(d->conf->sqlite_db_path, &json, &e);

	if (!rc)
		rc = d->ops->patterns_load(d->engine.core, json.data, json.len, &e);
	d->patterns_unread = rc == -EBUSY || rc == -EIO;
	if (d->patterns_unread)
		log_warning("patterns start empty and are not saved, so that older ones stay: %s",
			    e.text);
	else if (rc && rc != -ENOENT)
		log_warning("patterns start empty: %s", e.text);
	buf_release(&json);
}

/* ---- messages ------------------------------------------------------------------------ */

static void on_batch(void *ctx)
{
	struct daemon *d = ctx;

	d->now_s = (double)clock_mono_ns() / 1e9;
}

static void say_rejected(struct daemon *d, enum event_verdict v)
{
	int64_t now_ns = clock_mono_ns();

	if (!log_limit_due(&d->rejected_limit, now_ns))
		return;
	log_warning("rejected %llu message(s) since the last such line, this one as %s",
		    (unsigned long long)d->rejected_limit.since, event_verdict_names[v]);
	log_limit_said(&d->rejected_limit, now_ns);
}

static void send_features(struct daemon *d, const struct engine_output *o)
{
	buf_reset(&d->json);
	feature_write_json(&d->json, &o->msg, d->ops->type, d->conf->trace ? &o->trace : NULL);
	redis_bus_publish(d->bus, feature_routes[d->ops->type].channel, d->json.data, d->json.len);
	if (d->influx)
		influx_add(d->influx, &o->msg, d->ops->type, o->msg.time_us * NS_PER_US);
}

static void on_message(void *ctx, const char *msg, size_t len)
{
	struct daemon *d = ctx;
	enum event_verdict v;
	const struct engine_output *o =
		engine_live(&d->engine, msg, len, d->now_s, clock_wall_us, &v);

	if (o)
		send_features(d, o);
	if (v == EVENT_OWN) {
		if (keeps_patterns(d) && !d->patterns_unread)
			patterns_changed(d);
	} else if (v >= EVENT_REJECTED) {
		say_rejected(d, v);
	}
}

/* ---- life cycle ------------------------------------------------------------------------ */

static void stop_if_done(struct daemon *d)
{
	if (d->redis_done && d->influx_done)
		loop_stop(d->loop);
}

static void on_redis_done(void *ctx)
{
	struct daemon *d = ctx;

	d->redis_done = true;
	stop_if_done(d);
}

static void on_influx_done(void *ctx)
{
	struct daemon *d = ctx;

	d->influx_done = true;
	stop_if_done(d);
}

static void on_stop_deadline(void *ctx)
{
	struct daemon *d = ctx;

	loop_stop(d->loop);
}

static void tell_manager(const char *state)
{
	int rc = notify_send(state);

	if (rc)
		log_warning("NOTIFY_SOCKET: %s not sent: %s", state, strerror(-rc));
}

static void begin_stop(struct daemon *d)
{
	int64_t now_ns = clock_mono_ns();

	if (d->stopping)
		return;
	d->stopping = true;
	tell_manager("STOPPING=1");
	loop_timer_set(d->loop, &d->stop_timer, now_ns + STOP_DEADLINE_NS, on_stop_deadline, d);
	d->influx_done = !d->influx;
	redis_bus_finish(d->bus); /* first: features before anything that writes a file */
	if (d->patterns_dirty)
		save_patterns(d);
	if (d->influx)
		influx_stop(d->influx, now_ns + FLUSH_NS, on_influx_done, d);
}

static void on_subscribed(void *ctx, bool again)
{
	struct daemon *d = ctx;

	if (!again) /* else the bus has said that Redis is back */
		log_info("ready: subscribed to %s", EVENTS_CHANNEL);
	tell_manager("READY=1");
	if (d->exit_when_ready)
		begin_stop(d);
}

static void on_signal(void *ctx, int signo, int unused UNUSED)
{
	struct daemon *d = ctx;

	if (signo == SIGUSR1)
		print_stats(d);
	else
		begin_stop(d);
}

static void on_watchdog(void *ctx)
{
	struct daemon *d = ctx;

	tell_manager("WATCHDOG=1");
	loop_timer_set(d->loop, &d->watchdog_timer, clock_mono_ns() + d->watchdog_ns, on_watchdog,
		       d);
}

/* Twice as often as asked for: one late beat is no death.  Once an hour harms nobody. */
static void start_watchdog(struct daemon *d)
{
	int64_t usec = notify_watchdog_usec();
	const char *socket = getenv("NOTIFY_SOCKET");

	if (!usec || !socket || !*socket) /* nobody would hear it */
		return;
	d->watchdog_ns = (usec < WATCHDOG_MAX_US ? usec : WATCHDOG_MAX_US) * NS_PER_US / 2;
	on_watchdog(d);
}

static void before_sleep(void *ctx)
{
	struct daemon *d = ctx;

	redis_bus_flush(d->bus);
	if (d->influx)
		influx_shed(d->influx);
}

static int open_influx(struct daemon *d, struct err *e)
{
	const struct conf *c = d->conf;
	struct influx_conf ic = {
		.url = c->influx_url,
		.api = c->influx_api, /* enum influx_version has the same order */
		.token = c->influx_token,
		.user = c->influx_user,
		.password = c->influx_password,
		.org = c->influx_org,
		.bucket = c->influx_bucket,
		.batch_size = (size_t)c->influx_batch_size,
		.flush_ms = c->influx_flush_ms,
		.spool_dir = c->spool_dir,
		.spool_max_bytes = c->spool_max_bytes,
		.program = d->ops->program,
	};

	if (!c->influx_url) {
		log_info("INFLUX_URL is not set: features go to Redis only");
		return 0;
	}
	d->influx = influx_new(d->loop, &ic, e);
	return d->influx ? 0 : -EINVAL; /* a URL, a secret or a SPOOL_DIR that cannot be used */
}

static int start(struct daemon *d, struct err *e)
{
	static const int signos[] = { SIGTERM, SIGINT, SIGUSR1 };
	const struct conf *c = d->conf;
	struct redis_bus_conf bc = {
		.host = c->redis_host,
		.socket = c->redis_socket,
		.username = c->redis_username,
		.password = c->redis_password,
		.channel = EVENTS_CHANNEL,
		.port = (int)c->redis_port,
		.pool_size = (int)c->redis_pool_size,
	};
	struct redis_bus_handlers handlers = {
		.ctx = d,
		.batch = on_batch,
		.message = on_message,
		.subscribed = on_subscribed,
		.finished = on_redis_done,
	};
	int rc;

	signal(SIGPIPE, SIG_IGN); /* a lost peer is an errno, not a death */
	d->loop = loop_new(e);
	if (!d->loop)
		return e->code;
	if (loop_signals(d->loop, signos, ARRAY_SIZE(signos), on_signal, d, e))
		return e->code;
	rc = open_influx(d, e);
	if (rc)
		return rc;
	if (keeps_patterns(d))
		load_patterns(d);
	loop_before_sleep(d->loop, before_sleep, d);
	d->bus = redis_bus_new(d->loop, &bc, &handlers);
	start_watchdog(d);
	return 0;
}

int daemon_run(const struct extractor_ops *ops, const struct engine_conf *engine_conf,
	       const struct conf *conf, bool exit_when_ready, struct err *e)
{
	struct daemon d = {
		.ops = ops,
		.conf = conf,
		.exit_when_ready = exit_when_ready,
		.start_ns = clock_mono_ns(),
	};
	int rc;

	d.patterns_due_ns = d.start_ns + PATTERNS_NS;
	engine_init(&d.engine, ops, engine_conf, (double)d.start_ns / 1e9);
	rc = start(&d, e);
	if (!rc) {
		loop_run(d.loop);
		d.ended = true;
		print_stats(&d);
	}
	influx_free(d.influx);
	redis_bus_free(d.bus);
	loop_free(d.loop);
	engine_release(&d.engine);
	buf_release(&d.json);
	return rc;
}
