/*
 * The tap; see tap.h.
 *
 * Two connections at most, one thread that polls both and a descriptor to end it.
 * Everything it collects is under one mutex, taken once for each read, so that
 * counts and features can be asked for at any time; tap_await() is woken only
 * when its numbers are reached.
 */
#include "harness/loadgen/tap.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "extractors/wire/feature.h"
#include "harness/loadgen/chain.h"
#include "harness/loadgen/feature_list.h"
#include "harness/loadgen/resp.h"

#define READ_BYTES 65536 /* at once; more would delay the time stamps of features */
#define EAR_BYTES  (RESP_BULK_MAX + READ_BYTES) /* the longest push fits */
#define PATTERN	   "seclyzer:features:*"

struct ear {
	int fd; /* -1: not used */
	char *in;
	size_t cap, len;
	int (*take)(struct tap *t, struct ear *ear, int64_t now_ns);
};

enum { EAR_FEATURES, EAR_EVENTS, EARS }; /* features first: their time of reading counts */

struct tap {
	struct tap_conf conf;
	struct ear ears[EARS];
	pthread_t thread;
	bool running;
	int end_fd;

	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t reached;
	bool waiting;
	uint64_t want_events, want_features;
	struct chain chain;
	struct feature_list features;
	uint64_t taken; /* features handed over */
	uint64_t unkept, foreign, allowed;
	int64_t cpu_ns;
	struct err failure; /* why the thread ended by itself */
};

/* ---- taking pushes ----------------------------------------------------------------- */

static int unexpected(struct tap *t, const struct resp *r)
{
	if (r->type == '-')
		return err_set(&t->failure, -EPROTO, "Redis: %.*s", (int)r->items[0].text.len,
			       r->items[0].text.p);
	return err_set(&t->failure, -EPROTO, "Redis sent something else than a message");
}

/* Drop what is taken; a push that does not fit the buffer can never be. */
static int consume(struct tap *t, struct ear *ear, size_t taken)
{
	ear->len -= taken;
	memmove(ear->in, ear->in + taken, ear->len);
	if (ear->len == ear->cap)
		return err_set(&t->failure, -EMSGSIZE, "a message of more than %zu bytes",
			       ear->cap);
	return 0;
}

static int take_events(struct tap *t, struct ear *ear, int64_t now_ns UNUSED)
{
	size_t at = 0;
	struct resp r;

	for (;;) {
		ssize_t n;

		at += chain_expected(&t->chain, ear->in + at, ear->len - at);
		n = resp_parse(ear->in + at, ear->len - at, &r);
		if (n < 0)
			return err_set(&t->failure, (int)n,
				       "Redis sent something that is not RESP");
		if (n == 0)
			break;
		if (r.type != '*' || r.n != 3 || !resp_text_is(&r.items[0], "message"))
			return unexpected(t, &r);
		chain_message(&t->chain, r.items[2].text);
		at += (size_t)n;
	}
	if (t->conf.ctl && t->chain.parts[0].cursor + t->conf.ahead > t->allowed) {
		t->allowed = t->chain.parts[0].cursor + t->conf.ahead;
		gen_ctl_allow(t->conf.ctl, t->allowed);
	}
	return consume(t, ear, at);
}

static void keep_feature(struct tap *t, const struct resp *r, int64_t now_ns)
{
	for (int i = 0; i <= EVENT_TYPES; i++) {
		struct tap_feature f = { now_ns, (enum event_type)i, r->items[3].text };

		if (!resp_text_is(&r->items[2], i == FEATURE_OF_RELAY ? RELAY_CHANNEL
								      : feature_routes[i].channel))
			continue;
		t->unkept += !feature_list_add(&t->features, &f);
		return;
	}
	t->foreign++;
}

static int take_features(struct tap *t, struct ear *ear, int64_t now_ns)
{
	size_t at = 0;
	struct resp r;
	ssize_t n;

	while ((n = resp_parse(ear->in + at, ear->len - at, &r)) > 0) {
		if (r.type != '*' || r.n != 4 || !resp_text_is(&r.items[0], "pmessage"))
			return unexpected(t, &r);
		keep_feature(t, &r, now_ns);
		at += (size_t)n;
	}
	if (n < 0)
		return err_set(&t->failure, (int)n, "Redis sent something that is not RESP");
	return consume(t, ear, at);
}

/* ---- the thread ---------------------------------------------------------------------- */

static bool is_reached(const struct tap *t)
{
	return t->chain.seen >= t->want_events && t->taken + t->features.n >= t->want_features;
}

/* Take what is in the buffer; `error` (negative errno) when there will be no more. */
static int take(struct tap *t, struct ear *ear, int64_t now_ns, int error)
{
	int rc;

	pthread_mutex_lock(&t->mutex);
	rc = ear->take(t, ear, now_ns);
	if (!rc && error)
		rc = err_set(
			&t->failure, error,
			"Redis closed the tap's connection (client-output-buffer-limit?) after %llu events",
			(unsigned long long)t->chain.received);
	if (t->waiting && (rc || is_reached(t)))
		pthread_cond_signal(&t->reached);
	pthread_mutex_unlock(&t->mutex);
	return rc;
}

static int hear(struct tap *t, struct ear *ear)
{
	size_t room = ear->cap - ear->len;
	ssize_t n = recv(ear->fd, ear->in + ear->len, room < READ_BYTES ? room : READ_BYTES, 0);
	int64_t now_ns = clock_mono_ns();

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	ear->len += n > 0 ? (size_t)n : 0;
	return take(t, ear, now_ns, n > 0 ? 0 : n ? -errno : -ECONNRESET);
}

static void *tap_thread(void *ctx)
{
	struct tap *t = ctx;
	struct pollfd fds[EARS + 1] = { [EARS] = { .fd = t->end_fd, .events = POLLIN } };
	int rc = 0;

	for (int i = 0; i < EARS && !rc; i++) {
		fds[i] = (struct pollfd){ .fd = t->ears[i].fd, .events = POLLIN };
		if (t->ears[i].len) /* came with the confirmation */
			rc = take(t, &t->ears[i], clock_mono_ns(), 0);
	}
	while (!rc && !fds[EARS].revents) {
		if (ppoll(fds, EARS + 1, NULL, NULL) < 0)
			continue; /* a signal */
		for (int i = 0; i < EARS && !rc; i++)
			if (fds[i].revents)
				rc = hear(t, &t->ears[i]);
	}
	pthread_mutex_lock(&t->mutex);
	t->cpu_ns = clock_thread_cpu_ns();
	pthread_mutex_unlock(&t->mutex);
	return NULL;
}

static int start_thread(struct tap *t, struct err *e)
{
	pthread_attr_t attr;
	cpu_set_t set;
	int rc;

	pthread_attr_init(&attr);
	if (t->conf.cpu) {
		CPU_ZERO(&set);
		CPU_SET((size_t)*t->conf.cpu, &set);
		pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	}
	rc = pthread_create(&t->thread, &attr, tap_thread, t);
	pthread_attr_destroy(&attr);
	t->running = !rc;
	return rc ? err_set(e, -rc, "tap's thread: %s", strerror(rc)) : 0;
}

/* ---- subscribing --------------------------------------------------------------------- */

/* Read until the confirmation; pushes behind it stay in the buffer for the thread. */
static int await_confirmation(struct ear *ear, const char *word, int64_t deadline_ns, struct err *e)
{
	struct resp r;

	for (;;) {
		ssize_t n = recv(ear->fd, ear->in + ear->len, ear->cap - ear->len, 0), used;
		int rc;

		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return err_set(e, n ? -errno : -ECONNRESET, "connection closed");
		if (n < 0) {
			rc = rconn_wait(ear->fd, POLLIN, deadline_ns);
			if (rc)
				return err_set(e, rc, "no answer: %s", strerror(-rc));
			continue;
		}
		ear->len += (size_t)n;
		used = resp_parse(ear->in, ear->len, &r);
		if (used == 0)
			continue;
		if (used > 0 && r.type == '-')
			return err_set(e, -EACCES, "%.*s", (int)r.items[0].text.len,
				       r.items[0].text.p);
		if (used < 0 || r.n != 3 || !resp_text_is(&r.items[0], word))
			return err_set(e, -EPROTO, "unexpected answer");
		ear->len -= (size_t)used;
		memmove(ear->in, ear->in + used, ear->len);
		return 0;
	}
}

static int open_ear(struct tap *t, struct ear *ear, const char *word, const char *channel,
		    struct err *e)
{
	char lower[16] = { 0 };
	const char *const argv[] = { word, channel };
	int64_t deadline_ns = clock_mono_ns() + t->conf.timeout_ns;
	struct buf cmd = { 0 };
	int rc = rconn_open(&ear->fd, &t->conf.addr, t->conf.timeout_ns, e);

	if (rc)
		return rc;
	for (size_t i = 0; word[i] && i < sizeof(lower) - 1; i++)
		lower[i] = (char)(word[i] | 0x20);
	ear->cap = EAR_BYTES;
	ear->in = mem_calloc(ear->cap, 1);
	resp_add_command(&cmd, 2, argv);
	rc = rconn_send(ear->fd, cmd.data, cmd.len, deadline_ns, e);
	buf_release(&cmd);
	if (!rc)
		rc = await_confirmation(ear, lower, deadline_ns, e);
	if (rc)
		err_wrap(e, "%s %s", word, channel);
	return rc;
}

static void init_mutex(struct tap *t)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&t->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->reached, &attr);
	pthread_condattr_destroy(&attr);
}

static void set_defaults(struct tap_conf *c)
{
	c->max_features = c->max_features ? c->max_features : TAP_FEATURES_DEFAULT;
	c->max_feature_bytes = c->max_feature_bytes ? c->max_feature_bytes : TAP_BYTES_DEFAULT;
	c->timeout_ns = c->timeout_ns ? c->timeout_ns : TAP_TIMEOUT_DEFAULT_NS;
}

static int open_ears(struct tap *t, struct err *e)
{
	int rc = 0;

	if (t->conf.features)
		rc = open_ear(t, &t->ears[EAR_FEATURES], "PSUBSCRIBE", PATTERN, e);
	if (!rc && t->conf.plan) {
		chain_add(&t->chain, t->conf.plan);
		rc = open_ear(t, &t->ears[EAR_EVENTS], "SUBSCRIBE", EVENTS_CHANNEL, e);
	}
	return rc;
}

int tap_start(struct tap **out, const struct tap_conf *conf, struct err *e)
{
	struct tap *t = mem_calloc(1, sizeof(*t));
	int rc;

	t->conf = *conf;
	set_defaults(&t->conf);
	t->ears[EAR_FEATURES] = (struct ear){ .fd = -1, .take = take_features };
	t->ears[EAR_EVENTS] = (struct ear){ .fd = -1, .take = take_events };
	t->features = (struct feature_list){ .max_n = t->conf.max_features,
					     .max_bytes = t->conf.max_feature_bytes };
	init_mutex(t);
	t->end_fd = eventfd(0, EFD_CLOEXEC);
	rc = t->end_fd < 0 ? err_set(e, -errno, "eventfd: %s", strerror(errno)) : open_ears(t, e);
	if (!rc && t->conf.ctl)
		gen_ctl_allow(t->conf.ctl, t->allowed = t->conf.ahead);
	if (!rc)
		rc = start_thread(t, e);
	if (rc) {
		tap_free(t);
		return rc;
	}
	*out = t;
	return 0;
}

/* ---- asking -------------------------------------------------------------------------- */

static int copy_failure(const struct tap *t, struct err *e)
{
	return t->failure.code ? err_set(e, t->failure.code, "tap: %s", t->failure.text) : 0;
}

int tap_await(struct tap *t, uint64_t events, uint64_t features, int64_t deadline_ns, struct err *e)
{
	struct timespec ts = { .tv_sec = deadline_ns / NS_PER_S,
			       .tv_nsec = deadline_ns % NS_PER_S };
	int rc = 0;

	pthread_mutex_lock(&t->mutex);
	t->want_events = events;
	t->want_features = features;
	t->waiting = true;
	while (!is_reached(t) && !t->failure.code && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&t->reached, &t->mutex, &ts);
	t->waiting = false;
	if (is_reached(t))
		rc = 0;
	else if (t->failure.code)
		rc = copy_failure(t, e);
	else
		rc = err_set(e, -ETIMEDOUT,
			     "tap: %llu of %llu events, %llu of %llu features in time",
			     (unsigned long long)t->chain.seen, (unsigned long long)events,
			     (unsigned long long)(t->taken + t->features.n),
			     (unsigned long long)features);
	pthread_mutex_unlock(&t->mutex);
	return rc;
}

void tap_counts(struct tap *t, struct tap_counts *out)
{
	const struct chain *m = &t->chain;

	pthread_mutex_lock(&t->mutex);
	*out = (struct tap_counts){
		.received = m->received,
		.seen = m->seen,
		.duplicates = m->duplicates,
		.unknown = m->unknown,
		.order_breaks = m->order_breaks,
		.first_duplicate = m->n ? m->parts[0].first_duplicate : MATCH_NONE,
		.first_unknown = m->n ? m->parts[0].first_unknown : MATCH_NONE,
		.features = t->taken + t->features.n,
		.features_unkept = t->unkept,
		.features_foreign = t->foreign,
		.cpu_ns = t->cpu_ns,
	};
	pthread_mutex_unlock(&t->mutex);
}

bool tap_feature(struct tap *t, size_t i, struct tap_feature *out)
{
	bool there;

	pthread_mutex_lock(&t->mutex);
	there = i < t->features.n;
	if (there)
		*out = t->features.list[i];
	pthread_mutex_unlock(&t->mutex);
	return there;
}

size_t tap_first_missing(const struct tap *t)
{
	return t->chain.n ? match_first_missing(&t->chain.parts[0]) : MATCH_NONE;
}

void tap_take_features(struct tap *t, struct feature_list *out)
{
	pthread_mutex_lock(&t->mutex);
	*out = t->features;
	t->taken += t->features.n;
	t->features = (struct feature_list){ .max_n = t->conf.max_features,
					     .max_bytes = t->conf.max_feature_bytes };
	pthread_mutex_unlock(&t->mutex);
}

void tap_add_plan(struct tap *t, const struct plan *plan)
{
	pthread_mutex_lock(&t->mutex);
	chain_add(&t->chain, plan);
	pthread_mutex_unlock(&t->mutex);
}

void tap_retire_plan(struct tap *t, struct match *out, size_t *first_missing)
{
	pthread_mutex_lock(&t->mutex);
	chain_retire(&t->chain, out, first_missing);
	pthread_mutex_unlock(&t->mutex);
}

static void end_thread(struct tap *t)
{
	const uint64_t one = 1;

	if (!t->running)
		return;
	BUG_ON(write(t->end_fd, &one, sizeof(one)) != sizeof(one));
	pthread_join(t->thread, NULL);
	t->running = false;
}

int tap_stop(struct tap *t, struct err *e)
{
	end_thread(t);
	return copy_failure(t, e);
}

void tap_free(struct tap *t)
{
	if (!t)
		return;
	end_thread(t);
	for (int i = 0; i < EARS; i++) {
		if (t->ears[i].fd >= 0)
			close(t->ears[i].fd);
		free(t->ears[i].in);
	}
	if (t->end_fd >= 0)
		close(t->end_fd);
	chain_release(&t->chain);
	feature_list_release(&t->features);
	pthread_cond_destroy(&t->reached);
	pthread_mutex_destroy(&t->mutex);
	free(t);
}
