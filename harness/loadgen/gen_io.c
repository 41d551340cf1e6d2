/*
 * The generator's connections: staging, writing, replies, and their account.
 *
 * Which connection an event went to stands in route[]: replies of a connection come in
 * the order of its events, so each is followed by walking over route[].
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "extractors/base/clock.h"
#include "harness/loadgen/gen_internal.h"
#include "harness/loadgen/resp.h"

/* ---- the account ---------------------------------------------------------------- */

static void account(struct gen *g, int64_t now_ns)
{
	g->area_ns += (double)g->outstanding * (double)(now_ns - g->area_at_ns);
	g->area_at_ns = now_ns;
}

static void note_sent(struct gen *g, struct link *l, size_t i, int64_t at_ns)
{
	struct gen_result *r = &g->res;

	/* Others look at it meanwhile (gen_sent_ns()): a plain store here, but whole. */
	__atomic_store_n(&g->sent_ns[i], at_ns, __ATOMIC_RELAXED);
	if (gen_is_paced(g, i))
		hist_record(r->pacing, at_ns - gen_intended_ns(g, i));
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
	hist_record(r->reply, at_ns - g->sent_ns[l->answering]);
	if (gen_is_paced(g, l->answering))
		hist_record(r->response, at_ns - gen_intended_ns(g, l->answering));
	l->answering++;
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

/* The union of the times during which some event was due for too long. */
static void note_behind(struct gen *g, size_t event, int64_t at_ns)
{
	int64_t from_ns;

	if (!gen_is_paced(g, event))
		return;
	from_ns = gen_intended_ns(g, event) + GEN_LATE_NS;
	if (from_ns < g->res.last_sent_ns)
		from_ns = g->res.last_sent_ns;
	if (from_ns < g->res.start_ns) /* started in the past: not the generator's fault */
		from_ns = g->res.start_ns;
	if (at_ns > from_ns)
		g->res.behind_ns += at_ns - from_ns;
}

/* ---- writing -------------------------------------------------------------------- */

/* Change the last digit of the time: still a valid event, and not the planned one. */
static void alter(struct gen *g, size_t i, char *bulk, size_t len)
{
	char *message = bulk + (plan_message_in(bulk, len).p - bulk);

	message[g->conf.plan->ts_at[plan_type(g->conf.plan, i)] + PLAN_TS_DIGITS - 1] ^= 1;
	g->res.altered++;
}

static void stage(struct gen *g, struct link *l, size_t i)
{
	char *to = l->out + l->out_len;
	size_t len;

	memcpy(to, PLAN_PUBLISH, PLAN_PREFIX_LEN);
	len = plan_render(g->conf.plan, i, to + PLAN_PREFIX_LEN);
	if (g->route[i] == ROUTE_ALTER)
		alter(g, i, to + PLAN_PREFIX_LEN, len);
	g->route[i] = l->number;
	l->out_len += PLAN_PREFIX_LEN + len;
	l->staged[l->n_staged++] =
		(struct staged){ .event = (uint32_t)i, .end = (uint32_t)l->out_len };
}

static bool has_room(const struct gen *g, struct link *l)
{
	if (gen_is_written(l))
		l->out_len = l->out_at = l->n_staged = l->n_written = 0;
	return l->out_len < g->conf.batch_bytes;
}

/* Where an event goes, NULL when that has no room now. */
static struct link *link_of(struct gen *g, size_t i)
{
	struct link *l = &g->links[g->rank[plan_type(g->conf.plan, i)] % g->n_links];

	if (!g->conf.any_order)
		return has_room(g, l) ? l : NULL;
	for (int k = 0; k < g->n_links; k++, g->turn = (g->turn + 1) % g->n_links) {
		l = &g->links[g->turn];
		if (!l->full && has_room(g, l))
			return l;
	}
	return NULL;
}

bool gen_has_room(struct gen *g)
{
	return link_of(g, g->next);
}

static void fill(struct gen *g, size_t limit)
{
	struct link *l;

	for (; g->next < limit; g->next++) {
		if (g->route[g->next] == ROUTE_DROP) {
			g->res.dropped++;
			continue;
		}
		l = link_of(g, g->next);
		if (!l)
			break;
		stage(g, l, g->next);
	}
	if (g->conf.any_order)
		g->turn = (g->turn + 1) % g->n_links;
}

static void note_written(struct gen *g, struct link *l, size_t n, int64_t at_ns)
{
	size_t before = l->n_written;

	account(g, at_ns);
	g->res.bytes += n;
	l->out_at += n;
	if (before < l->n_staged && l->staged[before].end <= l->out_at)
		note_behind(g, l->staged[before].event, at_ns);
	for (; l->n_written < l->n_staged && l->staged[l->n_written].end <= l->out_at;
	     l->n_written++)
		note_sent(g, l, l->staged[l->n_written].event, at_ns);
	n = l->n_written - before;
	g->res.batches += n > 1;
	g->res.batched += n > 1 ? n : 0;
	if (n > g->res.largest_batch)
		g->res.largest_batch = n;
}

/* Write what is staged, as far as the socket takes it. */
static int flush(struct gen *g, struct link *l)
{
	while (!gen_is_written(l) && !l->full) {
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

int gen_send(struct gen *g, size_t limit, bool *moved)
{
	size_t from = g->next;

	if (g->next < limit && !g->spreading)
		fill(g, limit);
	*moved = *moved || g->next > from;
	for (int i = 0; i < g->n_links; i++) {
		struct link *l = &g->links[i];
		size_t at = l->out_at;
		int rc = flush(g, l);

		if (rc)
			return rc;
		*moved = *moved || l->out_at != at;
	}
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

/*
 * A drain always tries.  In open loop a try that finds nothing is a wasted call, so
 * there it takes a word from poll, many owed (when catching up nothing polls) or time.
 */
#define OWED_MANY 256

static bool is_worth_reading(const struct gen *g, const struct link *l)
{
	if (l->readable || !l->unanswered)
		return l->readable;
	return !gen_is_paced(g, g->next) || l->unanswered >= OWED_MANY ||
	       g->res.last_sent_ns - g->read_ns > GEN_LAZY_NS;
}

static int read_link(struct gen *g, struct link *l, bool *moved)
{
	ssize_t n;

	l->readable = false;
	g->read_ns = clock_mono_ns();
	n = recv(l->fd, l->in + l->in_len, sizeof(l->in) - l->in_len, 0);
	g->res.reads++;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return err_set(g->err, n ? -errno : -ECONNRESET, "Redis closed the connection%s%s",
			       n ? ": " : "", n ? strerror(errno) : "");
	l->in_len += (size_t)n;
	*moved = true;
	return take_replies(g, l, clock_mono_ns());
}

int gen_read(struct gen *g, bool *moved)
{
	int rc = 0;

	for (int i = 0; i < g->n_links && !rc; i++)
		if (is_worth_reading(g, &g->links[i]))
			rc = read_link(g, &g->links[i], moved);
	return rc;
}
