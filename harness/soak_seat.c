/* One subject of a soak; see soak_seat.h. */
#include "harness/soak_seat.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/books.h"
#include "harness/oracle/oracle.h"
#include "harness/pairs.h"
#include "harness/points.h"
#include "harness/stats/quantile.h"

/* Messages kept for the database; one that does not take any for a day must not fill the memory. */
#define UNSTORED_MAX 20000

/* ---- queues ----------------------------------------------------------------------- */

static void put(struct soak_queue *q, struct soak_message *m)
{
	m->next = NULL;
	if (q->last)
		q->last->next = m;
	else
		q->first = m;
	q->last = m;
	q->n++;
}

static struct soak_message *take(struct soak_queue *q)
{
	struct soak_message *m = q->first;

	q->first = m->next;
	if (!q->first)
		q->last = NULL;
	q->n--;
	return m;
}

static void drop_all(struct soak_queue *q)
{
	while (q->first)
		free(take(q));
}

static struct check_message as_check(const struct soak_message *m)
{
	return (struct check_message){ m->received_wall_us, m->json, m->len };
}

/* ---- opening and closing ------------------------------------------------------------ */

void soak_run_id(char *out, size_t size, enum event_type type, int stretch,
		 const char *implementation)
{
	snprintf(out, size, "%s-soak-%d-%.20s", event_type_names[type], stretch, implementation);
}

void soak_seat_path(struct buf *out, struct session *s, enum event_type type, int stretch,
		    const char *implementation)
{
	char id[sizeof(((struct run *)0)->id)];

	soak_run_id(id, sizeof(id), type, stretch, implementation);
	buf_printf(out, "%s/soak/%s.csv", buf_str(&s->out_dir), id);
}

static int open_csv(struct soak_seat *seat, const struct soak_place *place, struct err *e)
{
	struct buf path = { 0 }, head = { 0 };
	int rc = 0;

	buf_printf(&path, "%s/soak", buf_str(&place->session->out_dir));
	if (mkdir(buf_str(&path), 0777) && errno != EEXIST)
		rc = -errno;
	buf_reset(&path);
	soak_seat_path(&path, place->session, place->type, place->stretch,
		       seat->run->implementation);
	seat->csv =
		rc ? -1
		   : open(buf_str(&path), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
	series_write_head(&seat->series, &head);
	if (!rc && (seat->csv < 0 || write(seat->csv, head.data, head.len) != (ssize_t)head.len))
		rc = -errno;
	if (rc)
		err_set(e, rc, "%s: %s", buf_str(&path), strerror(-rc));
	buf_release(&path);
	buf_release(&head);
	return rc;
}

static void begin_run(struct soak_seat *seat, const struct soak_place *place)
{
	struct run *run = mem_calloc(1, sizeof(*run));

	run_begin(place->session, run, place->type, place->subject, "soak");
	soak_run_id(run->id, sizeof(run->id), place->type, place->stretch, run->implementation);
	run->status = RUN_UNFINISHED;
	run->books_until_s = 0;
	snprintf(run->why, sizeof(run->why), "%s",
		 "not stopped by the harness, and no segment was full: no books");
	seat->run = run;
	seat->series.page_bytes = (double)sysconf(_SC_PAGESIZE);
	seat->series.settle_s = place->settle_s;
	seat->latest.rss_bytes = seat->at_start.cpu_ns = seat->latest.response_p50_us = NAN;
}

static void fail(struct soak_seat *seat, const char *why)
{
	seat->ended = true;
	seat->run->status = RUN_FAILED;
	snprintf(seat->run->why, sizeof(seat->run->why), "%.255s", why);
	progress_note(&seat->lv.session->progress, "failed: %s", seat->run->why);
}

int soak_seat_open(struct soak_seat *seat, const struct soak_place *place, struct err *e)
{
	int rc;

	seat->csv = -1;
	begin_run(seat, place);
	rc = open_csv(seat, place, e);
	if (rc)
		return rc;
	seat->joined = true;
	rc = live_join(&seat->lv, place->session, place->subject, place->sut, place->n_others,
		       seat->run, e);
	if (rc == -EINTR)
		return rc;
	if (rc) {
		fail(seat, e->text);
		err_reset(e);
	}
	seat->check = check_stream_new(&(struct check_stream_conf){
		.type = place->type,
		.window_s = place->session->scenario.window_s,
		.max_buffer = books_max_buffer(&seat->lv),
		.traced = place->subject->has_trace,
	});
	return 0;
}

void soak_seat_close(struct soak_seat *seat)
{
	if (seat->joined)
		live_close(&seat->lv);
	if (seat->csv >= 0)
		close(seat->csv);
	check_stream_free(seat->check);
	drop_all(&seat->unchecked);
	drop_all(&seat->unstored);
	free(seat->run);
	*seat = (struct soak_seat){ .csv = -1 };
}

void soak_seat_look(struct soak_seat *seat)
{
	char words[PROC_WORDS_MAX], why[160];

	if (!soak_seat_lives(seat) || !proc_exited(seat->lv.proc))
		return;
	snprintf(why, sizeof(why), "%.60s: ended in the middle of the soak: %s",
		 seat->lv.subject->name, proc_exit_words(proc_info(seat->lv.proc)->status, words));
	fail(seat, why);
}

/* ---- messages ----------------------------------------------------------------------- */

/* trigger_ts is the intended time of the event, by the plan; the oracle makes sure of that. */
static void note_response(struct soak_seat *seat, const struct soak_message *m)
{
	struct feature_trace t;

	if (seat->n_responses < SOAK_RESPONSES_MAX && oracle_read_trace(m->json, m->len, &t))
		seat->response_us[seat->n_responses++] =
			(double)(m->received_wall_us - t.trigger_ts_us);
}

void soak_seat_message(struct soak_seat *seat, const struct tap_feature *f,
		       int64_t wall_minus_mono_us)
{
	struct soak_message *m = mem_calloc(1, sizeof(*m) + f->payload.len);

	m->received_wall_us = f->recv_ns / NS_PER_US + wall_minus_mono_us;
	m->len = f->payload.len;
	memcpy(m->json, f->payload.p, m->len);
	seat->messages++;
	note_response(seat, m);
	put(&seat->unchecked, m);
}

void soak_seat_segment(struct soak_seat *seat, const struct plan *plan, const int64_t *sent_ns,
		       size_t n_sent, int64_t wall_minus_mono_us)
{
	struct event *own = mem_calloc(n_sent, sizeof(*own));
	int64_t *sent = mem_calloc(n_sent, sizeof(*sent));
	size_t n = 0;

	for (size_t i = 0; i < n_sent; i++)
		if (plan_type(plan, i) == seat->run->extractor) {
			plan_event(plan, i, &own[n]);
			sent[n++] = sent_ns[i] / NS_PER_US + wall_minus_mono_us;
		}
	check_stream_events(seat->check, own, sent, n);
	seat->own += (int64_t)n;
	free(own);
	free(sent);
}

static bool has_points(const struct soak_seat *seat)
{
	const struct influx_target *t = sut_influx_target(seat->lv.session->sut);

	return seat->lv.database[0] && t && t->dialect == INFLUX_V1 && !seat->lv.is_floor;
}

bool soak_seat_check(struct soak_seat *seat, int64_t deadline_ns, bool last)
{
	while (seat->unchecked.n) {
		struct check_message m = as_check(seat->unchecked.first);

		if (!check_stream_message(seat->check, &m, last))
			return true;
		if (has_points(seat) && seat->unstored.n < UNSTORED_MAX) {
			put(&seat->unstored, take(&seat->unchecked));
		} else {
			seat->points_unkept += has_points(seat);
			free(take(&seat->unchecked));
		}
		if (clock_mono_ns() > deadline_ns)
			return false;
	}
	return true;
}

/* ---- points ------------------------------------------------------------------------- */

static void differs(struct soak_seat *seat, const struct soak_message *m, const char *wrong)
{
	int64_t at_ns = 0;
	struct check_message c = as_check(m);

	if (seat->points_differ++)
		return;
	(void)points_time(&c, &at_ns);
	snprintf(seat->first_differ, sizeof(seat->first_differ), "the message of %.6f: %.48s",
		 (double)at_ns / 1e9, wrong);
}

/* The times that the first n messages state. */
static bool span_of(const struct soak_queue *q, size_t n, int64_t *from_ns, int64_t *to_ns)
{
	const struct soak_message *m = q->first;
	bool any = false;

	for (size_t i = 0; i < n; i++, m = m->next) {
		struct check_message c = as_check(m);
		int64_t ns;

		if (!points_time(&c, &ns))
			continue;
		*from_ns = !any || ns < *from_ns ? ns : *from_ns;
		*to_ns = !any || ns > *to_ns ? ns : *to_ns;
		any = true;
	}
	return any;
}

static void compare(struct soak_seat *seat, size_t n, const struct influx_rows *rows, bool last)
{
	while (n--) {
		struct soak_message *m = take(&seat->unstored);
		struct check_message c = as_check(m);
		bool missing;
		char wrong[64];

		if (points_find(&c, rows, &missing, wrong, sizeof(wrong))) {
			free(m);
		} else if (missing && !last) {
			put(&seat->unstored, m); /* it may still be on its way */
		} else {
			differs(seat, m, wrong);
			free(m);
		}
	}
}

int soak_seat_points(struct soak_seat *seat, int64_t wall_us, bool last, struct err *e)
{
	struct influx_rows rows = { 0 };
	struct influx_query *q;
	int64_t from_ns, to_ns;
	size_t n = 0;
	int rc;

	for (const struct soak_message *m = seat->unstored.first;
	     m && (last || m->received_wall_us < wall_us); m = m->next)
		n++;
	if (!n)
		return 0;
	if (!span_of(&seat->unstored, n, &from_ns, &to_ns)) {
		compare(seat, n, &rows, true);
		return 0;
	}
	rc = books_open_database(&seat->lv, &q, e);
	if (rc)
		return rc;
	rc = influx_query_rows_between(q, feature_routes[seat->run->extractor].measurement, from_ns,
				       to_ns, &rows, e);
	influx_query_close(q);
	if (!rc)
		compare(seat, n, &rows, last);
	influx_rows_release(&rows);
	return rc;
}

/* ---- samples ------------------------------------------------------------------------ */

static double gauge(const struct probe_sample *s, enum probe_metric m)
{
	return probe_has(s, m) ? (double)s->value[m] : NAN;
}

static void set_gauges(struct soak_seat *seat, const struct probe_sample *s)
{
	static const struct {
		enum metric_id id;
		enum probe_metric m;
	} gauges[] = {
		{ METRIC_RSS, PROBE_RSS_BYTES },
		{ METRIC_PSS, PROBE_PSS_BYTES },
		{ METRIC_USS, PROBE_USS_BYTES },
		{ METRIC_PEAK_RSS, PROBE_PEAK_RSS_BYTES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(gauges); i++)
		if (probe_has(s, gauges[i].m))
			run_set(seat->run, gauges[i].id, (double)s->value[gauges[i].m]);
		else
			run_unavailable(seat->run, gauges[i].id, s->reason[gauges[i].m]);
}

static int append(struct soak_seat *seat, const struct series_row *row, struct err *e)
{
	struct buf line = { 0 };
	int rc = 0;

	series_write_row(row, &line);
	if (write(seat->csv, line.data, line.len) != (ssize_t)line.len)
		rc = err_set(e, -errno, "soak/%s.csv: %s", seat->run->id, strerror(errno));
	buf_release(&line);
	return rc;
}

static void fill_row(struct soak_seat *seat, const struct probe_sample *s, struct series_row *row)
{
	double worst = NAN;

	for (size_t i = 0; i < seat->n_responses; i++)
		worst = fmax(worst, seat->response_us[i]);
	row->wall_us = (double)clock_wall_us();
	row->features = (double)seat->messages;
	row->rss_bytes = gauge(s, PROBE_RSS_BYTES);
	row->pss_bytes = gauge(s, PROBE_PSS_BYTES);
	row->uss_bytes = gauge(s, PROBE_USS_BYTES);
	row->cpu_ns = gauge(s, PROBE_CPU_NS);
	row->responses = (double)seat->n_responses;
	row->response_max_us = worst;
	row->response_p50_us =
		seat->n_responses ? stats_median(seat->response_us, seat->n_responses) : NAN;
	seat->n_responses = 0;
}

int soak_seat_sample(struct soak_seat *seat, double elapsed_s, uint64_t events, struct err *e)
{
	const uint64_t want = PROBE_BIT(PROBE_CPU_NS) | PROBE_BIT(PROBE_RSS_BYTES) |
			      PROBE_BIT(PROBE_PSS_BYTES) | PROBE_BIT(PROBE_USS_BYTES) |
			      PROBE_BIT(PROBE_PEAK_RSS_BYTES);
	struct series_row row = { .elapsed_s = elapsed_s, .events = (double)events };
	struct probe_sample *s = mem_calloc(1, sizeof(*s));
	struct err gone = ERR_INIT;
	int rc = 0;

	if (!live_sample(&seat->lv, want, s, &gone)) {
		fill_row(seat, s, &row);
		set_gauges(seat, s);
		if (isnan(seat->at_start.cpu_ns))
			seat->at_start = row;
		seat->latest = row;
		rc = append(seat, &row, e);
	} /* else it has ended: soak_seat_look() says how */
	free(s);
	return rc;
}
