/*
 * The generator; see gen.h.
 *
 * One loop: stage what may be sent, write it, read replies, wait for the next due
 * time or for a descriptor.  Start at run_loop().  What goes over the connections
 * and its account is in gen_io.c.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/loadgen/gen_internal.h"

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

/*
 * When the next event is to go: when it is due, or where events are dense with the last
 * one that is due within GEN_COALESCE_NS of it.
 */
static int64_t staging_ns(struct gen *g)
{
	const struct plan_entry *e = g->conf.plan->entries;
	size_t n = g->conf.plan->n, last = g->next, dense = g->next + GEN_DENSE_EVENTS - 1;
	int64_t until_ns = e[g->next].due_ns + GEN_COALESCE_NS;

	if (g->held_for == g->next && g->held_until_ns)
		return g->held_until_ns;
	if (dense < n && e[dense].due_ns <= until_ns)
		for (last = dense; last + 1 < n && e[last + 1].due_ns <= until_ns; last++)
			if (last - g->next > batch_events(g))
				break;
	g->held_for = g->next;
	g->held_until_ns = gen_intended_ns(g, last);
	return g->held_until_ns;
}

/* The first event that must not be sent yet. */
static size_t send_limit(struct gen *g, int64_t now_ns)
{
	const struct plan *p = g->conf.plan;
	uint64_t allowed = g->conf.ctl ? atomic_load(&g->conf.ctl->allowed) : UINT64_MAX;
	size_t limit = g->next, most = least(p->n, g->next + batch_events(g));

	if (is_stopped(g) || now_ns < g->res.start_ns)
		return limit;
	most = allowed < most ? (size_t)allowed : most;
	if (limit >= most)
		return limit;
	if (!gen_is_paced(g, limit)) {
		if (g->conf.mode == GEN_OPEN_LOOP)
			most = least(most, g->conf.paced_from);
		return least(most, limit + gen_allowed(g));
	}
	if (now_ns < staging_ns(g))
		return limit;
	while (limit < most && gen_intended_ns(g, limit) <= now_ns)
		limit++;
	return limit;
}

/* ---- waiting -------------------------------------------------------------------- */

/* Is it worth being woken by a reply?  Not when an event is due soon anyway. */
static bool wants_replies(const struct gen *g, int64_t next_ns)
{
	return g->conf.exact_replies || !gen_is_paced(g, g->next) || next_ns == INT64_MAX ||
	       next_ns - clock_mono_ns() > GEN_LAZY_NS;
}

static nfds_t set_pollfds(const struct gen *g, struct pollfd *fds, int64_t next_ns)
{
	short in = wants_replies(g, next_ns) ? POLLIN : 0;
	nfds_t n = 0;

	for (; n < (nfds_t)g->n_links; n++) {
		const struct link *l = &g->links[n];
		short out = gen_is_written(l) ? 0 : POLLOUT;

		fds[n] = (struct pollfd){ .fd = l->fd, .events = (short)(in | out) };
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
		if (!gen_is_written(&g->links[i]))
			return false;
	return true;
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

	if (is_stopped(g) || g->next == g->conf.plan->n || g->spreading || !gen_has_room(g))
		return NEVER;
	if (ctl) {
		atomic_store(&ctl->asleep, true);
		if (g->next >= atomic_load(&ctl->allowed))
			return NEVER;
		atomic_store(&ctl->asleep, false);
	}
	if (!gen_is_paced(g, g->next))
		return gen_allowed(g) ? g->res.start_ns : NEVER;
	return staging_ns(g);
}

/* Spun to the last bit, unless several events are waited for at once. */
static bool is_exact(const struct gen *g, int64_t ns)
{
	return ns != g->held_until_ns || ns == gen_intended_ns(g, g->held_for);
}

/* Descriptors ready, 0, or a negative errno. */
static int wait_until(struct gen *g, int64_t ns, struct pollfd *fds, nfds_t n)
{
	int rc = ns == NEVER ? ppoll(fds, n, NULL, NULL)
			     : pacer_wait(&g->pacer, ns, is_exact(g, ns), fds, n);

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
	int64_t ns = next_staging_ns(g), give_up_ns = g->owed_since_ns + g->conf.timeout_ns;
	nfds_t n = set_pollfds(g, fds, ns);
	int rc = wait_until(g, is_owed(g) && give_up_ns < ns ? give_up_ns : ns, fds, n);

	if (g->conf.ctl)
		atomic_store_explicit(&g->conf.ctl->asleep, false, memory_order_relaxed);
	if (rc > 0)
		take_pollfds(g, fds, n);
	return rc < 0 ? rc : check_owed(g);
}

/* ---- running -------------------------------------------------------------------- */

/* Between two events, while the pacer spins: so that replies are not read late. */
static bool read_while_spinning(void *ctx)
{
	struct gen *g = ctx;
	bool moved = false;

	for (int i = 0; i < g->n_links; i++)
		g->links[i].readable |= g->links[i].unanswered > 0;
	if (g->outstanding && !g->idle_rc)
		g->idle_rc = gen_read(g, &moved);
	return moved;
}

/*
 * One connection more for who may have it and lags.  Redis serves connections in any order,
 * so types change theirs only when nothing is on its way.
 */
static void spread(struct gen *g)
{
	if (g->spreading && !is_owed(g)) {
		g->spreading = false;
		g->res.connections = ++g->n_links;
	}
	if (g->spreading || g->n_links == g->n_open || g->conf.mode != GEN_OPEN_LOOP)
		return;
	for (int i = 0; i < g->n_links; i++)
		g->spreading |= g->links[i].full || g->links[i].unanswered > g->conf.lag_events;
}

static int run_loop(struct gen *g)
{
	for (;;) {
		bool moved = false;
		int rc;

		spread(g);
		rc = gen_send(g, send_limit(g, clock_mono_ns()), &moved);
		if (!rc)
			rc = gen_read(g, &moved);
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
	r->spin_ns = g->pacer.spin_ns;
	r->spin_margin_ns = g->pacer.margin_ns;
	r->unspun = g->pacer.unspun;
	r->realtime = g->pacer.realtime;
	r->no_realtime = g->pacer.no_realtime;
	r->outstanding_mean = g->area_ns / took_ns;
	r->littles_law = r->outstanding_mean / (rate * hist_mean(r->reply));
}

int gen_run(struct gen *g, int64_t start_ns, struct err *e)
{
	int64_t cpu_ns;
	int rc;

	g->err = e;
	pacer_start(&g->pacer, g->conf.realtime ? PACER_REALTIME : PACER_NORMAL);
	g->pacer.idle = read_while_spinning;
	g->pacer.idle_ctx = g;
	g->res.start_ns = g->owed_since_ns = g->read_ns = start_ns;
	g->area_at_ns = start_ns;
	cpu_ns = clock_thread_cpu_ns();
	rc = run_loop(g);
	sum_up(g, cpu_ns);
	pacer_stop(&g->pacer);
	return rc;
}

static int check_conf(const struct gen_conf *c, struct err *e)
{
	if (c->connections < 0 || c->connections > GEN_CONNECTIONS_MAX)
		return err_set(e, -EINVAL, "connections: must be 1 ... %d", GEN_CONNECTIONS_MAX);
	if (c->paced_from && (c->paced_from >= c->plan->n || !c->ctl))
		return err_set(e, -EINVAL,
			       "paced from event %zu: there are %zu, and a ctl is needed",
			       c->paced_from, c->plan->n);
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
	c->max_unanswered = c->max_unanswered ? c->max_unanswered : GEN_UNANSWERED_DEFAULT;
	c->lag_events = c->lag_events ? c->lag_events : GEN_LAG_DEFAULT;
	c->batch_bytes = c->batch_bytes ? c->batch_bytes : GEN_BATCH_DEFAULT;
	c->timeout_ns = c->timeout_ns ? c->timeout_ns : GEN_TIMEOUT_DEFAULT_NS;
}

/* The connection of each type, before the modulus: its place among those the plan has. */
static int rank_types(struct gen *g)
{
	int n = 0;

	for (int t = 0; t < EVENT_TYPES; t++)
		if (g->conf.plan->per_type[t])
			g->rank[t] = n++;
	return n;
}

static int open_links(struct gen *g, struct err *e)
{
	int types = rank_types(g), want = g->conf.connections;

	if (want == GEN_AUTO)
		want = g->conf.mode == GEN_OPEN_LOOP ? types : 1;
	else if (!g->conf.any_order && want > types)
		want = types;
	g->links = mem_calloc((size_t)want, sizeof(*g->links));
	for (; g->n_open < want; g->n_open++) {
		struct link *l = &g->links[g->n_open];
		int rc = rconn_open(&l->fd, &g->conf.addr, GEN_TIMEOUT_DEFAULT_NS, e);

		if (rc)
			return rc;
		l->number = (uint8_t)g->n_open;
		l->out = mem_calloc(g->conf.batch_bytes + MESSAGE_SLACK, 1);
		l->staged =
			mem_calloc(g->conf.batch_bytes / PLAN_PREFIX_LEN + 2, sizeof(*l->staged));
	}
	g->n_links = g->conf.connections == GEN_AUTO ? 1 : g->n_open;
	g->res.connections = g->n_links;
	return 0;
}

static void plant_faults(struct gen *g)
{
	for (size_t i = 0; i < g->conf.n_alter; i++)
		g->route[g->conf.alter_at[i]] = ROUTE_ALTER;
	for (size_t i = 0; i < g->conf.n_drop; i++)
		g->route[g->conf.drop_at[i]] = ROUTE_DROP;
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
	plant_faults(g);
	g->sent_ns = mem_calloc(n, sizeof(*g->sent_ns));
	memset(g->sent_ns, 0, n * sizeof(*g->sent_ns)); /* touched now, not in the run */
	g->res.sent_ns = g->sent_ns;
	g->res.planned = n;
	g->res.no_realtime = "";
	g->res.pacing = hist_new(HIST_HOUR_NS, HIST_DIGITS, e);
	g->res.reply = hist_new(HIST_HOUR_NS, HIST_DIGITS, e);
	g->res.response = hist_new(HIST_HOUR_NS, HIST_DIGITS, e);
	g->res.wake = g->pacer.wake = hist_new(HIST_HOUR_NS, HIST_DIGITS, e);
	rc = g->res.pacing && g->res.reply && g->res.response && g->res.wake ? open_links(g, e)
									     : -EINVAL;
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
	for (int i = 0; i < g->n_open; i++) {
		close(g->links[i].fd);
		free(g->links[i].out);
		free(g->links[i].staged);
	}
	free(g->links);
	free(g->route);
	free(g->sent_ns);
	hist_free(g->res.pacing);
	hist_free(g->res.reply);
	hist_free(g->res.response);
	hist_free(g->res.wake);
	free(g);
}

const struct gen_result *gen_result(const struct gen *g)
{
	return &g->res;
}

int64_t gen_sent_ns(const struct gen *g, size_t i)
{
	return __atomic_load_n(&g->sent_ns[i], __ATOMIC_RELAXED);
}

void gen_progress(const struct gen *g, uint64_t *sent, uint64_t *replies)
{
	*sent = atomic_load_explicit(&g->seen_sent, memory_order_relaxed);
	*replies = atomic_load_explicit(&g->seen_replies, memory_order_relaxed);
}
