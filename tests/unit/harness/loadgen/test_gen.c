/* The generator against a server that can misbehave: nothing lost, everything accounted for. */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "harness/loadgen/gen.h"
#include "tests/unit/harness/loadgen/fake_redis.h"

#define N	2000
#define RATE_HZ 20000

static struct plan *plan; /* 100 ms long */

static int make_plan(void **state UNUSED)
{
	const struct plan_lane lane = {
		.weight = { 15, 60, 1 }, .rate_hz = RATE_HZ, .count = N, .arrival = ARRIVAL_CONSTANT
	};
	const struct plan_spec spec = { .seed = 1, .lanes = &lane, .n_lanes = 1 };

	return plan_build(&plan, &spec, NULL);
}

static int drop_plan(void **state UNUSED)
{
	plan_free(plan);
	return 0;
}

/* Open, run from `start_in_ns` from now on, stop the server. */
static struct gen *run(struct fake_redis *f, struct gen_conf conf, int64_t start_in_ns,
		       int expected_rc, struct err *e)
{
	struct gen *g = NULL;

	fake_start(f);
	conf.plan = plan;
	conf.addr.socket = f->path;
	conf.connections = conf.connections ? conf.connections : 1;
	assert_int_equal(gen_open(&g, &conf, NULL), 0);
	assert_int_equal(gen_run(g, clock_mono_ns() + start_in_ns, e), expected_rc);
	fake_stop(f);
	return g;
}

static void end(struct fake_redis *f, struct gen *g)
{
	gen_close(g);
	fake_release(f);
}

/* What arrived is the plan, line by line, but for the events of `without` (ascending). */
static void assert_arrived(const struct fake_redis *f, const size_t *without, size_t n_without)
{
	size_t at = 0, skipped = 0;

	for (size_t i = 0; i < plan->n; i++) {
		char text[PLAN_BULK_MAX];
		struct span m = plan_message(plan, i, text);

		if (skipped < n_without && without[skipped] == i) {
			skipped++;
			continue;
		}
		assert_true(at + m.len + 1 <= f->payloads.len);
		assert_memory_equal(f->payloads.data + at, m.p, m.len);
		at += m.len + 1;
	}
	assert_int_equal(at, f->payloads.len);
}

static void both_modes_send_the_plan_in_order_and_close_the_ledger(void **state UNUSED)
{
	static const enum gen_mode modes[] = { GEN_OPEN_LOOP, GEN_DRAIN };

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct fake_redis f = { .receivers_cycle = 3 };
		struct gen *g = run(&f, (struct gen_conf){ .mode = modes[i] }, NS_PER_MS, 0, NULL);
		const struct gen_result *r = gen_result(g);

		assert_arrived(&f, NULL, 0);
		assert_int_equal(r->planned, N);
		assert_int_equal(r->sent, N);
		assert_int_equal(r->replies, N);
		assert_false(r->stopped);
		assert_int_equal(r->receivers_min, 0);
		assert_int_equal(r->receivers_max, 2);
		assert_int_equal(r->receivers_sum, N / 3 * 3 + 1); /* 0 1 2 … 0 1 */
		assert_int_equal(r->by_receivers[1], N / 3 + 1);
		assert_int_equal(r->by_receivers[2], N / 3);
		assert_int_equal(hist_count(r->reply), N);
		assert_int_equal(hist_negative(r->reply) + hist_negative(r->pacing), 0);
		assert_int_equal(hist_count(r->pacing), modes[i] == GEN_OPEN_LOOP ? N : 0);
		assert_true(fabs(r->littles_law - 1) < 0.001);
		assert_true(r->cpu_ns > 0 && r->end_ns >= r->last_sent_ns);
		end(&f, g);
	}
}

static void no_event_is_sent_before_it_is_due(void **state UNUSED)
{
	struct fake_redis f = { 0 };
	struct gen *g = run(&f, (struct gen_conf){ 0 }, 2 * NS_PER_MS, 0, NULL);
	const struct gen_result *r = gen_result(g);

	for (size_t i = 0; i < N; i++) {
		assert_true(r->sent_ns[i] >= r->start_ns + plan->entries[i].due_ns);
		assert_true(i == 0 || r->sent_ns[i] >= r->sent_ns[i - 1]);
	}
	assert_int_equal(r->first_sent_ns, r->sent_ns[0]);
	assert_int_equal(r->last_sent_ns, r->sent_ns[N - 1]);
	end(&f, g);
}

/* Started a second late: all is sent at once, and the whole lateness stands in the record. */
static void lateness_is_recorded_from_the_intended_time_and_nothing_is_skipped(void **state UNUSED)
{
	struct fake_redis f = { 0 };
	struct gen *g = run(&f, (struct gen_conf){ 0 }, -NS_PER_S, 0, NULL);
	const struct gen_result *r = gen_result(g);

	assert_arrived(&f, NULL, 0);
	assert_int_equal(hist_count(r->pacing), N);
	assert_true(hist_min(r->pacing) >= NS_PER_S - N * NS_PER_S / RATE_HZ);
	assert_true(hist_max(r->pacing) >= NS_PER_S);
	assert_int_equal(hist_count_above(r->pacing, NS_PER_MS), N);
	assert_true(r->writes < N / 10); /* in batches */
	assert_true(r->batched > N / 2 && r->behind_ns > 0);
	end(&f, g);
}

static void replies_may_come_in_any_pieces(void **state UNUSED)
{
	struct fake_redis f = { .in_pieces = true, .publish_reply = ":12345\r\n" };
	struct gen *g = run(&f, (struct gen_conf){ .mode = GEN_DRAIN }, 0, 0, NULL);

	assert_int_equal(gen_result(g)->replies, N);
	assert_int_equal(gen_result(g)->receivers_sum, 12345 * N);
	assert_int_equal(gen_result(g)->by_receivers[GEN_RECEIVERS_MAX], N);
	end(&f, g);
}

static void an_error_reply_ends_the_run_with_its_text(void **state UNUSED)
{
	static const struct {
		const char *reply, *expected;
	} rows[] = {
		{ "-NOAUTH Authentication required.\r\n",
		  "Redis: NOAUTH Authentication required." },
		{ "-OOM command not allowed\r\n", "Redis: OOM command not allowed" },
		{ "+OK\r\n", "Redis answered PUBLISH with something else than a number" },
		{ "HTTP/1.1 400\r\n", "Redis answered PUBLISH with something else than a number" },
		{ ":1\r\n:1\r\n:1\r\n", "Redis sent a reply too many" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fake_redis f = { .publish_reply = rows[i].reply };
		struct err e = ERR_INIT;
		struct gen *g = run(&f, (struct gen_conf){ .mode = GEN_DRAIN }, 0, -EPROTO, &e);

		assert_string_equal(e.text, rows[i].expected);
		end(&f, g);
	}
}

static void
a_closed_connection_ends_the_run_and_the_result_tells_how_far_it_came(void **state UNUSED)
{
	struct fake_redis f = { .close_after = 100 };
	struct err e = ERR_INIT;
	struct gen *g = NULL;
	struct gen_conf conf = { .plan = plan };
	int rc;

	fake_start(&f);
	conf.addr.socket = f.path;
	assert_int_equal(gen_open(&g, &conf, NULL), 0);
	rc = gen_run(g, clock_mono_ns(), &e);
	assert_true(rc == -ECONNRESET || rc == -EPIPE); /* whichever call notices */
	fake_stop(&f);
	assert_true(gen_result(g)->sent >= 100 && gen_result(g)->sent < N);
	assert_true(gen_result(g)->replies <= 100);
	end(&f, g);
}

static void a_server_that_does_not_answer_is_given_up_in_time(void **state UNUSED)
{
	struct fake_redis f = { .mute = true };
	struct gen_conf conf = { .timeout_ns = NS_PER_S / 5 };
	struct err e = ERR_INIT;
	struct gen *g = run(&f, conf, -NS_PER_S, -ETIMEDOUT, &e);

	assert_string_equal(e.text, "no reply from Redis for 0.2 s, 2000 outstanding");
	assert_int_equal(gen_result(g)->sent, N); /* open loop does not wait for replies */
	assert_true(isnan(gen_result(g)->littles_law));
	end(&f, g);
}

static void it_is_given_up_even_when_the_next_event_is_an_hour_away(void **state UNUSED)
{
	const struct plan_lane lane = { .weight = { 1, 0, 0 },
					.rate_hz = 1.0 / 3600,
					.count = 2,
					.arrival = ARRIVAL_CONSTANT };
	const struct plan_spec spec = { .seed = 1, .lanes = &lane, .n_lanes = 1 };
	struct fake_redis f = { .mute = true };
	struct gen_conf conf = { .timeout_ns = NS_PER_S / 20 };
	struct plan *slow = NULL;
	struct err e = ERR_INIT;
	struct gen *g = NULL;

	assert_int_equal(plan_build(&slow, &spec, NULL), 0);
	fake_start(&f);
	conf.plan = slow;
	conf.addr.socket = f.path;
	assert_int_equal(gen_open(&g, &conf, NULL), 0);
	assert_int_equal(gen_run(g, clock_mono_ns(), &e), -ETIMEDOUT);
	assert_string_equal(e.text, "no reply from Redis for 0.1 s, 1 outstanding");
	fake_stop(&f);
	end(&f, g);
	plan_free(slow);
}

static void a_drain_has_no_more_unanswered_than_allowed(void **state UNUSED)
{
	struct fake_redis f = { .mute = true };
	struct gen_conf conf = { .mode = GEN_DRAIN,
				 .max_unanswered = 123,
				 .timeout_ns = NS_PER_S / 5 };
	struct gen *g = run(&f, conf, 0, -ETIMEDOUT, NULL);

	assert_int_equal(gen_result(g)->sent, 123);
	assert_int_equal(f.published, 123);
	end(&f, g);
}

static void planted_faults_are_planned_but_dropped_or_altered(void **state UNUSED)
{
	static const size_t drop[] = { 0, 7, N - 1 }, alter[] = { 500 };
	struct fake_redis f = { 0 };
	struct gen_conf conf = {
		.mode = GEN_DRAIN, .drop_at = drop, .n_drop = 3, .alter_at = alter, .n_alter = 1
	};
	struct gen *g = run(&f, conf, 0, 0, NULL);
	const struct gen_result *r = gen_result(g);
	char text[PLAN_BULK_MAX], other[PLAN_BULK_MAX];
	struct span m = plan_message(plan, 500, text);
	char *altered;

	assert_int_equal(r->planned, N);
	assert_int_equal(r->sent, N - 3);
	assert_int_equal(r->replies, N - 3);
	assert_int_equal(r->dropped, 3);
	assert_int_equal(r->altered, 1);
	assert_int_equal(r->sent_ns[7], 0);
	assert_true(r->sent_ns[8] > 0);
	/* The altered one is a valid event of another time; put right, all is as planned. */
	altered = f.payloads.data;
	for (size_t i = 1; i < 500; i++)
		altered += i == 7 ? 0 : plan_message(plan, i, other).len + 1;
	assert_memory_not_equal(altered, m.p, m.len);
	{
		struct event_scratch scratch;
		struct event ev;

		assert_int_equal(event_decode_any(altered, m.len, &ev, &scratch), EVENT_OWN);
		assert_int_equal(llabs(ev.ts_us - plan_ts_us(plan, 500)), 1);
	}
	memcpy(altered, m.p, m.len);
	assert_arrived(&f, drop, 3);
	end(&f, g);
}

/* Every line is the plan's next event of its type: nothing lost or twice, each type in order. */
static void assert_each_type_in_order(const struct fake_redis *f)
{
	size_t next[EVENT_TYPES] = { 0 }, lines = 0;
	const char *line = f->payloads.data, *stop = line + f->payloads.len;

	for (; line < stop; lines++) {
		size_t len =
			(size_t)((const char *)memchr(line, '\n', (size_t)(stop - line)) - line);
		struct event_scratch scratch;
		char text[PLAN_BULK_MAX];
		struct event ev;
		struct span m;

		assert_int_equal(event_decode_any(line, len, &ev, &scratch), EVENT_OWN);
		while (next[ev.type] < N && plan_type(plan, next[ev.type]) != ev.type)
			next[ev.type]++;
		assert_true(next[ev.type] < N);
		m = plan_message(plan, next[ev.type]++, text);
		assert_int_equal(m.len, len);
		assert_memory_equal(m.p, line, len);
		line += len + 1;
	}
	assert_int_equal(lines, N);
}

static void several_connections_keep_the_order_of_each_type(void **state UNUSED)
{
	struct fake_redis f = { 0 };
	struct gen_conf conf = { .mode = GEN_DRAIN, .connections = 4, .batch_bytes = 2000 };
	struct gen *g = run(&f, conf, 0, 0, NULL);

	assert_int_equal(f.accepted, 3); /* one for each type the plan has */
	assert_int_equal(gen_result(g)->connections, 3);
	assert_int_equal(gen_result(g)->replies, N);
	assert_each_type_in_order(&f);
	assert_true(fabs(gen_result(g)->littles_law - 1) < 0.001);
	end(&f, g);
}

static void
a_connection_that_lags_gets_company_and_the_order_of_each_type_stays(void **state UNUSED)
{
	struct fake_redis f = { 0 };
	struct gen_conf conf = { .plan = plan, .batch_bytes = 2000, .lag_events = 1 };
	struct gen *g = NULL;

	fake_start(&f);
	conf.addr.socket = f.path;
	assert_int_equal(gen_open(&g, &conf, NULL), 0);
	assert_int_equal(gen_result(g)->connections, 1);
	assert_int_equal(gen_run(g, clock_mono_ns() - NS_PER_S, NULL), 0); /* late from the start */
	fake_stop(&f);
	assert_int_equal(gen_result(g)->connections, 3);
	assert_int_equal(gen_result(g)->replies, N);
	assert_each_type_in_order(&f);
	end(&f, g);
}

static void without_order_more_connections_deliver_every_event_once(void **state UNUSED)
{
	static size_t seen[N];
	struct fake_redis f = { 0 };
	struct gen_conf conf = {
		.mode = GEN_DRAIN, .connections = 4, .any_order = true, .batch_bytes = 2000
	};
	struct gen *g = run(&f, conf, 0, 0, NULL);
	char *line = f.payloads.data, *stop = line + f.payloads.len;
	char text[PLAN_BULK_MAX];

	assert_int_equal(f.accepted, 4);
	assert_int_equal(gen_result(g)->replies, N);
	for (size_t from = 0; line < stop; from++) {
		size_t len = (size_t)((char *)memchr(line, '\n', (size_t)(stop - line)) - line),
		       i = 0;

		for (; i < N; i++)
			if (!seen[i] && plan_message(plan, i, text).len == len &&
			    !memcmp(plan_message(plan, i, text).p, line, len))
				break;
		assert_true(i < N);
		seen[i]++;
		line += len + 1;
	}
	for (size_t i = 0; i < N; i++)
		assert_int_equal(seen[i], 1);
	assert_true(fabs(gen_result(g)->littles_law - 1) < 0.001);
	end(&f, g);
}

/* A million a second: the 51 events that are due within 50 us go together. */
static void dense_events_share_a_write_and_none_goes_early(void **state UNUSED)
{
	const struct plan_lane lane = { .weight = { 1, 1, 0 },
					.rate_hz = 1000000,
					.count = 1000,
					.arrival = ARRIVAL_CONSTANT };
	const struct plan_spec spec = { .seed = 1, .lanes = &lane, .n_lanes = 1 };
	struct fake_redis f = { 0 };
	struct gen_conf conf = { .connections = 1 };
	const struct gen_result *r;
	struct plan *dense = NULL;
	struct gen *g = NULL;

	assert_int_equal(plan_build(&dense, &spec, NULL), 0);
	fake_start(&f);
	conf.plan = dense;
	conf.addr.socket = f.path;
	assert_int_equal(gen_open(&g, &conf, NULL), 0);
	assert_int_equal(gen_run(g, clock_mono_ns() + NS_PER_MS, NULL), 0);
	fake_stop(&f);
	r = gen_result(g);
	assert_int_equal(r->replies, 1000);
	assert_int_equal(hist_negative(r->pacing), 0);
	assert_true(r->writes <= 1000 / 40); /* 51 events lie within 50 us */
	assert_int_equal(r->batched, 1000);
	assert_true(r->largest_batch >= 40 && r->batches <= r->writes);
	end(&f, g);
	plan_free(dense);
}

struct job {
	struct gen *g;
	int64_t start_ns;
	int rc;
};

static void *run_job(void *ctx)
{
	struct job *j = ctx;

	j->rc = gen_run(j->g, j->start_ns, NULL);
	return NULL;
}

static void await_replies(const struct gen *g, uint64_t n)
{
	int64_t deadline_ns = clock_mono_ns() + 20 * NS_PER_S;
	uint64_t sent, replies;

	do {
		gen_progress(g, &sent, &replies);
		assert_true(clock_mono_ns() < deadline_ns);
		sched_yield();
	} while (replies < n);
}

static void the_ctl_bounds_what_is_sent_in_both_modes(void **state UNUSED)
{
	static const enum gen_mode modes[] = { GEN_OPEN_LOOP, GEN_DRAIN };

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct fake_redis f = { 0 };
		struct gen_ctl ctl;
		struct gen_conf conf = { .plan = plan, .mode = modes[i], .ctl = &ctl };
		struct job job = { .start_ns = clock_mono_ns() };
		pthread_t thread;

		fake_start(&f);
		conf.addr.socket = f.path;
		assert_int_equal(gen_ctl_open(&ctl, NULL), 0);
		gen_ctl_allow(&ctl, 0);
		assert_int_equal(gen_open(&job.g, &conf, NULL), 0);
		assert_int_equal(pthread_create(&thread, NULL, run_job, &job), 0);
		for (uint64_t upto = 10; upto <= 100; upto += 10) {
			gen_ctl_allow(&ctl, upto);
			await_replies(job.g, upto);
			assert_int_equal(atomic_load(&f.published), upto);
		}
		gen_ctl_allow(&ctl, UINT64_MAX);
		pthread_join(thread, NULL);
		assert_int_equal(job.rc, 0);
		fake_stop(&f);
		assert_arrived(&f, NULL, 0);
		gen_ctl_close(&ctl);
		end(&f, job.g);
	}
}

/* A buffer is filled, which takes as long as it takes; then time begins. */
static void a_plan_may_begin_as_a_drain_and_go_on_paced(void **state UNUSED)
{
	struct fake_redis f = { 0 };
	struct gen_ctl ctl;
	struct gen_conf conf = { .plan = plan, .ctl = &ctl, .paced_from = N / 2 };
	struct job job = { .start_ns = clock_mono_ns() };
	const struct gen_result *r;
	int64_t from_ns;
	pthread_t thread;

	fake_start(&f);
	conf.addr.socket = f.path;
	assert_int_equal(gen_ctl_open(&ctl, NULL), 0);
	gen_ctl_allow(&ctl, N / 2);
	assert_int_equal(gen_open(&job.g, &conf, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, run_job, &job), 0);
	await_replies(job.g, N / 2);
	from_ns = clock_mono_ns() + 5 * NS_PER_MS;
	gen_ctl_pace(&ctl, from_ns);
	gen_ctl_allow(&ctl, UINT64_MAX);
	pthread_join(thread, NULL);
	assert_int_equal(job.rc, 0);
	fake_stop(&f);
	assert_arrived(&f, NULL, 0);
	r = gen_result(job.g);
	assert_int_equal(r->replies, N);
	/* only paced events have a pacing error, and none is early */
	assert_int_equal(hist_count(r->pacing), N - N / 2);
	assert_int_equal(hist_negative(r->pacing), 0);
	for (size_t i = N / 2; i < N; i++)
		assert_true(r->sent_ns[i] >=
			    from_ns + plan->entries[i].due_ns - plan->entries[N / 2].due_ns);
	assert_true(r->sent_ns[N / 2 - 1] < from_ns);
	gen_ctl_close(&ctl);
	end(&f, job.g);
}

static void pacing_from_an_event_needs_a_ctl_and_that_event(void **state UNUSED)
{
	struct gen_ctl ctl;
	struct gen_conf conf = { .plan = plan, .paced_from = 1 };
	struct gen *g = NULL;
	struct err e = ERR_INIT;

	assert_int_equal(gen_open(&g, &conf, &e), -EINVAL);
	conf.ctl = &ctl;
	conf.paced_from = N;
	assert_int_equal(gen_open(&g, &conf, NULL), -EINVAL);
}

static void stopping_ends_the_run_with_all_that_was_sent_answered(void **state UNUSED)
{
	struct fake_redis f = { 0 };
	struct gen_ctl ctl;
	struct gen_conf conf = { .plan = plan, .ctl = &ctl };
	struct job job = { .start_ns = clock_mono_ns() };
	const struct gen_result *r;
	pthread_t thread;

	fake_start(&f);
	conf.addr.socket = f.path;
	assert_int_equal(gen_ctl_open(&ctl, NULL), 0);
	gen_ctl_allow(&ctl, 50); /* it then sleeps for good */
	assert_int_equal(gen_open(&job.g, &conf, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, run_job, &job), 0);
	await_replies(job.g, 50);
	gen_ctl_stop(&ctl);
	pthread_join(thread, NULL);
	assert_int_equal(job.rc, 0);
	fake_stop(&f);
	r = gen_result(job.g);
	assert_true(r->stopped);
	assert_int_equal(r->sent, 50);
	assert_int_equal(r->replies, 50);
	gen_ctl_close(&ctl);
	end(&f, job.g);
}

static void stopping_wakes_a_generator_that_waits_for_a_far_due_time(void **state UNUSED)
{
	struct fake_redis f = { 0 };
	struct gen_ctl ctl;
	struct gen_conf conf = { .plan = plan, .ctl = &ctl };
	struct job job = { .start_ns = clock_mono_ns() + 3600 * NS_PER_S };
	pthread_t thread;

	fake_start(&f);
	conf.addr.socket = f.path;
	assert_int_equal(gen_ctl_open(&ctl, NULL), 0);
	assert_int_equal(gen_open(&job.g, &conf, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, run_job, &job), 0);
	gen_ctl_stop(&ctl);
	pthread_join(thread, NULL);
	assert_int_equal(job.rc, 0);
	assert_true(gen_result(job.g)->stopped);
	fake_stop(&f);
	gen_ctl_close(&ctl);
	end(&f, job.g);
}

static void faults_beyond_the_plan_and_too_many_connections_are_refused(void **state UNUSED)
{
	static const size_t at[] = { N };
	const struct gen_conf rows[] = {
		{ .plan = plan, .drop_at = at, .n_drop = 1 },
		{ .plan = plan, .alter_at = at, .n_alter = 1 },
		{ .plan = plan, .connections = GEN_CONNECTIONS_MAX + 1 },
		{ .plan = plan, .connections = -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct gen *g = NULL;

		assert_int_equal(gen_open(&g, &rows[i], NULL), -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_modes_send_the_plan_in_order_and_close_the_ledger),
		cmocka_unit_test(no_event_is_sent_before_it_is_due),
		cmocka_unit_test(
			lateness_is_recorded_from_the_intended_time_and_nothing_is_skipped),
		cmocka_unit_test(replies_may_come_in_any_pieces),
		cmocka_unit_test(an_error_reply_ends_the_run_with_its_text),
		cmocka_unit_test(
			a_closed_connection_ends_the_run_and_the_result_tells_how_far_it_came),
		cmocka_unit_test(a_server_that_does_not_answer_is_given_up_in_time),
		cmocka_unit_test(it_is_given_up_even_when_the_next_event_is_an_hour_away),
		cmocka_unit_test(a_drain_has_no_more_unanswered_than_allowed),
		cmocka_unit_test(planted_faults_are_planned_but_dropped_or_altered),
		cmocka_unit_test(several_connections_keep_the_order_of_each_type),
		cmocka_unit_test(
			a_connection_that_lags_gets_company_and_the_order_of_each_type_stays),
		cmocka_unit_test(without_order_more_connections_deliver_every_event_once),
		cmocka_unit_test(dense_events_share_a_write_and_none_goes_early),
		cmocka_unit_test(the_ctl_bounds_what_is_sent_in_both_modes),
		cmocka_unit_test(a_plan_may_begin_as_a_drain_and_go_on_paced),
		cmocka_unit_test(pacing_from_an_event_needs_a_ctl_and_that_event),
		cmocka_unit_test(stopping_ends_the_run_with_all_that_was_sent_answered),
		cmocka_unit_test(stopping_wakes_a_generator_that_waits_for_a_far_due_time),
		cmocka_unit_test(faults_beyond_the_plan_and_too_many_connections_are_refused),
	};

	return cmocka_run_group_tests(tests, make_plan, drop_plan);
}
