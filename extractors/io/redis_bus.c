/*
 * Subscriber and publishers over hiredis; see redis_bus.h.
 *
 * hiredis makes the connection and parses; reading and writing is done here.
 * Its blocking subscriber dies of the first receive time-out (0.14), and its
 * async API allocates an object for every message; redisReader with object
 * functions of our own (`reply_functions`) hands over each payload where
 * it lies in the reader's buffer instead.
 * Start at on_io(), then conn_up() and conn_down().
 */
#include "extractors/io/redis_bus.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "extractors/base/buf.h"
#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/rng.h"

#define BACKOFF_MIN_NS (100 * NS_PER_MS)
#define BACKOFF_MAX_NS (5 * NS_PER_S)
#define READ_BYTES     65536
/* From connect() to the last answer of the greeting; who says nothing for so long is no Redis. */
#define GREETING_NS (3 * NS_PER_S)
/* Sent and not acknowledged by the peer's kernel for so long: the peer is gone. */
#define TCP_USER_TIMEOUT_MS 15000
/*
 * hiredis moves what is left of its buffer to the front for every 1,024 bytes
 * consumed, so feeding it 64 KiB at once would move 2 MiB; in slices of this
 * size it moves about as much as it parses.
 */
#define FEED_BYTES 4096
/*
 * Before other descriptors, signals among them, get their turn: 1 MiB, which is about 2 ms of
 * work, or 5 ms where a message costs more (a mouse extraction of a full window: 0.7 ms).
 */
#define READS_MAX 16
#define TURN_NS	  (5 * NS_PER_MS)
/* Replies to one look at the clock: it costs as much as a tenth of a cheap message. */
#define CLOCK_EVERY 4
/* Queued bytes that are written at once, in the middle of a turn. */
#define WRITE_BYTES 65536
/* Queued PUBLISH bytes of a connection that Redis does not take; what comes on top is an error. */
#define OUT_MAX_BYTES (16 << 20)
/* What an empty output buffer, and the reader's, may go on holding: more was an exception. */
#define KEEP_BYTES (1 << 20)

enum frame { FRAME_OTHER, FRAME_MESSAGE, FRAME_SUBSCRIBE };
enum parsed { PARSED_ALL, PARSED_PART, PARSED_BROKEN };

struct conn {
	struct redis_bus *bus;
	redisContext *ctx; /* NULL: down */
	redisReader *reader;
	char *in;	       /* READ_BYTES of room: one read */
	size_t in_pos, in_len; /* what of it the reader has not yet been fed */
	bool in_part;	       /* the turn ended before all of it was handled */
	unsigned int replies;
	int64_t turn_end_ns;
	struct buf out;
	size_t out_pos;	      /* bytes of `out` already written */
	uint64_t unanswered;  /* PUBLISH commands in `out` or on their way */
	int greeting_replies; /* answers to AUTH and PING still to come */
	bool subscriber, connecting, up, writing;
	int64_t backoff_ns; /* the next wait */
	struct loop_timer retry, greeting, turn;
	/* the frame that the reader is in */
	enum frame frame;
	char error[128]; /* a reply that ends the connection */
};

struct redis_bus {
	struct loop *loop;
	struct redis_bus_conf conf;
	struct redis_bus_handlers handlers;
	struct redis_bus_counters count;
	struct conn sub, *pubs;
	unsigned int next_pub;
	bool was_subscribed, down_said, finishing, finish_said;
	struct log_limit error_limit;
	struct rng rng;
};

static void conn_up(struct conn *c);
static void conn_down(struct conn *c, const char *why);
static void conn_connect(void *ctx);

/* ---- replies --------------------------------------------------------------- */

/* hiredis wants a non-NULL object for everything it has parsed; nothing is ever built. */
static char parsed_object;

#define SHOWN_MAX 201
/* What is blanked of a password that a server shows cut off. */
#define SECRET_PART 8

/* How much of the text's beginning is the password's, 0: none to speak of. */
static size_t secret_at(const char *password, const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && password[n] && password[n] == text[n])
		n++;
	return n && (!password[n] || n >= SECRET_PART) ? n : 0;
}

/*
 * An error's text for the log.  A server that knows no AUTH answers "unknown command `AUTH`,
 * with args beginning with: `the password`".
 */
static void show(const struct conn *c, const char *text, size_t len, char *shown, size_t size)
{
	const char *password = c->bus->conf.password ? c->bus->conf.password : "";
	size_t to = 0;

	for (size_t i = 0; i < len && to + 4 <= size;) {
		size_t secret = secret_at(password, text + i, len - i);

		if (secret) {
			memcpy(shown + to, "***", 3);
			to += 3;
			i += secret;
		} else {
			shown[to++] = text[i++];
		}
	}
	shown[to] = '\0';
}

/* Ends the connection once the parser has returned. */
static void give_up(struct conn *c, const char *why, size_t len)
{
	show(c, why, len, c->error, sizeof(c->error));
}

/* One answer of the greeting is there; a publisher is up behind the last. */
static void greeted(struct conn *c)
{
	if (!--c->greeting_replies && !c->subscriber)
		conn_up(c);
}

/*
 * PING may be answered by an error from a server that takes a PUBLISH all the same (NOPERM by
 * ACL, LOADING, MASTERDOWN); not by these: no password given, full, or in protected mode.
 */
static bool is_refusal(const char *text, size_t len)
{
	static const char *const codes[] = { "NOAUTH ", "ERR ", "DENIED " };

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (len >= strlen(codes[i]) && !memcmp(text, codes[i], strlen(codes[i])))
			return true;
	return false;
}

static void publish_refused(struct conn *c, const char *text, size_t len)
{
	struct redis_bus *b = c->bus;

	c->unanswered--;
	b->count.publish_errors++;
	if (log_limit_due(&b->error_limit, clock_mono_ns())) {
		char shown[SHOWN_MAX];

		show(c, text, len, shown, sizeof(shown));
		log_warning("redis refused a PUBLISH: %s (%llu since the last such line)", shown,
			    (unsigned long long)b->error_limit.since);
		log_limit_said(&b->error_limit, clock_mono_ns());
	}
}

static void got_error(struct conn *c, const char *text, size_t len)
{
	bool to_ping = !c->subscriber && c->greeting_replies == 1;

	if (to_ping && !is_refusal(text, len))
		greeted(c);
	else if (c->subscriber || c->greeting_replies || !c->unanswered)
		give_up(c, text, len);
	else
		publish_refused(c, text, len);
}

static void got_part(struct conn *c, int idx, const char *s, size_t len)
{
	if (idx == 0)
		c->frame = len == 7 && !memcmp(s, "message", 7)	    ? FRAME_MESSAGE
			   : len == 9 && !memcmp(s, "subscribe", 9) ? FRAME_SUBSCRIBE
								    : FRAME_OTHER;
	else if (idx == 2 && c->frame == FRAME_MESSAGE && !c->bus->finishing)
		c->bus->handlers.message(c->bus->handlers.ctx, s, len);
}

static void *got_string(const redisReadTask *t, char *s, size_t len)
{
	struct conn *c = t->privdata;

	if (t->type == REDIS_REPLY_ERROR)
		got_error(c, s, len);
	else if (t->parent)
		got_part(c, t->idx, s, len);
	else if (c->greeting_replies)
		greeted(c);
	return &parsed_object;
}

static void *got_array(const redisReadTask *t UNUSED, int n UNUSED)
{
	return &parsed_object;
}

static void *got_integer(const redisReadTask *t, long long n UNUSED)
{
	struct conn *c = t->privdata;

	if (!c->subscriber) {
		if (c->greeting_replies || !c->unanswered) { /* no Redis, then */
			give_up(c, "an answer to nothing", 20);
			return &parsed_object;
		}
		c->unanswered--;
		c->bus->count.published++;
	} else if (c->frame == FRAME_SUBSCRIBE) {
		conn_up(c);
	}
	return &parsed_object;
}

static void *got_nil(const redisReadTask *t UNUSED)
{
	return &parsed_object;
}

static void free_nothing(void *p UNUSED)
{
}

static redisReplyObjectFunctions reply_functions = { got_string, got_array, got_integer, got_nil,
						     free_nothing };

static bool turn_is_over(struct conn *c)
{
	return ++c->replies % CLOCK_EVERY == 0 && clock_mono_ns() >= c->turn_end_ns;
}

/* Parse what was fed.  Broken: the stream is, or the server said no. */
static enum parsed parse_replies(struct conn *c)
{
	for (;;) {
		void *reply = NULL;

		if (redisReaderGetReply(c->reader, &reply) != REDIS_OK)
			snprintf(c->error, sizeof(c->error), "%.100s", c->reader->errstr);
		if (c->error[0])
			return PARSED_BROKEN;
		if (!reply)
			return PARSED_ALL;
		if (turn_is_over(c))
			return PARSED_PART;
	}
}

/* In part: some of it is still in `in`, or in the reader. */
static enum parsed parse_input(struct conn *c)
{
	enum parsed p;

	while ((p = parse_replies(c)) == PARSED_ALL && c->in_pos < c->in_len) {
		size_t left = c->in_len - c->in_pos, n = left < FEED_BYTES ? left : FEED_BYTES;

		if (redisReaderFeed(c->reader, c->in + c->in_pos, n) != REDIS_OK) {
			give_up(c, c->reader->errstr, strlen(c->reader->errstr));
			return PARSED_BROKEN;
		}
		c->in_pos += n;
	}
	return p;
}

/* ---- descriptors ------------------------------------------------------------- */

static void on_io(void *ctx, int fd, int events);

static void watch(struct conn *c, bool for_write)
{
	int mask =
		(c->subscriber && c->bus->finishing ? 0 : LOOP_READ) | (for_write ? LOOP_WRITE : 0);

	c->writing = for_write;
	if (loop_watch(c->bus->loop, c->ctx->fd, mask, on_io, c))
		conn_down(c, "epoll refused the descriptor");
}

/* A peer that is always a little behind must not make the buffer grow for ever. */
static void drop_written(struct conn *c)
{
	if (c->out_pos < c->out.len / 2)
		return; /* not yet worth the move */
	buf_consume(&c->out, c->out_pos);
	c->out_pos = 0;
}

static void forget_output(struct conn *c)
{
	buf_reset(&c->out);
	c->out_pos = 0;
	if (c->out.cap > KEEP_BYTES)
		buf_release(&c->out);
}

static void write_out(struct conn *c)
{
	while (c->ctx && c->out_pos < c->out.len) {
		ssize_t n = send(c->ctx->fd, c->out.data + c->out_pos, c->out.len - c->out_pos,
				 MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			drop_written(c);
			if (!c->writing)
				watch(c, true);
			return;
		}
		if (n < 0) {
			conn_down(c, strerror(errno));
			return;
		}
		c->out_pos += (size_t)n;
	}
	forget_output(c);
	if (c->ctx && c->writing && !c->connecting)
		watch(c, false);
}

/* Fill the empty `in`.  False: there is nothing to read, or the connection is down. */
static bool read_once(struct conn *c)
{
	ssize_t n;

	do
		n = read(c->ctx->fd, c->in, READ_BYTES);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		conn_down(c, n ? strerror(errno) : "closed by the server");
		return false;
	}
	c->in_pos = 0;
	c->in_len = (size_t)n;
	return true;
}

static void on_turn(void *ctx);

/* Others have theirs before the rest of the input is handled. */
static void end_turn(struct conn *c)
{
	c->in_part = true;
	loop_timer_set(c->bus->loop, &c->turn, clock_mono_ns(), on_turn, c);
}

static bool is_silent(const struct conn *c)
{
	return c->subscriber && c->bus->finishing;
}

static void read_in(struct conn *c)
{
	loop_timer_clear(c->bus->loop, &c->turn);
	c->turn_end_ns = clock_mono_ns() + TURN_NS;
	for (int i = 0; i < READS_MAX; i++) {
		enum parsed p;

		if (!c->in_part && !read_once(c))
			return;
		c->in_part = false;
		if (c->subscriber && c->bus->handlers.batch)
			c->bus->handlers.batch(c->bus->handlers.ctx);
		p = parse_input(c);
		if (p == PARSED_BROKEN)
			conn_down(c, c->error);
		else if (p == PARSED_PART && !is_silent(c))
			end_turn(c);
		/* A short read: the socket is empty, no second one to hear EAGAIN. */
		if (p != PARSED_ALL || c->in_len < READ_BYTES || is_silent(c))
			return;
	}
}

static int socket_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) ? errno : error;
}

static void check_finished(struct redis_bus *b)
{
	uint64_t left = 0;

	if (!b->finishing || b->finish_said)
		return;
	for (int i = 0; i < b->conf.pool_size; i++)
		left += b->pubs[i].unanswered;
	if (left)
		return;
	b->finish_said = true;
	b->handlers.finished(b->handlers.ctx);
}

/* What the messages have led to is on its way before any other callback of the loop runs. */
static void have_turn(struct conn *c)
{
	read_in(c);
	if (c->subscriber)
		redis_bus_flush(c->bus);
	check_finished(c->bus);
}

static void on_turn(void *ctx)
{
	have_turn(ctx);
}

static void on_io(void *ctx, int fd, int events)
{
	struct conn *c = ctx;

	if (c->connecting) {
		int error = socket_error(fd);

		if (error) {
			conn_down(c, strerror(error));
			return;
		}
		c->connecting = false;
		write_out(c);
		return;
	}
	if (events & LOOP_WRITE)
		write_out(c);
	if (c->ctx && (events & LOOP_READ))
		have_turn(c);
	else
		check_finished(c->bus);
}

/* ---- the life of a connection --------------------------------------------------- */

static void add_command(struct buf *out, int argc, const char *const *argv, const size_t *lens)
{
	buf_add_char(out, '*');
	buf_add_i64(out, argc);
	for (int i = 0; i < argc; i++) {
		buf_add(out, "\r\n$", 3);
		buf_add_i64(out, (int64_t)lens[i]);
		buf_add(out, "\r\n", 2);
		buf_add(out, argv[i], lens[i]);
	}
	buf_add(out, "\r\n", 2);
}

static void add_words(struct buf *out, int argc, const char *const *argv)
{
	size_t lens[3];

	for (int i = 0; i < argc; i++)
		lens[i] = strlen(argv[i]);
	add_command(out, argc, argv, lens);
}

/*
 * AUTH, then SUBSCRIBE or PING, go out before anything else, without waiting for answers in
 * between.  PING, because a connection alone proves nothing: a server that is full takes it,
 * says so and closes it.
 */
static void add_greeting(struct conn *c)
{
	const struct redis_bus_conf *conf = &c->bus->conf;
	struct buf greeting = { 0 };

	c->greeting_replies = 0;
	if (conf->password || conf->username) { /* a user may have no password (`nopass`) */
		const char *password = conf->password ? conf->password : "";
		const char *with_user[] = { "AUTH", conf->username, password };
		const char *without[] = { "AUTH", password };

		add_words(&greeting, conf->username ? 3 : 2, conf->username ? with_user : without);
		c->greeting_replies++;
	}
	if (c->subscriber) {
		add_words(&greeting, 2, (const char *[]){ "SUBSCRIBE", conf->channel });
	} else {
		add_words(&greeting, 1, (const char *[]){ "PING" });
		c->greeting_replies++;
	}
	buf_add(&greeting, c->out.data, c->out.len);
	buf_release(&c->out);
	c->out = greeting;
}

static void say_down(struct redis_bus *b, const char *why)
{
	if (b->down_said)
		return;
	b->down_said = true;
	if (b->conf.socket)
		log_warning("redis at %s: %s; trying again until it is there", b->conf.socket, why);
	else
		log_warning("redis at %s:%d: %s; trying again until it is there", b->conf.host,
			    b->conf.port, why);
}

/*
 * Redis answers: no publisher goes on waiting for its own backoff, so that the
 * features of the very next events find one that is at least connecting.
 */
static void connect_publishers(struct redis_bus *b)
{
	for (int i = 0; i < b->conf.pool_size; i++)
		if (!b->pubs[i].ctx) {
			loop_timer_clear(b->loop, &b->pubs[i].retry);
			conn_connect(&b->pubs[i]);
		}
}

static void conn_up(struct conn *c)
{
	struct redis_bus *b = c->bus;
	bool all_up = true, again;

	c->up = true;
	loop_timer_clear(b->loop, &c->greeting);
	c->backoff_ns = BACKOFF_MIN_NS;
	if (c->subscriber)
		connect_publishers(b);
	for (int i = 0; i < b->conf.pool_size; i++)
		all_up = all_up && b->pubs[i].up;
	if (b->down_said && all_up && b->sub.up) {
		b->down_said = false;
		log_info("redis is back");
	}
	if (!c->subscriber)
		return;
	again = b->was_subscribed;
	b->was_subscribed = true;
	b->count.reconnects += again;
	b->handlers.subscribed(b->handlers.ctx, again);
}

/* Full jitter above half the step, so that many clients do not come back at once. */
static void retry_later(struct conn *c)
{
	int64_t half_ns = c->backoff_ns / 2;
	int64_t wait_ns = half_ns + (int64_t)rng_below(&c->bus->rng, (uint64_t)half_ns + 1);

	loop_timer_set(c->bus->loop, &c->retry, clock_mono_ns() + wait_ns, conn_connect, c);
	c->backoff_ns = c->backoff_ns * 2 > BACKOFF_MAX_NS ? BACKOFF_MAX_NS : c->backoff_ns * 2;
}

static void conn_down(struct conn *c, const char *why)
{
	struct redis_bus *b = c->bus;

	say_down(b, why);
	if (c->ctx) {
		loop_unwatch(b->loop, c->ctx->fd);
		redisFree(c->ctx);
		c->ctx = NULL;
	}
	/* What was queued or unanswered is lost: Redis pub/sub keeps nothing either. */
	b->count.publish_errors += c->unanswered;
	c->unanswered = 0;
	forget_output(c);
	loop_timer_clear(b->loop, &c->greeting);
	loop_timer_clear(b->loop, &c->turn);
	c->in_pos = c->in_len = 0;
	c->in_part = false;
	if (!b->finishing)
		retry_later(c);
	c->up = c->connecting = c->writing = false;
	c->error[0] = '\0';
	check_finished(b);
}

static void on_no_greeting(void *ctx)
{
	conn_down(ctx, "no answer");
}

/*
 * A peer that vanished: keep-alive finds it while nothing is on the way (hiredis: after 30 s),
 * the user timeout while something is, which TCP would send again for a quarter of an hour.
 */
static void notice_a_lost_peer(struct conn *c)
{
	int ms = TCP_USER_TIMEOUT_MS;

	redisEnableKeepAlive(c->ctx);
	setsockopt(c->ctx->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
}

static void conn_connect(void *ctx)
{
	struct conn *c = ctx;
	const struct redis_bus_conf *conf = &c->bus->conf;

	c->ctx = conf->socket ? redisConnectUnixNonBlock(conf->socket)
			      : redisConnectNonBlock(conf->host, conf->port);
	BUG_ON(!c->ctx);
	if (c->ctx->err) {
		char why[128];

		snprintf(why, sizeof(why), "%s", c->ctx->errstr);
		redisFree(c->ctx); /* not watched yet */
		c->ctx = NULL;
		conn_down(c, why);
		return;
	}
	if (!conf->socket)
		notice_a_lost_peer(c);
	if (c->reader)
		redisReaderFree(c->reader);
	c->reader = redisReaderCreateWithFunctions(&reply_functions);
	BUG_ON(!c->reader);
	c->reader->privdata = c;
	c->reader->maxbuf = KEEP_BYTES; /* of hiredis' own 16 KiB it would free it at every pause */
	c->connecting = true;
	loop_timer_set(c->bus->loop, &c->greeting, clock_mono_ns() + GREETING_NS, on_no_greeting,
		       c);
	add_greeting(c);
	watch(c, true);
}

static void conn_init(struct conn *c, struct redis_bus *b, bool subscriber)
{
	c->bus = b;
	c->subscriber = subscriber;
	c->in = mem_calloc(1, READ_BYTES);
	c->backoff_ns = BACKOFF_MIN_NS;
	conn_connect(c);
}

static void conn_release(struct conn *c)
{
	if (c->ctx) {
		loop_unwatch(c->bus->loop, c->ctx->fd);
		redisFree(c->ctx);
	}
	if (c->reader)
		redisReaderFree(c->reader);
	loop_timer_clear(c->bus->loop, &c->retry);
	loop_timer_clear(c->bus->loop, &c->greeting);
	loop_timer_clear(c->bus->loop, &c->turn);
	free(c->in);
	buf_release(&c->out);
}

/* ---- the bus ------------------------------------------------------------------------ */

struct redis_bus *redis_bus_new(struct loop *loop, const struct redis_bus_conf *conf,
				const struct redis_bus_handlers *handlers)
{
	struct redis_bus *b = mem_calloc(1, sizeof(*b));

	b->loop = loop;
	b->conf = *conf;
	b->handlers = *handlers;
	rng_init(&b->rng, (uint64_t)clock_mono_ns() ^ (uint64_t)getpid() << 32,
		 0); /* differs between processes */
	b->pubs = mem_calloc((size_t)conf->pool_size, sizeof(*b->pubs));
	for (int i = 0; i < conf->pool_size; i++)
		conn_init(&b->pubs[i], b, false);
	conn_init(&b->sub, b, true);
	return b;
}

void redis_bus_free(struct redis_bus *b)
{
	if (!b)
		return;
	for (int i = 0; i < b->conf.pool_size; i++)
		conn_release(&b->pubs[i]);
	conn_release(&b->sub);
	free(b->pubs);
	free(b);
}

/*
 * In turn, those that are up; else one that is connecting and may still make it.
 * NULL when none has room.
 */
static struct conn *next_publisher(struct redis_bus *b, size_t len)
{
	unsigned int n = (unsigned int)b->conf.pool_size;

	for (int must_be_up = 1; must_be_up >= 0; must_be_up--)
		for (unsigned int i = 0; i < n; i++) {
			struct conn *c = &b->pubs[(b->next_pub + i) % n];

			if (!c->ctx || (must_be_up && !c->up) ||
			    c->out.len - c->out_pos + len > OUT_MAX_BYTES)
				continue;
			b->next_pub = (b->next_pub + i + 1) % n;
			return c;
		}
	return NULL;
}

/* Unless the socket has to say first that it takes something. */
static void write_soon(struct conn *c)
{
	if (!c->connecting && !c->writing)
		write_out(c);
}

void redis_bus_publish(struct redis_bus *b, const char *channel, const char *payload, size_t len)
{
	struct conn *c = next_publisher(b, len);

	if (!c) {
		b->count.publish_errors++;
		return;
	}
	add_command(&c->out, 3, (const char *[]){ "PUBLISH", channel, payload },
		    (size_t[]){ 7, strlen(channel), len });
	c->unanswered++;
	/*
	 * Called by a message's handler, that is from within the subscriber's reader; should the
	 * write fail, only this publisher goes down, whose own reader is not in use.
	 */
	if (c->out.len - c->out_pos >= WRITE_BYTES)
		write_soon(c);
}

void redis_bus_flush(struct redis_bus *b)
{
	for (int i = 0; i < b->conf.pool_size; i++)
		if (b->pubs[i].out.len)
			write_soon(&b->pubs[i]);
}

void redis_bus_finish(struct redis_bus *b)
{
	b->finishing = true;
	if (b->sub.ctx)
		loop_unwatch(b->loop, b->sub.ctx->fd);
	loop_timer_clear(b->loop, &b->sub.retry);
	loop_timer_clear(b->loop, &b->sub.greeting);
	loop_timer_clear(b->loop, &b->sub.turn);
	for (int i = 0; i < b->conf.pool_size; i++) /* one that is down has nothing to say */
		loop_timer_clear(b->loop, &b->pubs[i].retry);
	redis_bus_flush(b);
	check_finished(b);
}

const struct redis_bus_counters *redis_bus_counters(const struct redis_bus *b)
{
	return &b->count;
}
