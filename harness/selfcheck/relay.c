/*
 * The relay; see relay.h.
 *
 * A link is two flows, events towards the subject and commands towards Redis.
 * A flow has what was read and not yet understood, what waits for its time, and
 * what waits for room in the socket.
 */
#include "harness/selfcheck/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/loadgen/resp.h"

#define READ_BYTES 65536
#define OUT_BYTES  (4 * READ_BYTES) /* with more waiting to be written nothing is read */

struct link;

struct flow {
	struct link *link;
	struct flow *other;
	int from, to;
	bool towards_subject;
	bool raw;     /* not RESP: no more looked into */
	bool stopped; /* LIES_STOP */
	struct buf in, out;
};

/* Bytes that are due later; the commands of one link, in order. */
struct held {
	struct held *next;
	int64_t due_ns;
	struct buf bytes;
};

struct link {
	struct relay *relay;
	struct link *next;
	struct flow events, commands;
	struct held *first, **last;
	int timer_fd;
};

struct relay {
	struct relay_conf conf;
	int listen_fd;
	struct link *links;
};

static void link_close(struct link *k);
static void on_ready(void *ctx, int fd, int events);

/* ---- writing ------------------------------------------------------------------------- */

/* False: the link is gone. */
static bool flow_write(struct flow *f)
{
	while (f->out.len) {
		ssize_t n = send(f->to, f->out.data, f->out.len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN) {
			link_close(f->link);
			return false;
		}
		if (n < 0)
			break;
		buf_consume(&f->out, (size_t)n);
	}
	return true;
}

/* What each end is watched for follows from both flows. */
static bool link_watch(struct link *k)
{
	struct flow *flows[2] = { &k->events, &k->commands };

	for (int i = 0; i < 2; i++) {
		struct flow *f = flows[i];
		bool reads = !f->stopped && f->out.len < OUT_BYTES;
		int mask = (reads ? LOOP_READ : 0) | (f->other->out.len ? LOOP_WRITE : 0);

		if (loop_watch(k->relay->conf.loop, f->from, mask, on_ready, k)) {
			link_close(k);
			return false;
		}
	}
	return true;
}

/* ---- what waits for its time ------------------------------------------------------------ */

static void set_timer(struct link *k)
{
	struct itimerspec its = { 0 };

	if (k->first) {
		its.it_value.tv_sec = k->first->due_ns / NS_PER_S;
		its.it_value.tv_nsec = k->first->due_ns % NS_PER_S;
	}
	BUG_ON(timerfd_settime(k->timer_fd, TFD_TIMER_ABSTIME, &its, NULL));
}

static void hold(struct link *k, struct span bytes, double delay_s)
{
	struct held *h = mem_calloc(1, sizeof(*h));

	h->due_ns = clock_mono_ns() + (int64_t)(delay_s * 1e9);
	buf_add(&h->bytes, bytes.p, bytes.len);
	*k->last = h;
	k->last = &h->next;
	if (h == k->first)
		set_timer(k);
}

static void release_first(struct link *k)
{
	struct held *h = k->first;

	k->first = h->next;
	if (!k->first)
		k->last = &k->first;
	buf_release(&h->bytes);
	free(h);
}

static void on_timer(void *ctx, int fd, int events UNUSED)
{
	struct link *k = ctx;
	uint64_t times;

	(void)!read(fd, &times, sizeof(times)); /* once more than due is no harm */
	while (k->first && k->first->due_ns <= clock_mono_ns()) {
		buf_add(&k->commands.out, k->first->bytes.data, k->first->bytes.len);
		release_first(k);
	}
	set_timer(k);
	if (flow_write(&k->commands))
		link_watch(k);
}

/* ---- messages ------------------------------------------------------------------------- */

static void take_push(struct flow *f, const struct resp *r, struct span whole)
{
	const struct relay_conf *c = &f->link->relay->conf;
	enum lies_fate fate = LIES_PASS;

	if (r->type == '*' && r->n == 3 && resp_text_is(&r->items[0], "message"))
		fate = lies_event(c->lies, c->count);
	if (fate == LIES_PAUSE) /* as if the whole process were stopped: nothing else goes on */
		clock_sleep_until_ns(clock_mono_ns() + (int64_t)(c->lies->pause_s * 1e9));
	if (fate == LIES_PASS || fate == LIES_PAUSE)
		buf_add(&f->out, whole.p, whole.len);
	f->stopped = fate == LIES_STOP;
}

static bool is_features(const struct resp *r)
{
	static const char prefix[] = "seclyzer:features:";

	return r->type == '*' && r->n == 3 && resp_text_is(&r->items[0], "PUBLISH") &&
	       r->items[1].text.len > sizeof(prefix) &&
	       !memcmp(r->items[1].text.p, prefix, sizeof(prefix) - 1);
}

static void take_features(struct flow *f, const struct resp *r)
{
	const struct relay_conf *c = &f->link->relay->conf;
	struct buf json = { 0 }, cmd = { 0 };

	lies_feature(c->lies, c->count, r->items[2].text, &json);
	buf_printf(&cmd, "*3\r\n$7\r\nPUBLISH\r\n$%zu\r\n%.*s\r\n$%zu\r\n", r->items[1].text.len,
		   (int)r->items[1].text.len, r->items[1].text.p, json.len);
	buf_add(&cmd, json.data, json.len);
	buf_add_str(&cmd, "\r\n");
	if (c->lies->delay_s > 0 || f->link->first)
		hold(f->link, (struct span){ cmd.data, cmd.len }, c->lies->delay_s);
	else
		buf_add(&f->out, cmd.data, cmd.len);
	buf_release(&json);
	buf_release(&cmd);
}

static void take_command(struct flow *f, const struct resp *r, struct span whole)
{
	const struct lies *l = f->link->relay->conf.lies;
	bool held_back =
		l->claim_ready && r->type == '*' && resp_text_is(&r->items[0], "SUBSCRIBE");

	if (is_features(r))
		take_features(f, r);
	else if (held_back || f->link->first) /* order is kept */
		hold(f->link, whole, held_back ? l->hold_s : 0);
	else
		buf_add(&f->out, whole.p, whole.len);
}

static void flow_take(struct flow *f)
{
	size_t at = 0;
	struct resp r;
	ssize_t n = 0;

	while (!f->raw && !f->stopped &&
	       (n = resp_parse(f->in.data + at, f->in.len - at, &r)) > 0) {
		struct span whole = { f->in.data + at, (size_t)n };

		if (f->towards_subject)
			take_push(f, &r, whole);
		else
			take_command(f, &r, whole);
		at += (size_t)n;
	}
	f->raw |= n < 0;
	if (f->raw) {
		buf_add(&f->out, f->in.data + at, f->in.len - at);
		at = f->in.len;
	}
	buf_consume(&f->in, at);
}

/* False: the link is gone. */
static bool flow_read(struct flow *f)
{
	ssize_t n = recv(f->from, buf_reserve(&f->in, READ_BYTES), READ_BYTES, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0) {
		link_close(f->link);
		return false;
	}
	f->in.len += (size_t)n;
	flow_take(f);
	return flow_write(f);
}

/* ---- links -------------------------------------------------------------------------------- */

static void on_ready(void *ctx, int fd, int events)
{
	struct link *k = ctx;
	struct flow *reads = fd == k->events.from ? &k->events : &k->commands;

	if (events & LOOP_WRITE && !flow_write(reads->other))
		return;
	if (events & LOOP_READ && !reads->stopped && !flow_read(reads))
		return;
	link_watch(k);
}

static void link_close(struct link *k)
{
	struct link **p = &k->relay->links;
	int fds[] = { k->events.from, k->commands.from, k->timer_fd };

	while (*p != k)
		p = &(*p)->next;
	*p = k->next;
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		loop_unwatch(k->relay->conf.loop, fds[i]);
		close(fds[i]);
	}
	while (k->first)
		release_first(k);
	buf_release(&k->events.in);
	buf_release(&k->events.out);
	buf_release(&k->commands.in);
	buf_release(&k->commands.out);
	free(k);
}

static int connect_to(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(sa.sun_path, path, strlen(path) + 1); /* relay_open() looked at its length */
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void link_open(struct relay *r, int subject_fd, int server_fd, int timer_fd)
{
	struct link *k = mem_calloc(1, sizeof(*k));

	*k = (struct link){
		.relay = r,
		.next = r->links,
		.timer_fd = timer_fd,
		.events = { k, &k->commands, server_fd, subject_fd, .towards_subject = true },
		.commands = { k, &k->events, subject_fd, server_fd, .towards_subject = false },
	};
	k->last = &k->first;
	r->links = k;
	if (loop_watch(r->conf.loop, timer_fd, LOOP_READ, on_timer, k))
		link_close(k);
	else
		link_watch(k);
}

static void on_accept(void *ctx, int fd, int events UNUSED)
{
	struct relay *r = ctx;
	int subject_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int server_fd = subject_fd < 0 ? -1 : connect_to(r->conf.server);
	int timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (server_fd >= 0 && timer_fd >= 0) {
		link_open(r, subject_fd, server_fd, timer_fd);
		return;
	}
	/* The subject sees a server that hangs up, which it knows how to meet. */
	if (subject_fd >= 0)
		close(subject_fd);
	if (server_fd >= 0)
		close(server_fd);
	if (timer_fd >= 0)
		close(timer_fd);
}

int relay_open(struct relay **out, const struct relay_conf *conf, struct err *e)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct relay *r;
	int rc = 0;

	if (strlen(conf->listen) >= sizeof(sa.sun_path) ||
	    strlen(conf->server) >= sizeof(sa.sun_path))
		return err_set(e, -ENAMETOOLONG, "%s: too long for a socket", conf->listen);
	r = mem_calloc(1, sizeof(*r));
	r->conf = *conf;
	memcpy(sa.sun_path, conf->listen, strlen(conf->listen) + 1);
	r->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (r->listen_fd < 0 || bind(r->listen_fd, (struct sockaddr *)&sa, sizeof(sa)) ||
	    listen(r->listen_fd, 16))
		rc = -errno;
	rc = rc ? rc : loop_watch(conf->loop, r->listen_fd, LOOP_READ, on_accept, r);
	if (rc) {
		err_set(e, rc, "%s: %s", conf->listen, strerror(-rc));
		relay_close(r);
		return rc;
	}
	*out = r;
	return 0;
}

void relay_close(struct relay *r)
{
	if (!r)
		return;
	while (r->links)
		link_close(r->links);
	if (r->listen_fd >= 0) {
		loop_unwatch(r->conf.loop, r->listen_fd);
		close(r->listen_fd);
	}
	free(r);
}
