/*
 * The floor: a subject that does the least work possible.
 *
 *	null_subject                    subscribe, count, discard
 *	null_subject --relay            publish every message back, on seclyzer:features:null
 *	null_subject --relay --marker T only those that contain the text T
 *	null_subject --exit-when-ready  subscribe, notify, exit 0
 *
 * Without --marker, BENCH_EXTRACTOR=keystroke (mouse, app) in the environment means
 * the events of that type: those that an extractor would answer.
 *
 * What any other subject needs above this is its own work; what this needs is
 * Redis, the kernel and hiredis' parser.  So there is no event loop: one blocking
 * read() a batch, signals print from their handler, replies to PUBLISH are turned
 * off (CLIENT REPLY OFF), nothing is allocated for a message.  It keeps to the
 * contract as far as the harness looks: REDIS_SOCKET, REDIS_HOST, REDIS_PORT,
 * READY=1, `stats ` on SIGUSR1 and at the end, exit 0 on SIGTERM.  It does not
 * retry: without Redis it exits with 70.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/num.h"
#include "extractors/io/notify.h"
#include "extractors/wire/feature.h"

#define RELAY_CHANNEL "seclyzer:features:null"
#define READ_BYTES    65536
/*
 * hiredis moves the rest of its buffer to the front for every 1,024 bytes it has
 * consumed: in slices of 4 KiB that is about what is parsed, in one of 64 KiB
 * thirty times as much.
 */
#define FEED_BYTES 4096

#define OUT_BYTES 131072

enum { EXIT_USAGE = 2, EXIT_INTERNAL = 70 };

static struct {
	int64_t started_ns;
	uint64_t received, relayed; /* read by the signal handler, on the same thread */
	bool relay, is_message, subscribed, exit_when_ready;
	const char *marker;
	size_t marker_len;
	int pub_fd;
	/* PUBLISH commands of one batch.  Not base/buf: it brings libm, a tenth of the start-up. */
	size_t out_len;
	char out[OUT_BYTES];
} state;

static char parsed; /* hiredis wants an address for what it has parsed */

/* At once: there is nothing to flush and nobody to free for. */
static void die(int code, const char *what, const char *why) NORETURN;
static void die(int code, const char *what, const char *why)
{
	log_error("%s: %s", what, why);
	_exit(code);
}

static void send_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno != EINTR)
			die(EXIT_INTERNAL, "Redis: write", strerror(errno));
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
}

static void send_text(int fd, const char *text)
{
	send_all(fd, text, strlen(text));
}

static void flush_out(void)
{
	send_all(state.pub_fd, state.out, state.out_len);
	state.out_len = 0;
}

static void put_out(const char *p, size_t len)
{
	if (len > sizeof(state.out) - state.out_len)
		flush_out();
	if (len > sizeof(state.out)) {
		send_all(state.pub_fd, p, len);
		return;
	}
	memcpy(state.out + state.out_len, p, len);
	state.out_len += len;
}

static void relay(const char *msg, size_t len)
{
	static const char head[] = "*3\r\n$7\r\nPUBLISH\r\n$22\r\n" RELAY_CHANNEL "\r\n";
	char length[32];

	_Static_assert(sizeof(RELAY_CHANNEL) - 1 == 22, "the length in head");
	if (state.marker && !memmem(msg, len, state.marker, state.marker_len))
		return;
	put_out(head, sizeof(head) - 1);
	put_out(length, (size_t)snprintf(length, sizeof(length), "$%zu\r\n", len));
	put_out(msg, len);
	put_out("\r\n", 2);
	state.relayed++;
}

static void *got_string(const redisReadTask *t, char *s, size_t len)
{
	if (t->type == REDIS_REPLY_ERROR) {
		s[len] = '\0'; /* the end of its line */
		die(EXIT_INTERNAL, "Redis", s);
	} else if (t->idx == 0) {
		state.is_message = len == 7; /* of "subscribe", "message", "pong" */
	} else if (t->idx == 2 && state.is_message) {
		state.received++;
		if (state.relay)
			relay(s, len);
	}
	return &parsed;
}

static void *got_array(const redisReadTask *t UNUSED, int n UNUSED)
{
	return &parsed;
}

static void *got_integer(const redisReadTask *t UNUSED, long long n UNUSED)
{
	state.subscribed = true; /* the third part of the answer to SUBSCRIBE */
	return &parsed;
}

static void *got_nil(const redisReadTask *t UNUSED)
{
	return &parsed;
}

static void free_nothing(void *p UNUSED)
{
}

static redisReplyObjectFunctions functions = { got_string, got_array, got_integer, got_nil,
					       free_nothing };

/* snprintf() is no function for a signal handler (signal-safety(7)). */
static char *put_text(char *p, const char *text)
{
	return stpcpy(p, text);
}

static char *put_number(char *p, uint64_t v)
{
	char digits[24];
	char *d = digits + sizeof(digits);

	do {
		*--d = (char)('0' + v % 10);
	} while (v /= 10);
	return mempcpy(p, d, (size_t)(digits + sizeof(digits) - d));
}

static void print_stats(void)
{
	char line[512], *p = line;

	p = put_number(put_text(p, "stats {\"received\":"), state.received);
	p = put_number(put_text(p, ",\"accepted\":"), state.received);
	p = put_text(p, ",\"other_type\":0,\"rejected\":{},\"evicted\":0,\"features\":");
	p = put_number(p, state.relayed);
	p = put_text(p, ",\"publish_errors\":0,\"reconnects\":0,\"uptime_ms\":");
	p = put_number(p, (uint64_t)((clock_mono_ns() - state.started_ns) / NS_PER_MS));
	p = put_text(p, "}\n");
	log_raw(line, (size_t)(p - line));
}

static void on_signal(int signo)
{
	int saved = errno;

	print_stats();
	if (signo != SIGUSR1)
		_exit(0);
	errno = saved;
}

static redisContext *connect_redis(void)
{
	const char *path = getenv("REDIS_SOCKET"), *host = getenv("REDIS_HOST");
	const char *port_text = getenv("REDIS_PORT");
	int64_t port = 6379;
	redisContext *c;

	if (port_text && *port_text &&
	    (!num_parse_i64(port_text, &port) || port < 1 || port > 65535))
		die(EXIT_USAGE, "REDIS_PORT", "must be a whole number from 1 to 65535");
	if (path && *path)
		c = redisConnectUnix(path);
	else
		c = redisConnect(host && *host ? host : "localhost", (int)port);
	if (!c || c->err)
		die(EXIT_INTERNAL, "Redis", c ? c->errstr : "out of memory");
	return c;
}

static void parse(redisReader *r, const char *p, size_t len)
{
	void *reply;

	for (size_t n; len; p += n, len -= n) {
		n = len < FEED_BYTES ? len : FEED_BYTES;
		redisReaderFeed(r, p, n);
		do {
			reply = NULL;
			if (redisReaderGetReply(r, &reply) != REDIS_OK)
				die(EXIT_INTERNAL, "Redis", r->errstr);
		} while (reply);
	}
}

static void run(int sub_fd, redisReader *r)
{
	static char batch[READ_BYTES];
	bool ready = false;

	for (;;) {
		ssize_t n = read(sub_fd, batch, sizeof(batch));

		if (n <= 0)
			die(EXIT_INTERNAL, "Redis", n ? strerror(errno) : "closed the connection");
		parse(r, batch, (size_t)n);
		if (state.out_len)
			flush_out();
		if (!ready && state.subscribed) {
			ready = true;
			if (notify_send("READY=1"))
				log_warning("NOTIFY_SOCKET: not reachable");
			if (state.exit_when_ready)
				_exit(0);
		}
	}
}

/* The marker of the events of one type, as the plan writes them: the type stands first. */
static void mark_type(const char *type)
{
	static char text[64];

	snprintf(text, sizeof(text), "{\"type\":\"%.20s\"", type);
	state.marker = text;
	state.marker_len = strlen(text);
}

static bool parse_args(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--relay")) {
			state.relay = true;
		} else if (!strcmp(argv[i], "--exit-when-ready")) {
			state.exit_when_ready = true;
		} else if (!strcmp(argv[i], "--marker") && i + 1 < argc && *argv[i + 1]) {
			state.marker = argv[++i];
			state.marker_len = strlen(state.marker);
		} else {
			return false;
		}
	}
	if (state.relay && !state.marker && getenv("BENCH_EXTRACTOR"))
		mark_type(getenv("BENCH_EXTRACTOR"));
	return state.relay || !state.marker;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	redisReader *r;
	int sub_fd;

	log_init("null_subject", LOG_INFO);
	state.started_ns = clock_mono_ns();
	if (!parse_args(argc, argv)) {
		log_error("usage: null_subject [--exit-when-ready] [--relay [--marker TEXT]]");
		return EXIT_USAGE;
	}
	sigfillset(&sa.sa_mask);
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	sub_fd = connect_redis()->fd; /* both contexts live as long as the process */
	if (state.relay) {
		state.pub_fd = connect_redis()->fd;
		send_text(state.pub_fd, "CLIENT REPLY OFF\r\n");
	}
	r = redisReaderCreateWithFunctions(&functions);
	if (!r)
		return EXIT_INTERNAL;
	r->maxbuf = 0; /* keep the buffer: freeing an idle one is work, too */
	send_text(sub_fd, "SUBSCRIBE " EVENTS_CHANNEL "\r\n");
	run(sub_fd, r);
	return 0;
}
