/*
 * The writer's state machine; see influx.h.
 *
 * The slot holds the one batch that is being sent; it is filled from the spool
 * first, then from the queue, and emptied by the database's answer alone.
 * URLs and the meaning of answers are influx_target's, libcurl is http's.
 */
#include "extractors/io/influx.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/rng.h"
#include "extractors/io/batch.h"
#include "extractors/io/influx_target.h"
#include "extractors/io/line_protocol.h"
#include "extractors/io/rejected.h"
#include "extractors/io/spool.h"

#define CONNECT_TIMEOUT_MS 3000
#define REQUEST_TIMEOUT_MS 10000
#define BACKOFF_FIRST_MS   100
#define BACKOFF_LAST_MS	   5000
#define RETRY_AFTER_MAX_S  60
/*
 * A due batch waits this long: the loop then sleeps once, and before that
 * sleep the daemon writes the feature to Redis, which comes first.
 */
#define SOON_NS NS_PER_MS
/*
 * Full batches go out at most this often, except in requests of full size.  At 50,000
 * points a second a request then carries 500 points instead of 60, and the process
 * spends 0.75 us of CPU a point instead of 1.2.
 */
#define GATHER_NS (10 * NS_PER_MS)

enum phase {
	IDLE, /* nothing on the way; the timer, if armed, is the batch's age */
	SENDING,
	WAITING, /* the timer is the backoff */
	STOPPED,
};

struct influx {
	struct loop *loop;
	struct influx_target target;
	enum influx_version api;     /* as configured */
	enum influx_version version; /* as known; INFLUX_AUTO: to be asked */
	uint64_t batch_points, request_points;
	size_t request_bytes, queue_max_bytes;
	int64_t flush_ns, connect_timeout_ms, request_timeout_ms;
	int64_t last_sent_ns; /* when the last request began */
	char *spool_dir, *program;
	int64_t spool_max_bytes;

	struct http *http;   /* NULL until the first request */
	struct spool *spool; /* NULL: none */
	struct buf line;     /* the point being added */
	struct batch_queue queue;
	struct batch *slot; /* NULL: nothing is being sent */
	bool slot_spooled;  /* it is also the oldest record of the spool */

	enum phase phase;
	bool asking; /* what is on the way is a ping */
	bool stopping;
	struct loop_timer timer, stop_timer;
	loop_cb stop_done;
	void *stop_ctx;

	int failures; /* in a row */
	int64_t away_since_ns;
	bool away_said;
	struct rng rng;
	struct log_limit away_log, refused_log, dropped_log;
	uint64_t added, written, dropped, refused, retries;
};

static void kick(struct influx *x);

/* ---- points that cannot stay in memory ------------------------------------------- */

static void drop(struct influx *x, uint64_t points, const char *why)
{
	int64_t now = clock_mono_ns();

	x->dropped += points;
	if (!log_limit_due(&x->dropped_log, now))
		return;
	log_warning("points are dropped, %llu so far: %s", (unsigned long long)x->dropped, why);
	log_limit_said(&x->dropped_log, now);
}

static void keep(struct influx *x, const struct batch *b)
{
	struct err e = ERR_INIT;
	uint64_t kept = 0;

	if (x->spool)
		kept = spool_append(x->spool, b->text.data, b->text.len, b->points, &e);
	if (kept < b->points)
		drop(x, b->points - kept, e.code ? e.text : "there is no SPOOL_DIR");
}

/*
 * Let the spool have the batch in the slot as well, before younger ones follow:
 * so the order holds, even while it is on the way.  An answer then consumes the record.
 */
static void spool_slot(struct influx *x)
{
	struct batch *b = x->slot;

	if (!b || x->slot_spooled || !x->spool || spool_counts(x->spool)->points)
		return;
	if (spool_fits(x->spool, b->text.len))
		x->slot_spooled = spool_append(x->spool, b->text.data, b->text.len, b->points,
					       NULL) == b->points;
}

static size_t bytes_in_memory(const struct influx *x)
{
	return x->queue.bytes + (x->slot && !x->slot_spooled ? x->slot->text.len : 0);
}

static void shed_oldest(struct influx *x, size_t down_to_bytes)
{
	struct batch *b;

	spool_slot(x);
	while (bytes_in_memory(x) > down_to_bytes && (b = batch_queue_pop(&x->queue))) {
		keep(x, b);
		batch_free(b);
	}
}

/* The end: nothing stays in memory. */
static void shed_all(struct influx *x)
{
	spool_slot(x);
	if (x->slot && !x->slot_spooled)
		keep(x, x->slot);
	batch_free(x->slot);
	x->slot = NULL;
	x->slot_spooled = false;
	shed_oldest(x, 0);
}

/* ---- away and back ----------------------------------------------------------------- */

static void say_away(struct influx *x, const char *reason)
{
	int64_t now = clock_mono_ns();

	if (x->failures == 1)
		x->away_since_ns = now;
	if (x->away_said || !log_limit_due(&x->away_log, now))
		return;
	log_warning("InfluxDB %s does not take points: %s; they are kept and sent again",
		    x->target.shown, reason);
	log_limit_said(&x->away_log, now);
	x->away_said = true;
}

static void came_back(struct influx *x)
{
	struct influx_counters c;

	if (x->away_said) {
		influx_counters(x, &c);
		log_info(
			"InfluxDB %s is back after %.1f s; %llu points are spooled, %llu in memory",
			x->target.shown,
			(double)(clock_mono_ns() - x->away_since_ns) / (double)NS_PER_S,
			(unsigned long long)c.spooled, (unsigned long long)c.pending);
	}
	x->away_said = false;
	x->failures = 0;
}

/*
 * Doubling from 100 ms, each delay drawn from [d, 2d) so that several writers
 * do not come back in step: 100-200 ms, 200-400 ms, ... 2.5-5 s.
 */
static int64_t backoff_ns(struct influx *x)
{
	int doublings = x->failures < 6 ? x->failures - 1 : 5;
	int64_t ms = BACKOFF_FIRST_MS << (x->stopping ? 0 : doublings);

	if (ms > BACKOFF_LAST_MS / 2)
		ms = BACKOFF_LAST_MS / 2;
	return ms * NS_PER_MS + (int64_t)rng_below(&x->rng, (uint64_t)(ms * NS_PER_MS));
}

static void finish(struct influx *x)
{
	x->phase = STOPPED;
	http_cancel(x->http);
	loop_timer_clear(x->loop, &x->timer);
	loop_timer_clear(x->loop, &x->stop_timer);
	shed_all(x);
	x->stop_done(x->stop_ctx); /* may free x */
}

static void on_timer(void *ctx)
{
	struct influx *x = ctx;

	x->phase = IDLE;
	kick(x);
}

static void failed(struct influx *x, const char *reason, int64_t retry_after_s)
{
	int64_t wait_ns;

	x->failures++;
	x->version = x->api; /* who comes back may be another */
	say_away(x, reason);
	if (x->stopping && x->spool) {
		finish(x);
		return;
	}
	x->retries++;
	wait_ns = backoff_ns(x);
	if (retry_after_s > RETRY_AFTER_MAX_S)
		retry_after_s = RETRY_AFTER_MAX_S;
	if (wait_ns < retry_after_s * NS_PER_S && !x->stopping)
		wait_ns = retry_after_s * NS_PER_S;
	x->phase = WAITING;
	loop_timer_set(x->loop, &x->timer, clock_mono_ns() + wait_ns, on_timer, x);
}

/* ---- answers ------------------------------------------------------------------------ */

static void empty_slot(struct influx *x)
{
	if (x->slot_spooled)
		spool_consume(x->spool);
	batch_free(x->slot);
	x->slot = NULL;
	x->slot_spooled = false;
}

static void refuse_slot(struct influx *x, const char *reason)
{
	const struct rejected_file file = { x->spool_dir, x->program, x->spool_max_bytes };
	const struct batch *b = x->slot;
	int64_t now = clock_mono_ns();
	struct err e = ERR_INIT;

	x->dropped += b->points;
	x->refused += b->points;
	if (x->spool && rejected_append(&file, reason, b->points, b->text.data, b->text.len, &e))
		log_warning("refused points are not kept: %s", e.text);
	if (log_limit_due(&x->refused_log, now)) {
		log_warning("InfluxDB %s refused points, %llu so far: %s", x->target.shown,
			    (unsigned long long)x->refused, reason);
		log_limit_said(&x->refused_log, now);
	}
	empty_slot(x);
}

static void on_reply(void *ctx, const struct http_reply *reply)
{
	struct influx *x = ctx;
	enum influx_verdict verdict = influx_verdict_of(reply->status);
	char reason[INFLUX_REASON_MAX];

	x->phase = IDLE;
	if (verdict != INFLUX_WRITTEN)
		influx_target_reason(&x->target, reply, reason);
	if (verdict == INFLUX_AGAIN) {
		failed(x, reason, reply->retry_after_s);
		return;
	}
	if (x->asking) { /* whatever it says of /ping, something answers */
		x->version = influx_version_of(reply->header);
	} else {
		came_back(x);
		if (verdict == INFLUX_WRITTEN) {
			x->written += x->slot->points;
			empty_slot(x);
		} else {
			refuse_slot(x, reason);
		}
	}
	kick(x);
}

/* ---- sending --------------------------------------------------------------------------- */

static void send_slot(struct influx *x)
{
	struct http_request r = { .connect_timeout_ms = x->connect_timeout_ms,
				  .total_timeout_ms = x->request_timeout_ms };
	struct err e = ERR_INIT;

	x->last_sent_ns = clock_mono_ns();
	if (!x->http)
		x->http = http_new(x->loop, &e);
	x->asking = x->version == INFLUX_AUTO;
	if (x->asking) {
		influx_target_ping(&x->target, &r);
	} else {
		influx_target_write(&x->target, x->version, &r);
		r.body = x->slot->text.data;
		r.body_len = x->slot->text.len;
	}
	if (!x->http || http_start(x->http, &r, on_reply, x, &e))
		failed(x, e.text, 0);
	else
		x->phase = SENDING;
}

/* When the oldest batch in the queue shall go. */
static int64_t due_ns(const struct influx *x)
{
	const struct batch *b = x->queue.first;

	if (x->queue.n > 1) /* closed: no further point will join it */
		return 0;
	if (b->points >= x->batch_points)
		return x->last_sent_ns + GATHER_NS;
	return b->first_ns + x->flush_ns;
}

static bool is_due(const struct influx *x)
{
	return x->queue.first && (x->stopping || clock_mono_ns() >= due_ns(x));
}

static bool fill_slot(struct influx *x)
{
	struct batch *b;

	if (x->slot)
		return true;
	if (x->spool && spool_counts(x->spool)->points) {
		b = batch_new();
		if (spool_next(x->spool, &b->text, &b->points)) {
			x->slot = b;
			x->slot_spooled = true;
			return true;
		}
		batch_free(b);
	}
	if (is_due(x))
		x->slot = batch_queue_pop(&x->queue);
	return x->slot;
}

/* Arm the timer for the batch that is next, never later than it is armed for. */
static void arm(struct influx *x)
{
	int64_t due, soon;

	if (x->phase != IDLE || !x->queue.first)
		return;
	due = due_ns(x);
	soon = clock_mono_ns() + SOON_NS;
	if (due < soon)
		due = soon;
	if (!x->timer.due_ns || due < x->timer.due_ns)
		loop_timer_set(x->loop, &x->timer, due, on_timer, x);
}

static void kick(struct influx *x)
{
	if (x->phase != IDLE)
		return;
	loop_timer_clear(x->loop, &x->timer);
	if (fill_slot(x))
		send_slot(x);
	else if (x->stopping)
		finish(x);
	else
		arm(x);
}

/* ---- the outside ------------------------------------------------------------------------ */

void influx_add(struct influx *x, const struct feature_msg *m, enum event_type type,
		int64_t time_ns)
{
	struct batch *b;

	buf_reset(&x->line);
	if (!line_protocol_write(&x->line, m, &feature_routes[type], time_ns))
		return;
	b = batch_queue_add(&x->queue, x->line.data, x->line.len, x->request_points,
			    x->request_bytes);
	x->added++;
	if (b->points == 1)
		b->first_ns = clock_mono_ns();
	if (b->points == 1 || b->points == x->batch_points)
		arm(x);
}

void influx_shed(struct influx *x)
{
	if (x->phase == STOPPED)
		shed_all(x);
	else if (bytes_in_memory(x) > x->queue_max_bytes)
		shed_oldest(x, x->queue_max_bytes);
}

static void on_stop_deadline(void *ctx)
{
	finish(ctx);
}

void influx_stop(struct influx *x, int64_t deadline_ns, loop_cb done, void *ctx)
{
	BUG_ON(x->stopping);
	x->stopping = true;
	x->stop_done = done;
	x->stop_ctx = ctx;
	loop_timer_set(x->loop, &x->stop_timer, deadline_ns, on_stop_deadline, x);
	if (x->phase == WAITING) /* one more try, now */
		x->phase = IDLE;
	kick(x);
}

void influx_counters(const struct influx *x, struct influx_counters *out)
{
	const struct spool_counts none = { 0 };
	const struct spool_counts *spool = x->spool ? spool_counts(x->spool) : &none;

	*out = (struct influx_counters){
		.queued = x->added + spool->found,
		.written = x->written,
		.spooled = spool->points,
		.dropped = x->dropped + spool->lost,
		.pending = x->queue.points + (x->slot && !x->slot_spooled ? x->slot->points : 0),
		.refused = x->refused,
		.retries = x->retries,
	};
}

static int open_spool(struct influx *x, const struct influx_conf *c, struct err *e)
{
	uint64_t found;

	if (!c->spool_dir || !*c->spool_dir)
		return 0;
	x->spool = spool_open(c->spool_dir, c->program, c->spool_max_bytes, e);
	if (!x->spool)
		return err_wrap(e, "SPOOL_DIR");
	x->spool_dir = mem_strdup(c->spool_dir);
	x->program = mem_strdup(c->program);
	x->spool_max_bytes = c->spool_max_bytes;
	found = spool_counts(x->spool)->points;
	if (!found)
		return 0;
	log_info("%llu points of an earlier run are in the spool", (unsigned long long)found);
	/* Not at once: loading libcurl must not delay readiness. */
	loop_timer_set(x->loop, &x->timer, clock_mono_ns() + x->flush_ns, on_timer, x);
	return 0;
}

static size_t at_most(size_t n, size_t bound)
{
	return n < bound ? n : bound;
}

struct influx *influx_new(struct loop *loop, const struct influx_conf *c, struct err *e)
{
	struct influx *x = mem_calloc(1, sizeof(*x));

	x->loop = loop;
	x->api = x->version = (enum influx_version)c->api;
	x->batch_points = c->batch_size ? c->batch_size : 1;
	x->request_points =
		x->batch_points > INFLUX_REQUEST_POINTS ? x->batch_points : INFLUX_REQUEST_POINTS;
	x->queue_max_bytes = c->queue_max_bytes ? c->queue_max_bytes : INFLUX_QUEUE_BYTES;
	x->request_bytes = at_most(INFLUX_REQUEST_BYTES, x->queue_max_bytes / 4);
	x->flush_ns = c->flush_ms * NS_PER_MS;
	x->connect_timeout_ms = c->connect_timeout_ms ? c->connect_timeout_ms : CONNECT_TIMEOUT_MS;
	x->request_timeout_ms = c->request_timeout_ms ? c->request_timeout_ms : REQUEST_TIMEOUT_MS;
	/* Writers on one host that fail together must not retry together. */
	rng_init(&x->rng, (uint64_t)clock_mono_ns() ^ (uint64_t)getpid() << 32, 0);
	if (influx_target_init(&x->target, c, e) || open_spool(x, c, e)) {
		influx_free(x);
		return NULL;
	}
	return x;
}

void influx_free(struct influx *x)
{
	if (!x)
		return;
	http_free(x->http);
	loop_timer_clear(x->loop, &x->timer);
	loop_timer_clear(x->loop, &x->stop_timer);
	shed_all(x);
	spool_close(x->spool);
	buf_release(&x->line);
	influx_target_release(&x->target);
	free(x->spool_dir);
	free(x->program);
	free(x);
}
