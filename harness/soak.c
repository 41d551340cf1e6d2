/* The scenario soak; see soak.h.  Read stretch() first. */
#include "harness/soak.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/report_files.h"
#include "harness/soak_books.h"
#include "harness/soak_bus.h"
#include "harness/soak_times.h"

#define FILL_HZ	       20000.0 /* any subject keeps up: filling is not what is measured */
#define FILL_SETTLE_S  1.2     /* the last features of it and their way into the database */
#define START_NS       (100 * NS_PER_MS)
#define LOOK_NS	       (50 * NS_PER_MS)
#define CHECK_SLICE_NS (5 * NS_PER_MS) /* the oracle works between looks, never for long */
#define SPARE_SEGMENTS 2	       /* planned ahead of the one being sent, and that one */
#define PLAIN_STEP_NS  (60 * NS_PER_S) /* between progress lines when they are not rewritten */
/* Each stretch plans with seeds of its own. */
#define STRETCH_SEEDS 10000000
#define STRETCHES_MAX 100000

struct soak {
	struct session *s;
	struct soak_times times;
	double before_s; /* elapsed in former stretches */
	int stretch;
	uint64_t seed;
	size_t n_segments, added, retired; /* the filling one counts */
	int64_t planned_events;
	struct soak_segment segments[CHAIN_PLANS];
	int64_t human_ns; /* when people's rates begin */
	int64_t next_sample_ns, next_plain_ns;
	struct noise_watch noise;
	size_t n_buses;
	struct soak_bus buses[SCENARIO_IMPLEMENTATIONS_MAX];
	size_t first_run; /* of this stretch, in the result */
};

/* ---- the load ---------------------------------------------------------------------------- */

static size_t fill_events(const struct soak *k)
{
	size_t n = 0;

	for (int t = 0; t < EVENT_TYPES; t++)
		n += scenario_has(&k->s->scenario, (enum event_type)t) ? scenario_buffer_events[t]
								       : 0;
	return n;
}

static double fill_s(const struct soak *k)
{
	return (double)fill_events(k) / FILL_HZ + FILL_SETTLE_S;
}

/* Segment 0: every buffer to its bound. */
static void fill_lane(const struct soak *k, struct plan_lane *lane)
{
	*lane = (struct plan_lane){ .rate_hz = FILL_HZ,
				    .arrival = ARRIVAL_CONSTANT,
				    .count = fill_events(k),
				    .app_cycle = true };
	for (int t = 0; t < EVENT_TYPES; t++)
		if (scenario_has(&k->s->scenario, (enum event_type)t))
			lane->weight[t] = (double)scenario_buffer_events[t];
}

static void human_lane(const struct soak *k, size_t number, struct plan_lane *lane)
{
	double length_s = soak_segment_length_s(&k->times, k->before_s, number - 1);

	*lane = (struct plan_lane){ .recording = k->s->recording,
				    .arrival = ARRIVAL_HUMAN,
				    .duration_ns = (int64_t)(length_s * 1e9) };
	memcpy(lane->weight, scenario_human_hz, sizeof(lane->weight));
}

static int build_plan(const struct soak *k, size_t number, struct plan **out, struct err *e)
{
	struct plan_lane lane;
	struct plan_spec spec = { .seed = k->seed + number, .lanes = &lane, .n_lanes = 1 };

	if (number)
		human_lane(k, number, &lane);
	else
		fill_lane(k, &lane);
	return plan_build(out, &spec, e);
}

static struct soak_segment *segment(struct soak *k, size_t number)
{
	return &k->segments[number % CHAIN_PLANS];
}

/* --drop-event counts over the whole stretch. */
static size_t drop_in(const struct soak *k, const struct plan *plan)
{
	int64_t at = k->s->conf.drop_event - k->planned_events;

	return k->s->conf.drop_event >= 0 && at >= 0 && at < (int64_t)plan->n ? (size_t)at
									      : SIZE_MAX;
}

static int plan_segment(struct soak *k, size_t number, int64_t start_ns, struct err *e)
{
	struct soak_segment *seg = segment(k, number);
	int rc;

	*seg = (struct soak_segment){
		.number = number,
		.start_ns = start_ns,
		.wall_minus_mono_us = clock_wall_us() - clock_mono_ns() / NS_PER_US,
	};
	rc = build_plan(k, number, &seg->plan, e);
	if (rc)
		return rc;
	seg->drop_at = drop_in(k, seg->plan);
	k->planned_events += (int64_t)seg->plan->n;
	return 0;
}

static int64_t start_of(const struct soak *k, size_t number)
{
	double s = number ? (double)(number - 1) * k->times.segment_s : -fill_s(k);

	return k->human_ns + (int64_t)(s * 1e9);
}

/* Hand a planned segment to every bus. */
static int add_segment(struct soak *k, size_t number, struct err *e)
{
	struct soak_segment *seg = segment(k, number);
	int rc = plan_rebase(seg->plan, seg->start_ns / NS_PER_US + seg->wall_minus_mono_us, e);

	for (size_t i = 0; !rc && i < k->n_buses; i++)
		rc = soak_bus_add(&k->buses[i], seg, e);
	k->added++;
	return rc;
}

static int add_ahead(struct soak *k, struct err *e)
{
	int rc = 0;

	while (!rc && k->added < k->n_segments && k->added - k->retired <= SPARE_SEGMENTS) {
		rc = plan_segment(k, k->added, start_of(k, k->added), e);
		rc = rc ? rc : add_segment(k, k->added, e);
	}
	return rc;
}

/* ---- the subjects -------------------------------------------------------------------------- */

/* Has a subject a series of this stretch's number already? */
static bool is_taken(const struct soak *k, char names[][24], size_t n)
{
	bool taken = false;

	for (size_t i = 0; i < n; i++)
		for (int t = 0; t < EVENT_TYPES; t++) {
			struct buf path = { 0 };

			soak_seat_path(&path, k->s, (enum event_type)t, k->stretch, names[i]);
			taken |= !access(buf_str(&path), F_OK);
			buf_release(&path);
		}
	return taken;
}

/* A stretch that was killed while it started has left files that no result knows. */
static int find_number(struct soak *k, char names[][24], size_t n, struct err *e)
{
	while (is_taken(k, names, n))
		if (++k->stretch > STRETCHES_MAX)
			return err_set(e, -E2BIG, "more than %d stretches", STRETCHES_MAX);
	k->seed = k->s->result.seed + (uint64_t)k->stretch * STRETCH_SEEDS;
	return 0;
}

static int open_seats(struct soak *k, struct soak_bus *b, struct err *e)
{
	struct session *s = k->s;
	int rc = 0;

	for (int t = 0; !rc && t < EVENT_TYPES; t++) {
		const struct subject *subject;

		if (!scenario_has(&s->scenario, (enum event_type)t))
			continue;
		subject = subjects_find(&s->subjects, b->implementation, (enum event_type)t, e);
		if (!subject)
			return err_wrap(e, "%s: compare", s->scenario.path);
		rc = session_add_subject(s, subject, e);
		rc = rc ? rc
			: soak_bus_add_seat(b, subject, (enum event_type)t, k->stretch,
					    k->times.settle_s, e);
		if (!rc)
			result_add_run(&s->result, b->seats[b->n_seats - 1].run);
	}
	return rc;
}

static int open_buses(struct soak *k, char names[][24], size_t n, struct err *e)
{
	int rc = 0;

	k->first_run = k->s->result.n_runs;
	for (size_t i = 0; !rc && i < n; i++) {
		struct soak_bus *b = &k->buses[k->n_buses++];

		progress_step(&k->s->progress, "starting the subjects of %s", names[i]);
		rc = soak_bus_open(b, k->s, names[i], (int)i, k->segments[0].plan, e);
		rc = rc ? rc : open_seats(k, b, e);
	}
	return rc;
}

static void close_buses(struct soak *k)
{
	for (size_t i = 0; i < k->n_buses; i++)
		soak_bus_close(&k->buses[i]);
	for (size_t i = 0; i < CHAIN_PLANS; i++)
		plan_free(k->segments[i].plan);
}

typedef int (*seat_fn)(struct soak *k, struct soak_bus *b, struct soak_seat *seat, struct err *e);

static int each_seat(struct soak *k, seat_fn fn, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < k->n_buses; i++)
		for (size_t j = 0; !rc && j < k->buses[i].n_seats; j++)
			rc = fn(k, &k->buses[i], &k->buses[i].seats[j], e);
	return rc;
}

/* ---- on the way ---------------------------------------------------------------------------- */

/* A process to wait on: the loop hears of all others meanwhile. */
static struct proc *any_proc(struct soak *k)
{
	for (size_t i = 0; i < k->n_buses; i++)
		for (size_t j = 0; j < k->buses[i].n_seats; j++)
			if (soak_seat_lives(&k->buses[i].seats[j]))
				return k->buses[i].seats[j].lv.proc;
	return NULL;
}

/* How many segments of those not retired every bus has sent. */
static int all_sent(struct soak *k, size_t *n, struct err *e)
{
	int rc = 0;

	*n = SIZE_MAX;
	for (size_t i = 0; !rc && i < k->n_buses; i++) {
		size_t sent;

		rc = soak_bus_sent(&k->buses[i], &sent, e);
		*n = sent < *n ? sent : *n;
	}
	return rc;
}

static int look_up_points(struct soak *k, struct soak_bus *b UNUSED, struct soak_seat *seat,
			  struct err *e)
{
	int64_t before_us = clock_wall_us() - (int64_t)(k->times.segment_s * 1e6);

	return soak_seat_lives(seat) ? soak_seat_points(seat, before_us, false, e) : 0;
}

/* Copy the runs as they are now into the result, in the order in which they were added. */
static void store_runs(struct soak *k)
{
	size_t at = k->first_run;

	for (size_t i = 0; i < k->n_buses; i++)
		for (size_t j = 0; j < k->buses[i].n_seats; j++) {
			struct run *run = k->buses[i].seats[j].run;

			run->seconds = (double)(clock_wall_us() - run->started_wall_us) / 1e6;
			if (at < k->s->result.n_runs)
				k->s->result.runs[at++] = *run;
		}
}

static int note_interim(struct soak *k, struct soak_bus *b, struct soak_seat *seat,
			struct err *e UNUSED)
{
	double booked_s = (double)(start_of(k, k->retired) - k->human_ns) / 1e9;

	soak_books_interim(b, seat, k->before_s + booked_s);
	return 0;
}

static void retire(struct soak *k)
{
	for (size_t i = 0; i < k->n_buses; i++) {
		soak_bus_listen(&k->buses[i]);
		soak_bus_retire(&k->buses[i]);
	}
	plan_free(segment(k, k->retired)->plan);
	segment(k, k->retired++)->plan = NULL;
}

/* A segment is behind us, and the one after it: its books, and a plan for one more. */
static int turn_over(struct soak *k, struct err *e)
{
	int rc;

	retire(k);
	rc = add_ahead(k, e);
	rc = rc ? rc : each_seat(k, look_up_points, e);
	rc = rc ? rc : each_seat(k, note_interim, e);
	store_runs(k);
	return rc ? rc : session_save(k->s, e);
}

static int check_some(struct soak *k, struct soak_bus *b UNUSED, struct soak_seat *seat,
		      struct err *e UNUSED)
{
	if (k->retired)
		(void)soak_seat_check(seat, clock_mono_ns() + CHECK_SLICE_NS, false);
	return 0;
}

static void add_clock(struct buf *out, double s)
{
	buf_printf(out, "%d:%02d:%02d", (int)s / 3600, (int)s / 60 % 60, (int)s % 60);
}

/* "soak 0:12:30 of 24:00:00: 56250 events; RSS MB c 3.1 5.0 2.8, python …; 0.0 MB waiting" */
static void say(struct soak *k, double elapsed_s)
{
	struct buf line = { 0 };
	int64_t held_bytes = 0;

	if (!k->s->progress.terminal && clock_mono_ns() < k->next_plain_ns)
		return;
	k->next_plain_ns = clock_mono_ns() + PLAIN_STEP_NS;
	add_clock(&line, elapsed_s);
	buf_add_str(&line, " of ");
	add_clock(&line, k->times.duration_s);
	buf_printf(&line, ": %llu events; RSS MB",
		   (unsigned long long)soak_bus_events(&k->buses[0]));
	for (size_t i = 0; i < k->n_buses; i++) {
		buf_printf(&line, "%s %s", i ? "," : "", k->buses[i].implementation);
		for (size_t j = 0; j < k->buses[i].n_seats; j++)
			buf_printf(&line, " %.1f", k->buses[i].seats[j].latest.rss_bytes / 1e6);
		if (k->buses[i].held_bytes > held_bytes)
			held_bytes = k->buses[i].held_bytes;
	}
	progress_step(&k->s->progress, "soak %s; %.2f MB waiting in Redis", buf_str(&line),
		      (double)held_bytes / 1e6);
	buf_release(&line);
}

static int sample(struct soak *k, struct err *e)
{
	int64_t now_ns = clock_mono_ns();
	double elapsed_s = k->before_s + (double)(now_ns - k->human_ns) / 1e9;
	int rc = 0;

	if (now_ns < k->next_sample_ns)
		return 0;
	while (k->next_sample_ns <= now_ns) /* what was missed is not made up for */
		k->next_sample_ns += (int64_t)(k->times.sample_s * 1e9);
	for (size_t i = 0; !rc && i < k->n_buses; i++)
		rc = soak_bus_sample(&k->buses[i], elapsed_s, e);
	progress_add(&k->s->progress, k->times.sample_s);
	say(k, elapsed_s);
	return rc;
}

static int wait_a_moment(struct soak *k, struct err *e)
{
	struct proc *p = any_proc(k);
	int64_t until_ns = clock_mono_ns() + LOOK_NS;
	int rc;

	if (!p)
		return err_set(e, -ECHILD, "no subject is left");
	rc = proc_await_exit(p, until_ns < k->next_sample_ns ? until_ns : k->next_sample_ns, NULL);
	if (rc == -EINTR || k->s->stopped)
		return err_set(e, -EINTR, "stopped by a signal");
	for (size_t i = 0; i < k->n_buses; i++)
		for (size_t j = 0; j < k->buses[i].n_seats; j++)
			soak_seat_look(&k->buses[i].seats[j]);
	return 0;
}

/* Until everything is sent, a signal comes, or nobody is left. */
static int watch(struct soak *k, struct err *e)
{
	int rc = 0;

	while (!rc) {
		size_t sent;

		rc = all_sent(k, &sent, e);
		if (!rc && sent >= k->n_segments - k->retired)
			return sample(k, e);
		if (!rc && sent >= 2)
			rc = turn_over(k, e);
		rc = rc ? rc : sample(k, e);
		rc = rc ? rc : each_seat(k, check_some, e);
		rc = rc ? rc : wait_a_moment(k, e);
	}
	return rc;
}

/* ---- the end -------------------------------------------------------------------------------- */

#define TAP_NS (5 * NS_PER_S) /* for the last events to be seen */

/* What was sent is seen by the tap before its segments are retired. */
static int end_load(struct soak *k, struct err *e)
{
	size_t sent;
	int rc;

	for (size_t i = 0; i < k->n_buses; i++) {
		struct err late = ERR_INIT;

		soak_bus_stop(&k->buses[i]);
		(void)!tap_await(k->buses[i].tap, soak_bus_events(&k->buses[i]), 0,
				 clock_mono_ns() + TAP_NS, &late);
	}
	rc = all_sent(k, &sent, e);
	/* After a signal one bus may have begun a segment that another has not. */
	while (!rc && sent--)
		retire(k);
	return rc;
}

static int close_all_books(struct soak *k, struct err *e)
{
	int rc = end_load(k, e);

	for (size_t i = 0; !rc && i < k->n_buses; i++)
		rc = soak_books_close(&k->buses[i], e);
	store_runs(k);
	return rc;
}

/* One start of the subjects, until everything is sent or somebody stops us. */
static int stretch(struct soak *k, struct err *e)
{
	char names[SCENARIO_IMPLEMENTATIONS_MAX][24];
	size_t n = scenario_implementations(&k->s->scenario, names);
	struct err late = ERR_INIT;
	int rc = find_number(k, names, n, e);

	rc = rc ? rc : plan_segment(k, 0, 0, e);
	noise_start(&k->noise, k->s->sut);
	rc = rc ? rc : open_buses(k, names, n, e);
	rc = rc ? rc : session_save(k->s, e); /* a kill from here on leaves runs that are known */
	k->human_ns = clock_mono_ns() + START_NS + (int64_t)(fill_s(k) * 1e9);
	k->next_sample_ns = k->human_ns;
	k->segments[0].start_ns = start_of(k, 0);
	rc = rc ? rc : add_segment(k, 0, e);
	rc = rc ? rc : add_ahead(k, e);
	rc = rc ? rc : watch(k, e);
	if (!rc || rc == -EINTR || rc == -ECHILD) {
		int rc2 = close_all_books(k, &late);

		if (rc == -ECHILD) /* the runs say why */
			err_reset(e);
		rc = rc == -EINTR ? rc : rc2;
		if (rc && rc != -EINTR)
			err_set(e, rc, "%s", late.text);
	}
	close_buses(k);
	return rc;
}

static void judge_noise(struct soak *k)
{
	struct host_noise noise;

	noise_end(&k->noise, k->s->sut, &noise);
	for (size_t i = k->first_run; i < k->s->result.n_runs; i++) {
		k->s->result.runs[i].noise = noise;
		live_judge_noise(k->s, &k->s->result.runs[i]);
	}
}

/* What former stretches have left: their number, and how far they came. */
static void look_back(struct soak *k)
{
	const struct result *r = &k->s->result;

	k->stretch = 1;
	for (size_t i = 0; i < r->n_runs; i++) {
		const struct series *series = result_series(r, &r->runs[i]);
		size_t rows = series ? run_rows_booked(&r->runs[i], series) : 0;
		int number;

		if (sscanf(r->runs[i].id, "%*[a-z]-soak-%d-", &number) == 1 && number >= k->stretch)
			k->stretch = number + 1;
		if (rows && series->v[rows - 1].elapsed_s > k->before_s)
			k->before_s = series->v[rows - 1].elapsed_s;
	}
}

#define FACT_DURATION "soak duration"

static void add_facts(const struct soak *k)
{
	struct result *r = &k->s->result;

	if (!result_fact(r, FACT_DURATION))
		result_add_fact(r, FACT_DURATION, "%.17g s", k->times.duration_s);
	result_add_fact(r, "soak",
			"segments of %g s, a sample each %g s; slopes leave out the first %g s of "
			"a stretch",
			k->times.segment_s, k->times.sample_s, k->times.settle_s);
}

/* As the command says, else as the session that is gone on with did, else as the scenario. */
static double duration_s(const struct session *s)
{
	const char *before = result_fact(&s->result, FACT_DURATION);

	if (s->conf.duration_s > 0)
		return s->conf.duration_s;
	return before && strtod(before, NULL) > 0 ? strtod(before, NULL) : s->size->soak_s;
}

int soak_run(struct session *s, struct err *e)
{
	struct soak *k = mem_calloc(1, sizeof(*k));
	int rc;

	k->s = s;
	k->times = soak_times_for(duration_s(s), s->scenario.window_s);
	look_back(k);
	k->n_segments = soak_segments(&k->times, k->before_s) + 1;
	if (k->n_segments < 2) {
		rc = err_set(e, -EINVAL, "%g s are behind it already: nothing is left of %g s",
			     k->before_s, k->times.duration_s);
	} else {
		add_facts(k);
		s->progress.total += k->times.duration_s - k->before_s;
		rc = stretch(k, e);
		judge_noise(k);
	}
	/* Of this stretch, too: what is in memory is what a report made again would read. */
	if (!rc || rc == -EINTR) {
		struct err late = ERR_INIT;
		int rc2 = report_load_series(&s->result, buf_str(&s->out_dir), &late);

		if (rc2 && !rc)
			rc = err_set(e, rc2, "%s", late.text);
	}
	free(k);
	return rc;
}
