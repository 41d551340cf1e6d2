/* One side of a soak; see soak_bus.h. */
#include "harness/soak_bus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"

#define TAP_SUBSCRIPTIONS 2 /* events, and the pattern of features */

/* ---- the generator's thread ---------------------------------------------------------- */

/* Wait for the next part; false: no more will come. */
static bool next_part(struct soak_bus *b, struct soak_bus_part *part)
{
	bool more;

	pthread_mutex_lock(&b->mutex);
	while (!b->stop && b->ready == b->done)
		pthread_cond_wait(&b->changed, &b->mutex);
	more = !b->stop;
	if (more)
		*part = b->parts[b->done];
	pthread_mutex_unlock(&b->mutex);
	return more;
}

static void *send_parts(void *ctx)
{
	struct soak_bus *b = ctx;
	struct soak_bus_part part;
	struct err e = ERR_INIT;
	int rc = 0;

	pthread_setaffinity_np(pthread_self(), sizeof(cpu_set_t), &b->session->cpus.generator);
	while (!rc && next_part(b, &part)) {
		rc = gen_run(part.gen, part.segment->start_ns, &e);
		pthread_mutex_lock(&b->mutex);
		if (rc)
			b->gen_err = e;
		b->done++;
		pthread_mutex_unlock(&b->mutex);
	}
	return NULL;
}

/* ---- opening and closing --------------------------------------------------------------- */

static struct rconn_addr address(const struct soak_bus *b)
{
	const struct redis_addr *a = sut_redis_addr(b->sut);

	return (struct rconn_addr){ .socket = a->socket,
				    .host = a->host,
				    .port = a->port,
				    .username = a->username,
				    .password = a->password };
}

static int open_redis(struct soak_bus *b, int number, struct err *e)
{
	struct session *s = b->session;
	char name[16];
	int rc;

	b->sut = s->sut;
	if (!number)
		return 0;
	b->own_sut = true;
	snprintf(name, sizeof(name), "soak%d", number);
	rc = session_start_redis(s, name, &s->cpus.servers, &b->sut, e);
	return rc == -EINVAL ? err_wrap(e, "a soak of more than one implementation") : rc;
}

static int open_tap(struct soak_bus *b, const struct plan *first, struct err *e)
{
	struct tap_conf conf = { .addr = address(b), .plan = first, .features = true };

	/* This thread is on the tap's core, and the tap's inherits that. */
	return tap_start(&b->tap, &conf, e);
}

static int start_thread(struct soak_bus *b, struct err *e)
{
	int rc = pthread_create(&b->thread, NULL, send_parts, b);

	b->thread_runs = !rc;
	return rc ? err_set(e, -rc, "generator thread: %s", strerror(rc)) : 0;
}

int soak_bus_open(struct soak_bus *b, struct session *s, const char *implementation, int number,
		  const struct plan *first, struct err *e)
{
	int rc;

	*b = (struct soak_bus){ .session = s, .implementation = implementation };
	pthread_mutex_init(&b->mutex, NULL);
	pthread_cond_init(&b->changed, NULL);
	for (size_t i = 0; i < SOAK_LINES; i++)
		b->totals[i].event = MATCH_NONE;
	b->pacing = hist_new(HIST_HOUR_NS, HIST_DIGITS, e);
	rc = b->pacing ? gen_ctl_open(&b->ctl, e) : -EINVAL;
	b->ctl_open = !rc;
	rc = rc ? rc : open_redis(b, number, e);
	rc = rc ? rc : open_tap(b, first, e);
	return rc ? rc : start_thread(b, e);
}

void soak_bus_stop(struct soak_bus *b)
{
	if (!b->thread_runs)
		return;
	gen_ctl_stop(&b->ctl);
	pthread_mutex_lock(&b->mutex);
	b->stop = true;
	pthread_cond_signal(&b->changed);
	pthread_mutex_unlock(&b->mutex);
	pthread_join(b->thread, NULL);
	b->thread_runs = false;
}

void soak_bus_close(struct soak_bus *b)
{
	struct err ignored = ERR_INIT;

	if (!b->session)
		return;
	soak_bus_stop(b);
	for (size_t i = 0; i < b->n_parts; i++)
		gen_close(b->parts[i].gen);
	if (b->tap)
		(void)!tap_stop(b->tap, &ignored);
	tap_free(b->tap);
	for (size_t i = 0; i < b->n_seats; i++)
		soak_seat_close(&b->seats[i]);
	if (b->ctl_open)
		gen_ctl_close(&b->ctl);
	hist_free(b->pacing);
	if (b->own_sut)
		(void)!sut_stop(b->sut, &ignored);
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->mutex);
	b->session = NULL;
}

int soak_bus_add_seat(struct soak_bus *b, const struct subject *subject, enum event_type type,
		      int stretch, double settle_s, struct err *e)
{
	struct soak_place place = {
		.session = b->session,
		.subject = subject,
		.type = type,
		.sut = b->sut,
		.n_others = TAP_SUBSCRIPTIONS,
		.stretch = stretch,
		.settle_s = settle_s,
	};

	for (size_t i = 0; i < b->n_seats; i++)
		place.n_others += soak_seat_lives(&b->seats[i]);
	return soak_seat_open(&b->seats[b->n_seats++], &place, e);
}

/* ---- segments -------------------------------------------------------------------------- */

int soak_bus_add(struct soak_bus *b, const struct soak_segment *segment, struct err *e)
{
	struct gen_conf conf = {
		.plan = segment->plan,
		.addr = address(b),
		.ctl = &b->ctl,
		.mode = GEN_OPEN_LOOP,
		.connections = 1, /* the order of the plan is the oracle's order */
	};
	struct soak_bus_part *part = &b->parts[b->n_parts];
	int rc;

	if (segment->drop_at != SIZE_MAX) {
		conf.drop_at = &segment->drop_at;
		conf.n_drop = 1;
	}
	BUG_ON(b->n_parts == CHAIN_PLANS);
	rc = gen_open(&part->gen, &conf, e);
	if (rc)
		return rc;
	part->segment = segment;
	if (segment->number)
		tap_add_plan(b->tap, segment->plan);
	pthread_mutex_lock(&b->mutex);
	b->n_parts++;
	b->ready++;
	pthread_cond_signal(&b->changed);
	pthread_mutex_unlock(&b->mutex);
	return 0;
}

int soak_bus_sent(struct soak_bus *b, size_t *n, struct err *e)
{
	int rc = 0;

	pthread_mutex_lock(&b->mutex);
	*n = b->done;
	if (b->gen_err.code)
		rc = err_set(e, b->gen_err.code, "generator: %s", b->gen_err.text);
	pthread_mutex_unlock(&b->mutex);
	return rc;
}

static void add(struct soak_bus *b, enum soak_line line, int64_t expected, int64_t got,
		size_t segment, size_t event)
{
	struct soak_total *t = &b->totals[line];

	t->expected += expected;
	t->got += got;
	if (expected != got && !t->segment) {
		t->segment = segment + 1;
		t->event = event;
	}
}

/* A generator that was stopped has not lost what it did not send. */
static int64_t n_planned(const struct gen_result *r)
{
	return (int64_t)(r->stopped ? r->sent + r->dropped : r->planned);
}

static void add_totals(struct soak_bus *b, const struct soak_segment *segment,
		       const struct gen_result *r, const struct match *m, size_t missing)
{
	int64_t planned = n_planned(r);
	size_t k = segment->number;

	add(b, SOAK_SENT, planned, (int64_t)r->sent, k, r->dropped ? segment->drop_at : MATCH_NONE);
	add(b, SOAK_ANSWERED, planned, (int64_t)r->replies, k, MATCH_NONE);
	add(b, SOAK_DELIVERED, planned, (int64_t)r->by_receivers[1 + b->n_seats], k, MATCH_NONE);
	add(b, SOAK_SEEN, planned, (int64_t)m->seen, k,
	    missing < (size_t)planned ? missing : MATCH_NONE);
	add(b, SOAK_STRANGE, 0, (int64_t)(m->duplicates + m->unknown + m->order_breaks), k,
	    MATCH_NONE);
	b->generator_cpu_ns += r->cpu_ns;
	if (k)						  /* filling is no person's pace */
		BUG_ON(hist_merge(b->pacing, r->pacing)); /* of the same shape */
}

/* Take the oldest part out of the thread's sight. */
static struct soak_bus_part pop(struct soak_bus *b)
{
	struct soak_bus_part part;

	pthread_mutex_lock(&b->mutex);
	BUG_ON(!b->done);
	part = b->parts[0];
	memmove(b->parts, b->parts + 1, --b->n_parts * sizeof(*b->parts));
	b->ready--;
	b->done--;
	pthread_mutex_unlock(&b->mutex);
	return part;
}

void soak_bus_retire(struct soak_bus *b)
{
	struct soak_bus_part part = pop(b);
	const struct gen_result *r = gen_result(part.gen);
	const struct soak_segment *segment = part.segment;
	struct match seen;
	size_t missing;

	tap_retire_plan(b->tap, &seen, &missing);
	add_totals(b, segment, r, &seen, missing);
	for (size_t i = 0; i < b->n_seats; i++)
		soak_seat_segment(&b->seats[i], segment->plan, r->sent_ns, (size_t)n_planned(r),
				  segment->wall_minus_mono_us);
	gen_close(part.gen);
}

uint64_t soak_bus_events(struct soak_bus *b)
{
	uint64_t n = (uint64_t)b->totals[SOAK_SENT].got;

	for (size_t i = 0; i < b->n_parts; i++) {
		uint64_t sent, replies;

		gen_progress(b->parts[i].gen, &sent, &replies);
		n += sent;
	}
	return n;
}

/* ---- listening and looking ---------------------------------------------------------------- */

static struct soak_seat *seat_of(struct soak_bus *b, enum event_type type)
{
	for (size_t i = 0; i < b->n_seats; i++)
		if (b->seats[i].run->extractor == type)
			return &b->seats[i];
	return NULL;
}

void soak_bus_listen(struct soak_bus *b)
{
	int64_t wall_minus_mono_us = clock_wall_us() - clock_mono_ns() / NS_PER_US;
	struct feature_list list;

	if (b->n_parts)
		wall_minus_mono_us = b->parts[0].segment->wall_minus_mono_us;
	tap_take_features(b->tap, &list);
	for (size_t i = 0; i < list.n; i++) {
		struct soak_seat *seat = seat_of(b, list.list[i].type);

		if (seat)
			soak_seat_message(seat, &list.list[i], wall_minus_mono_us);
		else
			b->foreign++;
	}
	feature_list_release(&list);
}

static int look_at_clients(struct soak_bus *b, struct err *e)
{
	struct redis_client *list;
	size_t n;
	int rc = redis_query_subscribers(sut_redis(b->sut), &list, &n, e);

	if (rc)
		return rc;
	for (size_t i = 0; i < b->n_seats; i++)
		if (soak_seat_lives(&b->seats[i]))
			live_note_clients(&b->seats[i].lv, list, n);
	b->held_bytes = 0;
	for (size_t i = 0; i < n; i++)
		if (list[i].output_bytes > b->held_bytes)
			b->held_bytes = list[i].output_bytes;
	free(list);
	return 0;
}

int soak_bus_sample(struct soak_bus *b, double elapsed_s, struct err *e)
{
	uint64_t events = soak_bus_events(b);
	int rc = look_at_clients(b, e);

	soak_bus_listen(b);
	for (size_t i = 0; !rc && i < b->n_seats; i++) {
		soak_seat_look(&b->seats[i]);
		if (soak_seat_lives(&b->seats[i]))
			rc = soak_seat_sample(&b->seats[i], elapsed_s, events, e);
	}
	return rc;
}
