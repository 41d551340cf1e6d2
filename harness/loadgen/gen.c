/*
 * The generator; see gen.h.
 *
 * One loop: fill a connection's staging buffer with what may be sent, write it,
 * read replies, wait for the next due time or for a descriptor.  Start at
 * run_loop().  Which connection an event went to stands in route[]: writes and
 * replies of a connection come in the order of its events, so each side follows
 * its events by walking over route[].
 */
#include "harness/loadgen/gen.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/loadgen/pacer.h"
#include "harness/loadgen/resp.h"

/* route[]: the connection's number, or one of these */
#define ROUTE_NONE  0xff
#define ROUTE_DROP  0xfe
#define ROUTE_ALTER 0xfd

#define READ_BYTES    65536
#define MESSAGE_SLACK (PLAN_PREFIX_LEN + 65536 + 16) /* the longest command */

struct link {
	int fd;
	uint8_t number;
	bool readable; /* poll said so, or hung up */
	bool full;     /* the socket took no more; until poll says it does */
	uint64_t unanswered;
	/* staged commands, and where the event being written is */
	char *out;
	size_t out_len, out_at;
	size_t writing, writing_left; /* event; its bytes still to go, 0: between events */
	size_t answering;	      /* events before this one are answered */
	char in[READ_BYTES];
	size_t in_len;
};

struct gen {
	struct gen_conf conf;
	struct gen_result res;
	struct pacer pacer;
	size_t next; /* event to be staged */
	uint8_t *route;
	int64_t *sent_ns;
	int n_links, turn;
	struct link *links;
	/* Little's law: the area under the number of outstanding events */
	uint64_t outstanding;
	double area_ns;
	int64_t area_at_ns;
	int64_t owed_since_ns; /* the last reply, or the first event after all were answered */
	int idle_rc;
	struct err *err;
	_Atomic uint64_t seen_sent, seen_replies;
};

/* ---- the account ---------------------------------------------------------------- */

static void account(struct gen *g, int64_t now_ns)
{
	g->area_ns += (double)g->outstanding * (double)(now_ns - g->area_at_ns);
	g->area_at_ns = now_ns;
}

static void note_sent(struct gen *g, struct link *l, size_t i, int64_t at_ns)
{
	struct gen_result *r = &g->res;

	g->sent_ns[i] = at_ns;
	if (g->conf.mode == GEN_OPEN_LOOP)
		hist_record(r->pacing, at_ns - (r->start_ns + g->conf.plan->entries[i].due_ns));
	if (!r->sent++)
		r->first_sent_ns = at_ns;
	r->last_sent_ns = at_ns;
	l->unanswered++;
	g->outstanding++;
}

static void note_reply(struct gen *g, struct link *l, uint64_t receivers, int64_t at_ns)
{
	struct gen_result *r = &g->res;

	while (g->route[l->answering] != l->number)
		l->answering++;
	hist_record(r->reply, at_ns - g->sent_ns[l->answering++]);
	if (!r->replies++ || receivers < r->receivers_min)
		r->receivers_min = receivers;
	if (receivers > r->receivers_max)
		r->receivers_max = receivers;
	r->receivers_sum += receivers;
	r->by_receivers[receivers < GEN_RECEIVERS_MAX ? receivers : GEN_RECEIVERS_MAX]++;
	r->end_ns = at_ns;
	l->unanswered--;
	g->outstanding--;
}

/* ---- writing -------------------------------------------------------------------- */

/* Change the last digit of the time: still a valid event, and not the planned one. */
static void alter(struct gen *g, size_t i, char *bulk)
{
	const struct plan_entry *en = &g->conf.plan->entries[i];

	bulk[en->head_len + g->conf.plan->ts_at[en->type] + PLAN_TS_DIGITS - 1] ^= 1;
	g->res.altered++;
}

static void stage(struct gen *g, struct link *l, size_t i)
{
	struct span bulk = plan_bulk(g->conf.plan, i);
	char *to = l->out + l->out_len;

	memcpy(to, PLAN_PUBLISH, PLAN_PREFIX_LEN);
	memcpy(to + PLAN_PREFIX_LEN, bulk.p, bulk.len);
	if (g->route[i] == ROUTE_ALTER)
		alter(g, i, to + PLAN_PREFIX_LEN);
	g->route[i] = l->number;
	l->out_len += PLAN_PREFIX_LEN + bulk.len;
}

/* Stage events below `limit`, one batch at most. */
static void fill(struct gen *g, struct link *l, size_t limit)
{
	l->out_len = l->out_at = 0;
	for (; g->next < limit && l->out_len < g->conf.batch_bytes; g->next++) {
		if (g->route[g->next] == ROUTE_DROP)
			g->res.dropped++;
		else
			stage(g, l, g->next);
	}
}

static void note_written(struct gen *g, struct link *l, size_t n, int64_t at_ns)
{
	account(g, at_ns);
	g->res.bytes += n;
	l->out_at += n;
	while (n) {
		size_t part;

		if (!l->writing_left) {
			while (g->route[l->writing] != l->number)
				l->writing++;
			l->writing_left = PLAN_PREFIX_LEN + plan_bulk(g->conf.plan, l->writing).len;
		}
		part = n < l->writing_left ? n : l->writing_left;
		n -= part;
		l->writing_left -= part;
		if (!l->writing_left)
			note_sent(g, l, l->writing++, at_ns);
	}
}

/* Write what is staged, as far as the socket takes it. */
static int flush(struct gen *g, struct link *l)
{
	while (l->out_at < l->out_len && !l->full) {
		int64_t at_ns = clock_mono_ns();
		ssize_t n = send(l->fd, l->out + l->out_at, l->out_len - l->out_at, MSG_NOSIGNAL);

		g->res.writes++;
		if (!g->outstanding)
			g->owed_since_ns = at_ns;
		if (n > 0)
			note_written(g, l, (size_t)n, at_ns);
		else if (errno == EAGAIN)
			l->full = true;
		else if (errno != EINTR)
			return err_set(g->err, -errno, "writing to Redis: %s", strerror(errno));
	}
	return 0;
}

static bool is_stopped(const struct gen *g)
{
	return g->conf.ctl && atomic_load_explicit(&g->conf.ctl->stop, memory_order_relaxed);
}

/* As many as the links can take in one go: further ones need not be looked at. */
static size_t batch_events(const struct gen *g)
{
	return (g->conf.batch_bytes / PLAN_PREFIX_LEN + 1) * (size_t)g->n_links;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The first event that must not be sent yet. */
static size_t send_limit(const struct gen *g, int64_t now_ns)
{
	const struct plan *p = g->conf.plan;
	uint64_t allowed = g->conf.ctl ? atomic_load(&g->conf.ctl->allowed) : UINT64_MAX;
	size_t limit = g->next, most = least(p->n, g->next + batch_events(g));

	if (is_stopped(g) || now_ns < g->res.start_ns)
		return limit;
	most = allowed < most ? (size_t)allowed : most;
	if (g->conf.mode == GEN_DRAIN) {
		size_t room =
			g->conf.max_unanswered - least(g->outstanding, g->conf.max_unanswered);

		return least(most, limit + room);
	}
	while (limit < most && g->res.start_ns + p->entries[limit].due_ns <= now_ns)
		limit++;
	return limit;
}

/* *moved: something was staged or written. */
static int send_some(struct gen *g, size_t limit, bool *moved)
{
	for (int i = 0; i < g->n_links; i++) {
		struct link *l = &g->links[(g->turn + i) % g->n_links];
		size_t staged = l->out_len - l->out_at, from = g->next;
		int rc;

		if (!staged && g->next < limit)
			fill(g, l, limit);
		rc = flush(g, l);
		if (rc)
			return rc;
		*moved = *moved || g->next > from || l->out_len - l->out_at < staged;
	}
	g->turn = (g->turn + 1) % g->n_links;
	return 0;
}

/* ---- reading -------------------------------------------------------------------- */

static int take_other_reply(struct gen *g, const char *p, size_t len)
{
	struct resp r;
	ssize_t n = resp_parse(p, len, &r);

	if (n == 0)
		return 0;
	if (n > 0 && r.type == '-')
		return err_set(g->err, -EPROTO, "Redis: %.*s", (int)r.items[0].text.len,
			       r.items[0].text.p);
	return err_set(g->err, -EPROTO, "Redis answered PUBLISH with something else than a number");
}

/* Bytes of one `:<number>\r\n`, 0 when it is not that (or not all of it). */
static size_t take_number(const char *p, size_t len, uint64_t *out)
{
	size_t i = 1;

	if (len < 4 || p[0] != ':')
		return 0;
	for (*out = 0; i < len && i < 16 && p[i] >= '0' && p[i] <= '9'; i++)
		*out = *out * 10 + (uint64_t)(p[i] - '0');
	return i > 1 && i + 1 < len && p[i] == '\r' && p[i + 1] == '\n' ? i + 2 : 0;
}

static int take_replies(struct gen *g, struct link *l, int64_t at_ns)
{
	size_t at = 0, n;
	uint64_t receivers;
	int rc;

	account(g, at_ns);
	while ((n = take_number(l->in + at, l->in_len - at, &receivers))) {
		if (!l->unanswered)
			return err_set(g->err, -EPROTO, "Redis sent a reply too many");
		note_reply(g, l, receivers, at_ns);
		at += n;
	}
	rc = take_other_reply(g, l->in + at, l->in_len - at);
	l->in_len -= at;
	memmove(l->in, l->in + at, l->in_len);
	g->owed_since_ns = at_ns;
	return rc;
}

static int read_replies(struct gen *g, bool *moved)
{
	for (int i = 0; i < g->n_links; i++) {
		struct link *l = &g->links[i];
		ssize_t n;
		int rc;

		if (!l->unanswered && !l->readable)
			continue;
		l->readable = false;
		n = recv(l->fd, l->in + l->in_len, sizeof(l->in) - l->in_len, 0);
		g->res.reads++;
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return err_set(g->err, n ? -errno : -ECONNRESET,
				       "Redis closed the connection%s%s", n ? ": " : "",
				       n ? strerror(errno) : "");
		l->in_len += (size_t)n;
		rc = take_replies(g, l, clock_mono_ns());
		if (rc)
			return rc;
		*moved = true;
	}
	return 0;
}

/* Between two events, while the pacer spins: so that replies are not read late. */
static void read_while_spinning(void *ctx)
{
	struct gen *g = ctx;
	bool moved;

	if (g->outstanding && !g->idle_rc)
		g->idle_rc = read_replies(g, &moved);
}

/* ---- waiting -------------------------------------------------------------------- */

static nfds_t set_pollfds(const struct gen *g, struct pollfd *fds)
{
	nfds_t n = 0;

	for (; n < (nfds_t)g->n_links; n++) {
		const struct link *l = &g->links[n];
		short out = l->out_at < l->out_len ? POLLOUT : 0;

		fds[n] = (struct pollfd){ .fd = l->fd, .events = (short)(POLLIN | out) };
	}
	if (g->conf.ctl && !is_stopped(g))
		fds[n++] = (struct pollfd){ .fd = g->conf.ctl->event_fd, .events = POLLIN };
	return n;
}

static void take_pollfds(struct gen *g, const struct pollfd *fds, nfds_t n)
{
	uint64_t count;

	for (int i = 0; i < g->n_links; i++) {
		struct link *l = &g->links[i];

		l->readable = fds[i].revents & (POLLIN | POLLHUP | POLLERR);
		l->full = l->full && !(fds[i].revents & (POLLOUT | POLLHUP | POLLERR));
	}
	if (n > (nfds_t)g->n_links && fds[g->n_links].revents) {
		ssize_t got = read(g->conf.ctl->event_fd, &count, sizeof(count));

		(void)got; /* only emptied: what it means is in the ctl */
	}
}

static bool all_written(const struct gen *g)
{
	for (int i = 0; i < g->n_links; i++)
		if (g->links[i].out_at < g->links[i].out_len)
			return false;
	return true;
}

static bool has_free_link(const struct gen *g)
{
	for (int i = 0; i < g->n_links; i++)
		if (g->links[i].out_at == g->links[i].out_len)
			return true;
	return false;
}

static bool is_owed(const struct gen *g)
{
	return g->outstanding || !all_written(g);
}

/*
 * When the next event may be staged, if only time is in its way; NEVER otherwise.
 * When the ctl holds it back, `asleep` stays set: it is set before `allowed` is
 * read, so whoever raises that later sees it and wakes us.
 */
#define NEVER INT64_MAX

static int64_t next_staging_ns(struct gen *g)
{
	struct gen_ctl *ctl = g->conf.ctl;

	if (is_stopped(g) || g->next == g->conf.plan->n || !has_free_link(g))
		return NEVER;
	if (ctl) {
		atomic_store(&ctl->asleep, true);
		if (g->next >= atomic_load(&ctl->allowed))
			return NEVER;
		atomic_store(&ctl->asleep, false);
	}
	if (g->conf.mode == GEN_DRAIN)
		return g->outstanding < g->conf.max_unanswered ? g->res.start_ns : NEVER;
	return g->res.start_ns + g->conf.plan->entries[g->next].due_ns;
}

/* Descriptors ready, 0, or a negative errno. */
static int wait_until(struct gen *g, int64_t ns, struct pollfd *fds, nfds_t n)
{
	int rc = ns == NEVER ? ppoll(fds, n, NULL, NULL) : pacer_wait(&g->pacer, ns, fds, n);

	if (ns == NEVER && rc < 0)
		rc = errno == EINTR ? 0 : -errno;
	if (g->idle_rc)
		return g->idle_rc;
	return rc < 0 ? err_set(g->err, rc, "poll: %s", strerror(-rc)) : rc;
}

/* A server that owes replies has timeout_ns for the next one. */
static int check_owed(struct gen *g)
{
	if (!is_owed(g) || clock_mono_ns() < g->owed_since_ns + g->conf.timeout_ns)
		return 0;
	return err_set(g->err, -ETIMEDOUT, "no reply from Redis for %.1f s, %llu outstanding",
		       (double)g->conf.timeout_ns / (double)NS_PER_S,
		       (unsigned long long)g->outstanding);
}

static int wait_more(struct gen *g)
{
	struct pollfd fds[GEN_CONNECTIONS_MAX + 1] = { 0 };
	nfds_t n = set_pollfds(g, fds);
	int64_t ns = next_staging_ns(g), give_up_ns = g->owed_since_ns + g->conf.timeout_ns;
	int rc = wait_until(g, is_owed(g) && give_up_ns < ns ? give_up_ns : ns, fds, n);

	if (g->conf.ctl)
		atomic_store_explicit(&g->conf.ctl->asleep, false, memory_order_relaxed);
	if (rc > 0)
		take_pollfds(g, fds, n);
	return rc < 0 ? rc : check_owed(g);
}

/* ---- running -------------------------------------------------------------------- */

static int run_loop(struct gen *g)
{
	for (;;) {
		bool moved = false;
		int rc = send_some(g, send_limit(g, clock_mono_ns()), &moved);

		if (!rc)
			rc = read_replies(g, &moved);
		if (rc)
			return rc;
		atomic_store_explicit(&g->seen_sent, g->res.sent, memory_order_relaxed);
		atomic_store_explicit(&g->seen_replies, g->res.replies, memory_order_relaxed);
		if ((g->next == g->conf.plan->n || is_stopped(g)) && !is_owed(g))
			return 0;
		if (!moved)
			rc = wait_more(g);
		if (rc)
			return rc;
	}
}

static void sum_up(struct gen *g, int64_t cpu_ns)
{
	struct gen_result *r = &g->res;
	/* without a reply there is no time, and no rate */
	double took_ns = r->replies ? (double)(r->end_ns - r->first_sent_ns) : (double)NAN;
	double rate = (double)r->replies / took_ns;

	r->cpu_ns = clock_thread_cpu_ns() - cpu_ns;
	r->stopped = is_stopped(g) && r->sent + r->dropped < r->planned;
	r->sleeps = g->pacer.sleeps;
	r->spin_margin_ns = g->pacer.margin_ns;
	r->outstanding_mean = g->area_ns / took_ns;
	r->littles_law = r->outstanding_mean / (rate * hist_mean(r->reply));
}

int gen_run(struct gen *g, int64_t start_ns, struct err *e)
{
	int64_t cpu_ns;
	int rc;

	g->err = e;
	pacer_init(&g->pacer);
	g->pacer.idle = read_while_spinning;
	g->pacer.idle_ctx = g;
	g->res.start_ns = g->owed_since_ns = start_ns;
	g->area_at_ns = start_ns;
	cpu_ns = clock_thread_cpu_ns();
	rc = run_loop(g);
	sum_up(g, cpu_ns);
	return rc;
}

static int check_conf(const struct gen_conf *c, struct err *e)
{
	if (c->connections < 0 || c->connections > GEN_CONNECTIONS_MAX)
		return err_set(e, -EINVAL, "connections: must be 1 ... %d", GEN_CONNECTIONS_MAX);
	for (size_t i = 0; i < c->n_drop; i++)
		if (c->drop_at[i] >= c->plan->n)
			return err_set(e, -EINVAL, "event %zu to drop: there are %zu",
				       c->drop_at[i], c->plan->n);
	for (size_t i = 0; i < c->n_alter; i++)
		if (c->alter_at[i] >= c->plan->n)
			return err_set(e, -EINVAL, "event %zu to alter: there are %zu",
				       c->alter_at[i], c->plan->n);
	return 0;
}

static void set_defaults(struct gen_conf *c)
{
	c->connections = c->connections ? c->connections : 1;
	c->max_unanswered = c->max_unanswered ? c->max_unanswered : GEN_UNANSWERED_DEFAULT;
	c->batch_bytes = c->batch_bytes ? c->batch_bytes : GEN_BATCH_DEFAULT;
	c->timeout_ns = c->timeout_ns ? c->timeout_ns : GEN_TIMEOUT_DEFAULT_NS;
}

static int open_links(struct gen *g, struct err *e)
{
	g->links = mem_calloc((size_t)g->conf.connections, sizeof(*g->links));
	for (; g->n_links < g->conf.connections; g->n_links++) {
		struct link *l = &g->links[g->n_links];
		int rc = rconn_open(&l->fd, &g->conf.addr, GEN_TIMEOUT_DEFAULT_NS, e);

		if (rc)
			return rc;
		l->number = (uint8_t)g->n_links;
		l->out = mem_calloc(g->conf.batch_bytes + MESSAGE_SLACK, 1);
	}
	return 0;
}

int gen_open(struct gen **out, const struct gen_conf *conf, struct err *e)
{
	size_t n = conf->plan->n;
	struct gen *g;
	int rc = check_conf(conf, e);

	if (rc)
		return rc;
	g = mem_calloc(1, sizeof(*g));
	g->conf = *conf;
	set_defaults(&g->conf);
	g->route = mem_calloc(n, 1);
	memset(g->route, ROUTE_NONE, n);
	for (size_t i = 0; i < conf->n_alter; i++)
		g->route[conf->alter_at[i]] = ROUTE_ALTER;
	for (size_t i = 0; i < conf->n_drop; i++)
		g->route[conf->drop_at[i]] = ROUTE_DROP;
	g->sent_ns = mem_calloc(n, sizeof(*g->sent_ns));
	memset(g->sent_ns, 0, n * sizeof(*g->sent_ns)); /* touched now, not in the run */
	g->res.sent_ns = g->sent_ns;
	g->res.planned = n;
	g->res.pacing = hist_new(HIST_HOUR_NS, HIST_DIGITS, e);
	g->res.reply = hist_new(HIST_HOUR_NS, HIST_DIGITS, e);
	rc = g->res.pacing && g->res.reply ? open_links(g, e) : -EINVAL;
	if (rc) {
		gen_close(g);
		return rc;
	}
	*out = g;
	return 0;
}

void gen_close(struct gen *g)
{
	if (!g)
		return;
	for (int i = 0; i < g->n_links; i++) {
		close(g->links[i].fd);
		free(g->links[i].out);
	}
	free(g->links);
	free(g->route);
	free(g->sent_ns);
	hist_free(g->res.pacing);
	hist_free(g->res.reply);
	free(g);
}

const struct gen_result *gen_result(const struct gen *g)
{
	return &g->res;
}

void gen_progress(const struct gen *g, uint64_t *sent, uint64_t *replies)
{
	*sent = atomic_load_explicit(&g->seen_sent, memory_order_relaxed);
	*replies = atomic_load_explicit(&g->seen_replies, memory_order_relaxed);
}
