/*
 * A subject whose every figure is known: fake_subject --service 5ms --answer …
 *
 * It subscribes, counts and says READY=1 as a real one does and is measured in
 * the same way; what it does besides is told by its options (knobs.h, --help).
 * It makes no features, so it stands in as the floor does (`extractor = any`).
 * It does not retry: without Redis it exits with 70.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "build_info.h"
#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/num.h"
#include "extractors/io/notify.h"
#include "extractors/wire/feature.h"
#include "harness/loadgen/feature_list.h"
#include "harness/loadgen/rconn.h"
#include "harness/loadgen/resp.h"
#include "harness/selfcheck/knobs.h"

#define READ_BYTES 65536
#define IN_BYTES   (RESP_BULK_MAX + READ_BYTES)
#define REDIS_NS   (10 * NS_PER_S)

enum { EXIT_USAGE = 2, EXIT_INTERNAL = 70 };

static volatile sig_atomic_t asked, ending; /* set by the handler, which does nothing else */

struct fake {
	struct knobs knobs;
	struct knobs_state state;
	uint64_t received, answered;
	int sub_fd, pub_fd, tick_fd;
	bool ready;
	char *in;
	size_t len;
	struct buf out;
};

static void on_signal(int signo)
{
	if (signo == SIGUSR1)
		asked = 1;
	else
		ending = 1;
}

static void print_stats(const struct fake *f)
{
	char line[256];
	int n = snprintf(
		line, sizeof(line),
		"stats {\"received\":%llu,\"accepted\":%llu,\"other_type\":0,\"rejected\":{},"
		"\"evicted\":0,\"features\":%llu,\"publish_errors\":0,\"reconnects\":0,"
		"\"uptime_ms\":%lld}\n",
		(unsigned long long)f->received, (unsigned long long)f->received,
		(unsigned long long)f->answered,
		(long long)((clock_mono_ns() - f->state.started_ns) / NS_PER_MS));

	log_raw(line, (size_t)n);
}

/* ---- Redis ---------------------------------------------------------------------------- */

static int redis_addr(struct rconn_addr *a, struct err *e)
{
	const char *port = getenv("REDIS_PORT");
	int64_t number = 6379;

	if (port && *port && (!num_parse_i64(port, &number) || number < 1 || number > 65535))
		return err_set(e, -EINVAL, "REDIS_PORT=%s: must be a whole number from 1 to 65535",
			       port);
	*a = (struct rconn_addr){ .socket = getenv("REDIS_SOCKET"),
				  .host = getenv("REDIS_HOST"),
				  .port = (int)number,
				  .username = getenv("REDIS_USERNAME"),
				  .password = getenv("REDIS_PASSWORD") };
	if (!a->host || !*a->host)
		a->host = "localhost";
	return 0;
}

static int send_command(int fd, int argc, const char *const *argv, struct err *e)
{
	struct buf cmd = { 0 };
	int rc;

	resp_add_command(&cmd, argc, argv);
	rc = rconn_send(fd, cmd.data, cmd.len, clock_mono_ns() + REDIS_NS, e);
	buf_release(&cmd);
	return rc;
}

static int connect_redis(struct fake *f, struct err *e)
{
	struct rconn_addr addr;
	int rc = redis_addr(&addr, e);

	f->sub_fd = f->pub_fd = -1;
	rc = rc ? rc : rconn_open(&f->sub_fd, &addr, REDIS_NS, e);
	if (!rc && f->knobs.answer)
		rc = rconn_open(&f->pub_fd, &addr, REDIS_NS, e);
	if (!rc && f->knobs.answer)
		rc = send_command(f->pub_fd, 3, (const char *[]){ "CLIENT", "REPLY", "OFF" }, e);
	return rc ? rc
		  : send_command(f->sub_fd, 2, (const char *[]){ "SUBSCRIBE", EVENTS_CHANNEL }, e);
}

/* As the relay does, and on its channel. */
static int answer(struct fake *f, struct span msg, struct err *e)
{
	buf_reset(&f->out);
	buf_printf(&f->out, "*3\r\n$7\r\nPUBLISH\r\n$%zu\r\n" RELAY_CHANNEL "\r\n$%zu\r\n",
		   sizeof(RELAY_CHANNEL) - 1, msg.len);
	buf_add(&f->out, msg.p, msg.len);
	buf_add_str(&f->out, "\r\n");
	f->answered++;
	return rconn_send(f->pub_fd, f->out.data, f->out.len, clock_mono_ns() + REDIS_NS, e);
}

static int take_reply(struct fake *f, const struct resp *r, struct err *e)
{
	if (r->type == '-')
		return err_set(e, -EPROTO, "Redis: %.*s", (int)r->items[0].text.len,
			       r->items[0].text.p);
	if (r->n != 3)
		return err_set(e, -EPROTO, "Redis sent something else than a message");
	if (resp_text_is(&r->items[0], "subscribe") && !f->ready) {
		f->ready = true;
		if (notify_send("READY=1"))
			log_warning("NOTIFY_SOCKET: not reachable");
	}
	if (!resp_text_is(&r->items[0], "message") || !knobs_event(&f->state, &f->knobs))
		return 0;
	f->received++;
	return f->knobs.answer ? answer(f, r->items[2].text, e) : 0;
}

static int take_all(struct fake *f, struct err *e)
{
	size_t at = 0;
	struct resp r;
	ssize_t n;
	int rc = 0;

	while (!rc && (n = resp_parse(f->in + at, f->len - at, &r)) != 0) {
		if (n < 0)
			return err_set(e, (int)n, "Redis sent something that is not RESP");
		rc = take_reply(f, &r, e);
		at += (size_t)n;
	}
	f->len -= at;
	memmove(f->in, f->in + at, f->len);
	return rc;
}

static int hear(struct fake *f, struct err *e)
{
	ssize_t n = recv(f->sub_fd, f->in + f->len, READ_BYTES, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return err_set(e, -EIO, "Redis: %s", n ? strerror(errno) : "closed the connection");
	f->len += (size_t)n;
	BUG_ON(f->len > IN_BYTES);
	return take_all(f, e);
}

/* ---- the loop ---------------------------------------------------------------------------- */

static int start_ticks(struct fake *f, struct err *e)
{
	double hz = knobs_tick_hz(&f->knobs);
	int64_t ns = hz > 0 ? (int64_t)(1e9 / hz) : 0;
	struct timespec every = { .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S };
	struct itimerspec its = { .it_interval = every, .it_value = every };

	f->tick_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (f->tick_fd < 0 || timerfd_settime(f->tick_fd, 0, &its, NULL))
		return err_set(e, -errno, "timerfd: %s", strerror(errno));
	return 0;
}

static int run(struct fake *f, struct err *e)
{
	struct pollfd fds[2] = { { .fd = f->sub_fd, .events = POLLIN },
				 { .fd = f->tick_fd, .events = POLLIN } };
	uint64_t ticks;
	sigset_t none;
	int rc = 0;

	sigemptyset(&none);
	while (!rc && !ending) {
		/* Signals are blocked but here: none is lost between a look and the sleep. */
		if (ppoll(fds, 2, NULL, &none) > 0) {
			if (fds[1].revents && read(f->tick_fd, &ticks, sizeof(ticks)) > 0)
				knobs_tick(&f->state, &f->knobs);
			if (fds[0].revents)
				rc = hear(f, e);
		}
		if (asked) {
			asked = 0;
			print_stats(f);
		}
	}
	return rc;
}

static void hear_signals(void)
{
	static const int signos[] = { SIGUSR1, SIGTERM, SIGINT };
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signos); i++) {
		sigaction(signos[i], &sa, NULL);
		sigaddset(&set, signos[i]);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void print_help(void)
{
	struct buf b = { 0 };

	buf_add_str(&b, "usage: fake_subject [options]\n\nA subject whose figures are known.  "
			"REDIS_SOCKET or REDIS_HOST and REDIS_PORT say where Redis is.\n\n");
	opt_help(knobs_opts, knobs_n_opts, true, &b);
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

int main(int argc, char **argv)
{
	struct fake f = { 0 };
	struct err e = ERR_INIT;
	int rc;

	log_init("fake_subject", LOG_INFO);
	opt_defaults(knobs_opts, knobs_n_opts, &f.knobs);
	rc = opt_parse_args(knobs_opts, knobs_n_opts, &f.knobs, argc, argv, &e);
	if (rc > 0)
		err_set(&e, -EINVAL, "%s: unexpected argument", argv[1]);
	if (rc) {
		log_error("%s", e.text);
		return EXIT_USAGE;
	}
	if (f.knobs.help) {
		print_help();
		return 0;
	}
	if (f.knobs.version) {
		printf("fake_subject commit %s, %s, variant %s\n", BUILD_COMMIT, BUILD_COMPILER,
		       BUILD_VARIANT);
		return 0;
	}
	hear_signals();
	f.in = mem_calloc(IN_BYTES, 1);
	rc = knobs_start(&f.state, &f.knobs);
	rc = rc ? err_set(&e, rc, "/dev/null: %s", strerror(-rc)) : start_ticks(&f, &e);
	rc = rc ? rc : connect_redis(&f, &e);
	rc = rc ? rc : run(&f, &e);
	if (rc)
		log_error("%s", e.text);
	else
		print_stats(&f);
	free(f.in);
	buf_release(&f.out);
	return rc == -EINVAL ? EXIT_USAGE : rc ? EXIT_INTERNAL : 0;
}
