/*
 * The writer against a scripted server in the same event loop: what goes out and
 * when, what each answer leads to, and that the counters close before every sleep.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/io/influx.h"
#include "extractors/io/influx_target.h"

#define REQUESTS_MAX 4000
#define NEVER_MS     3600000
#define NO_ANSWER    "" /* as an answer: accept, read, stay silent */
#define OK_ANSWER    "HTTP/1.1 204 No Content\r\n\r\n"

struct request {
	char *head;
	char *body;
	int64_t at_ns;
};

struct world {
	struct loop *loop;
	struct loop_timer deadline;
	int listener, client; /* -1: none */
	int port;
	struct buf in;		    /* of the client's connection */
	const char *const *answers; /* the last one goes on for ever */
	size_t n_answers;
	struct request requests[REQUESTS_MAX];
	size_t n_requests;
	struct influx *x;
	bool stopped, add_only;
	uint64_t sleeps;
	bool (*until)(struct world *w);
	char dir[64], url[64];
	int saved_stderr;
};

/* ---- the scripted server ---------------------------------------------------------- */

static void close_client(struct world *w)
{
	if (w->client < 0)
		return;
	loop_unwatch(w->loop, w->client);
	close(w->client);
	w->client = -1;
	buf_reset(&w->in);
}

static void answer(struct world *w)
{
	size_t i = w->n_requests <= w->n_answers ? w->n_requests : w->n_answers;
	const char *text = w->answers[i - 1];

	if (*text)
		assert_true(write(w->client, text, strlen(text)) == (ssize_t)strlen(text));
	if (strstr(text, "Connection: close"))
		close_client(w);
}

/* One request, when it is there whole. */
static bool take_request(struct world *w)
{
	const char *text = buf_str(&w->in), *end = strstr(text, "\r\n\r\n"), *length;
	struct request *r = &w->requests[w->n_requests];
	size_t head, body = 0;

	if (!end)
		return false;
	head = (size_t)(end - text) + 4;
	length = strstr(text, "Content-Length: ");
	if (length && length < end)
		body = strtoul(length + 16, NULL, 10);
	if (w->in.len < head + body)
		return false;
	assert_true(w->n_requests < REQUESTS_MAX);
	r->head = mem_strndup(text, head);
	r->body = mem_strndup(text + head, body);
	r->at_ns = clock_mono_ns();
	w->n_requests++;
	buf_consume(&w->in, head + body);
	return true;
}

static void on_client(void *ctx, int fd, int events UNUSED)
{
	struct world *w = ctx;
	ssize_t n = read(fd, buf_reserve(&w->in, 65536), 65536);

	if (n <= 0) {
		close_client(w);
		return;
	}
	w->in.len += (size_t)n;
	while (w->client >= 0 && take_request(w))
		answer(w);
}

static void on_connect(void *ctx, int fd, int events UNUSED)
{
	struct world *w = ctx;

	close_client(w); /* the writer has one connection at a time */
	w->client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(w->client >= 0);
	assert_int_equal(loop_watch(w->loop, w->client, LOOP_READ, on_client, w), 0);
}

/* Port 0 the first time; later the same again. */
static void server_start(struct world *w, const char *const *answers, size_t n)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)w->port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);
	int one = 1;

	w->answers = answers;
	w->n_answers = n;
	w->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(w->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(bind(w->listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(w->listener, 5), 0);
	assert_int_equal(getsockname(w->listener, (struct sockaddr *)&sa, &len), 0);
	w->port = ntohs(sa.sin_port);
	snprintf(w->url, sizeof(w->url), "http://127.0.0.1:%d", w->port);
	assert_int_equal(loop_watch(w->loop, w->listener, LOOP_READ, on_connect, w), 0);
}

static void server_stop(struct world *w)
{
	close_client(w);
	if (w->listener < 0)
		return;
	loop_unwatch(w->loop, w->listener);
	close(w->listener);
	w->listener = -1;
}

#define SERVER(w, ...)                                               \
	do {                                                         \
		static const char *const script[] = { __VA_ARGS__ }; \
		server_start(w, script, ARRAY_SIZE(script));         \
	} while (0)

/* ---- the world ---------------------------------------------------------------------- */

static void before_sleep(void *ctx)
{
	struct world *w = ctx;
	struct influx_counters c;

	w->sleeps++;
	if (w->x) {
		influx_counters(w->x, &c);
		assert_int_equal(c.queued, c.written + c.spooled + c.dropped + c.pending);
		assert_true(c.refused <= c.dropped);
	}
	if (w->until && w->until(w))
		loop_stop(w->loop);
}

static int set_up(void **state)
{
	struct world *w = mem_calloc(1, sizeof(*w));
	struct err e = ERR_INIT;

	w->loop = loop_new(&e);
	w->listener = w->client = w->saved_stderr = -1;
	strcpy(w->dir, "/tmp/test_influx.XXXXXX");
	if (!mkdtemp(w->dir))
		return -1;
	loop_before_sleep(w->loop, before_sleep, w);
	log_init("test", LOG_WARNING);
	/* What the writer says goes to a file, and is looked at by some. */
	w->saved_stderr = dup(STDERR_FILENO);
	fflush(stderr);
	{
		char name[100];
		int fd;

		snprintf(name, sizeof(name), "%s/log", w->dir);
		fd = open(name, O_CREAT | O_RDWR | O_APPEND, 0600);
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "log", "prog.spool", "rejected/prog.lp",
					     "rejected/prog.lp.old", "rejected" };
	struct world *w = *state;

	influx_free(w->x);
	server_stop(w);
	dup2(w->saved_stderr, STDERR_FILENO);
	close(w->saved_stderr);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char name[100];

		snprintf(name, sizeof(name), "%s/%s", w->dir, names[i]);
		if (unlink(name))
			rmdir(name);
	}
	rmdir(w->dir);
	for (size_t i = 0; i < w->n_requests; i++) {
		free(w->requests[i].head);
		free(w->requests[i].body);
	}
	buf_release(&w->in);
	loop_free(w->loop);
	free(w);
	return 0;
}

static void writer_new(struct world *w, struct influx_conf c)
{
	struct err e = ERR_INIT;

	c.url = w->url;
	c.program = "prog";
	c.org = "o";
	c.bucket = "b";
	if (!c.spool_max_bytes)
		c.spool_max_bytes = 1 << 20;
	w->x = influx_new(w->loop, &c, &e);
	if (!w->x)
		fail_msg("%s", e.text);
}

/* n points with the values first ... first + n - 1. */
static void add(struct world *w, int first, int n)
{
	for (int i = 0; i < n; i++) {
		struct feature_msg m = { 0 };

		feature_add_int(&m, "f", first + i);
		influx_add(w->x, &m, EVENT_MOUSE, 1000 + first + i);
		if (!w->add_only)
			influx_shed(w->x);
	}
}

static void give_up(void *ctx)
{
	loop_stop(ctx);
}

/* Run until the condition holds before a sleep; fails after `limit_ms`. */
static void run_until(struct world *w, bool (*until)(struct world *), int64_t limit_ms)
{
	w->until = until;
	loop_timer_set(w->loop, &w->deadline, clock_mono_ns() + limit_ms * NS_PER_MS, give_up,
		       w->loop);
	loop_run(w->loop);
	if (!w->deadline.due_ns && !until(w))
		fail_msg("not within %d ms", (int)limit_ms);
	loop_timer_clear(w->loop, &w->deadline);
}

static bool never(struct world *w UNUSED)
{
	return false;
}

static void run_for(struct world *w, int64_t ms)
{
	w->until = never;
	loop_timer_set(w->loop, &w->deadline, clock_mono_ns() + ms * NS_PER_MS, give_up, w->loop);
	loop_run(w->loop);
}

static bool nothing_left(struct world *w)
{
	struct influx_counters c;

	influx_counters(w->x, &c);
	return !c.pending && !c.spooled;
}

static bool is_stopped(struct world *w)
{
	return w->stopped;
}

static bool has_two_requests(struct world *w)
{
	return w->n_requests >= 2;
}

static bool has_a_request(struct world *w)
{
	return w->n_requests;
}

static bool has_retried(struct world *w)
{
	struct influx_counters c;

	influx_counters(w->x, &c);
	return c.retries;
}

static void on_stopped(void *ctx)
{
	((struct world *)ctx)->stopped = true;
}

/* Stop within `ms`; returns how long it took. */
static int64_t stop_writer(struct world *w, int64_t ms)
{
	int64_t start_ns = clock_mono_ns();

	w->stopped = false;
	influx_stop(w->x, start_ns + ms * NS_PER_MS, on_stopped, w);
	if (!w->stopped)
		run_until(w, is_stopped, ms + 2000);
	return (clock_mono_ns() - start_ns) / NS_PER_MS;
}

static void expect_counters(struct world *w, struct influx_counters expected)
{
	struct influx_counters c;

	influx_counters(w->x, &c);
	assert_int_equal(c.queued, expected.queued);
	assert_int_equal(c.written, expected.written);
	assert_int_equal(c.spooled, expected.spooled);
	assert_int_equal(c.dropped, expected.dropped);
	assert_int_equal(c.pending, expected.pending);
	assert_int_equal(c.refused, expected.refused);
}

/* The bodies from request `from` on count up from `first`, n points in all. */
static void expect_points(struct world *w, size_t from, int first, int n)
{
	int value = first;

	for (size_t i = from; i < w->n_requests; i++)
		for (const char *p = w->requests[i].body; *p; p = strchr(p, '\n') + 1) {
			char line[100];

			snprintf(line, sizeof(line), "mouse_features,user_id=default f=%d %d\n",
				 value, 1000 + value);
			assert_memory_equal(p, line, strlen(line));
			value++;
		}
	assert_int_equal(value - first, n);
}

static int lines_of(const char *body)
{
	int n = 0;

	for (; (body = strchr(body, '\n')); body++)
		n++;
	return n;
}

static char *log_text(struct world *w)
{
	char name[100], *text = mem_calloc(100000, 1);
	FILE *f;

	snprintf(name, sizeof(name), "%s/log", w->dir);
	f = fopen(name, "r");
	assert_non_null(f);
	text[fread(text, 1, 99999, f)] = '\0';
	fclose(f);
	return text;
}

static int count_in(const char *text, const char *word)
{
	int n = 0;

	for (; (text = strstr(text, word)); text++)
		n++;
	return n;
}

/* ---- what goes out, and when ----------------------------------------------------------- */

static void a_batch_goes_out_when_it_holds_batch_size_points(void **state)
{
	struct world *w = *state;

	SERVER(w, OK_ANSWER);
	writer_new(w,
		   (struct influx_conf){ .batch_size = 50, .flush_ms = NEVER_MS, .token = "tok" });
	add(w, 0, 49);
	run_for(w, 30);
	assert_int_equal(w->n_requests, 0);
	add(w, 49, 1);
	run_until(w, nothing_left, 2000);
	assert_int_equal(w->n_requests, 1);
	expect_points(w, 0, 0, 50);
	assert_int_equal(strncmp(w->requests[0].head,
				 "POST /api/v2/write?org=o&bucket=b&precision=ns HTTP/1.1\r\n", 57),
			 0);
	assert_non_null(strstr(w->requests[0].head, "\r\nAuthorization: Token tok\r\n"));
	assert_null(strstr(w->requests[0].head, "Expect"));
	expect_counters(w, (struct influx_counters){ .queued = 50, .written = 50 });
}

static void a_batch_goes_out_when_it_is_flush_ms_old(void **state)
{
	struct world *w = *state;
	int64_t start_ns;

	SERVER(w, OK_ANSWER);
	writer_new(w, (struct influx_conf){ .batch_size = 50, .flush_ms = 60 });
	start_ns = clock_mono_ns();
	add(w, 0, 1);
	run_for(w, 20);
	add(w, 1, 2); /* does not put it off */
	run_until(w, nothing_left, 2000);
	assert_int_equal(w->n_requests, 1);
	expect_points(w, 0, 0, 3);
	assert_true(w->requests[0].at_ns - start_ns >= 60 * NS_PER_MS);
}

static void what_comes_meanwhile_goes_together(void **state)
{
	struct world *w = *state;

	SERVER(w, OK_ANSWER);
	writer_new(w, (struct influx_conf){ .batch_size = 50, .flush_ms = NEVER_MS });
	add(w, 0, 12000);
	run_until(w, nothing_left, 5000);
	assert_int_equal(w->n_requests, 3);
	assert_int_equal(lines_of(w->requests[0].body), INFLUX_REQUEST_POINTS);
	assert_int_equal(lines_of(w->requests[2].body), 2000);
	expect_points(w, 0, 0, 12000);
	expect_counters(w, (struct influx_counters){ .queued = 12000, .written = 12000 });
}

static void full_batches_of_a_busy_stream_gather_for_ten_milliseconds(void **state)
{
	struct world *w = *state;
	int64_t start_ns, elapsed_ms;

	SERVER(w, OK_ANSWER);
	writer_new(w, (struct influx_conf){ .batch_size = 10, .flush_ms = NEVER_MS });
	start_ns = clock_mono_ns();
	for (int i = 0; i < 100; i++) {
		add(w, 10 * i, 10);
		run_for(w, 1);
	}
	run_until(w, nothing_left, 2000);
	elapsed_ms = (clock_mono_ns() - start_ns) / NS_PER_MS;
	expect_points(w, 0, 0, 1000);
	assert_in_range(w->n_requests, 3, elapsed_ms / 10 + 2);
}

static void a_batch_size_above_the_usual_request_is_kept(void **state)
{
	struct world *w = *state;

	SERVER(w, OK_ANSWER);
	writer_new(w, (struct influx_conf){ .batch_size = 10000, .flush_ms = NEVER_MS });
	add(w, 0, 9999);
	run_for(w, 20);
	assert_int_equal(w->n_requests, 0);
	add(w, 9999, 1);
	run_until(w, nothing_left, 5000);
	assert_int_equal(w->n_requests, 1);
	expect_points(w, 0, 0, 10000);
}

static void an_idle_writer_does_not_wake_the_process(void **state)
{
	struct world *w = *state;
	uint64_t before;

	SERVER(w, OK_ANSWER);
	writer_new(w, (struct influx_conf){ .batch_size = 1, .flush_ms = 10 });
	add(w, 0, 3);
	run_until(w, nothing_left, 2000);
	run_for(w, 50); /* the connection stays open, the server says nothing */
	before = w->sleeps;
	run_for(w, 1500);
	assert_int_equal(w->sleeps - before, 1);
}

static void a_message_without_a_number_is_no_point(void **state)
{
	struct world *w = *state;
	struct feature_msg m = { 0 };

	SERVER(w, OK_ANSWER);
	writer_new(w, (struct influx_conf){ .batch_size = 1, .flush_ms = 10 });
	influx_add(w->x, &m, EVENT_MOUSE, 1);
	expect_counters(w, (struct influx_counters){ 0 });
	run_for(w, 50);
	assert_int_equal(w->n_requests, 0);
	assert_true(stop_writer(w, 1000) < 100);
}

/* ---- answers ------------------------------------------------------------------------------ */

static void what_may_pass_is_retried_until_it_is_taken(void **state)
{
	static const char *const errors[] = {
		"HTTP/1.1 500 Internal\r\nContent-Length: 4\r\n\r\noops",
		"HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n",
		"nonsense\r\n\r\nConnection: close",
		"HTTP/1.1 204 No Content\r\nBroken", /* then silence: the time-out */
	};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct world *w;
		const char *const script[] = { errors[i], OK_ANSWER };

		if (i) {
			tear_down(state);
			assert_int_equal(set_up(state), 0);
		}
		w = *state;
		server_start(w, script, 2);
		writer_new(w, (struct influx_conf){
				      .batch_size = 2, .flush_ms = 10, .request_timeout_ms = 200 });
		add(w, 0, 2);
		run_until(w, nothing_left, 3000);
		assert_int_equal(w->n_requests, 2);
		assert_string_equal(w->requests[0].body, w->requests[1].body);
		assert_true(w->requests[1].at_ns - w->requests[0].at_ns >= 100 * NS_PER_MS);
		expect_counters(w, (struct influx_counters){ .queued = 2, .written = 2 });
	}
}

static void retry_after_is_honoured(void **state)
{
	struct world *w = *state;

	SERVER(w, "HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n", OK_ANSWER);
	writer_new(w, (struct influx_conf){ .batch_size = 2, .flush_ms = 10 });
	add(w, 0, 2);
	run_until(w, nothing_left, 3000);
	assert_int_equal(w->n_requests, 2);
	assert_true(w->requests[1].at_ns - w->requests[0].at_ns >= NS_PER_S);
}

static void the_backoff_grows(void **state)
{
	struct world *w = *state;
	int64_t gaps[3];

	SERVER(w, "HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n",
	       "HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n",
	       "HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n", OK_ANSWER);
	writer_new(w, (struct influx_conf){ .batch_size = 1, .flush_ms = 10 });
	add(w, 0, 1);
	run_until(w, nothing_left, 5000);
	assert_int_equal(w->n_requests, 4);
	for (int i = 0; i < 3; i++)
		gaps[i] = (w->requests[i + 1].at_ns - w->requests[i].at_ns) / NS_PER_MS;
	assert_true(gaps[0] >= 100 && gaps[1] >= 200 && gaps[2] >= 400 && gaps[2] < 1500);
}

static void a_refused_batch_is_kept_aside_and_not_sent_again(void **state)
{
	struct world *w = *state;
	char name[100], text[2000] = "", *said;
	FILE *f;

	SERVER(w, "HTTP/1.1 400 Bad\r\nContent-Length: 21\r\n\r\n{\"error\":\"s3cret tok\"}",
	       OK_ANSWER);
	writer_new(w, (struct influx_conf){ .batch_size = 3,
					    .flush_ms = 10,
					    .token = "s3cret",
					    .spool_dir = w->dir });
	add(w, 0, 3);
	run_until(w, nothing_left, 2000);
	expect_counters(w, (struct influx_counters){ .queued = 3, .dropped = 3, .refused = 3 });
	add(w, 3, 3);
	run_until(w, nothing_left, 2000);
	assert_int_equal(w->n_requests, 2);
	expect_points(w, 1, 3, 3);
	expect_counters(w, (struct influx_counters){
				   .queued = 6, .written = 3, .dropped = 3, .refused = 3 });

	snprintf(name, sizeof(name), "%s/rejected/prog.lp", w->dir);
	f = fopen(name, "r");
	assert_non_null(f);
	assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
	fclose(f);
	assert_non_null(strstr(text, "3 points: HTTP 400: {\"error\":\"****** tok\"\n"));
	assert_non_null(strstr(text, w->requests[0].body));
	said = log_text(w);
	assert_non_null(strstr(said, "HTTP 400: {\"error\":\"****** tok\""));
	assert_null(strstr(said, "s3cret"));
	free(said);
}

static void the_log_has_one_line_when_it_goes_and_one_when_it_is_back(void **state)
{
	struct world *w = *state;
	char *said;

	SERVER(w, "HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n",
	       "HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n",
	       "HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n", OK_ANSWER);
	log_init("test", LOG_INFO);
	writer_new(w, (struct influx_conf){ .batch_size = 1, .flush_ms = 10, .token = "s3cret" });
	add(w, 0, 5);
	run_until(w, nothing_left, 5000);
	said = log_text(w);
	assert_int_equal(count_in(said, "\n"), 2);
	assert_int_equal(count_in(said, "WARNING test: InfluxDB http://127.0.0.1:"), 1);
	assert_int_equal(count_in(said, "HTTP 500"), 1);
	assert_int_equal(count_in(said, "is back after"), 1);
	assert_null(strstr(said, "s3cret"));
	free(said);
}

/* ---- versions ------------------------------------------------------------------------------ */

static void auto_asks_ping_first(void **state)
{
	static const struct {
		const char *pong, *path, *credential;
	} rows[] = {
		{ "HTTP/1.1 204 x\r\nX-Influxdb-Version: 1.6.7\r\n\r\n",
		  "POST /write?db=b&precision=ns ", "Authorization: Basic dXM6cHc=\r\n" },
		{ "HTTP/1.1 204 x\r\nx-influxdb-version: 1.8\r\n\r\n",
		  "POST /write?db=b&precision=ns ", "Authorization: Basic dXM6cHc=\r\n" },
		{ "HTTP/1.1 204 x\r\nX-Influxdb-Version: v2.7\r\n\r\n",
		  "POST /api/v2/write?org=o&bucket=b&", "Authorization: Token tok\r\n" },
		{ "HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n",
		  "POST /api/v2/write?org=o&bucket=b&", "Authorization: Token tok\r\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *const script[] = { rows[i].pong, OK_ANSWER };
		struct world *w;

		if (i) {
			tear_down(state);
			assert_int_equal(set_up(state), 0);
		}
		w = *state;
		server_start(w, script, 2);
		writer_new(w, (struct influx_conf){ .batch_size = 2,
						    .flush_ms = 10,
						    .api = INFLUX_AUTO,
						    .token = "tok",
						    .user = "us",
						    .password = "pw" });
		add(w, 0, 2);
		run_until(w, nothing_left, 2000);
		add(w, 2, 2); /* asked once */
		run_until(w, nothing_left, 2000);
		assert_int_equal(w->n_requests, 3);
		assert_int_equal(strncmp(w->requests[0].head, "GET /ping HTTP/1.1\r\n", 20), 0);
		assert_null(strstr(w->requests[0].head, "Authorization"));
		for (size_t k = 1; k < 3; k++) {
			assert_int_equal(
				strncmp(w->requests[k].head, rows[i].path, strlen(rows[i].path)),
				0);
			assert_non_null(strstr(w->requests[k].head, rows[i].credential));
			assert_int_equal(count_in(w->requests[k].head, "Authorization"), 1);
		}
	}
}

static void auto_asks_again_until_something_answers(void **state)
{
	struct world *w = *state;

	SERVER(w, "HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n",
	       "HTTP/1.1 204 x\r\nX-Influxdb-Version: 1.8\r\n\r\n", OK_ANSWER);
	writer_new(w, (struct influx_conf){ .batch_size = 1, .flush_ms = 10, .api = INFLUX_AUTO });
	add(w, 0, 1);
	run_until(w, nothing_left, 3000);
	assert_int_equal(w->n_requests, 3);
	assert_int_equal(strncmp(w->requests[1].head, "GET /ping", 9), 0);
	assert_int_equal(strncmp(w->requests[2].head, "POST /write?db", 14), 0);
}

/* ---- away ---------------------------------------------------------------------------------- */

static void an_absent_database_costs_no_point_and_no_order(void **state)
{
	struct world *w = *state;
	struct influx_counters c;

	SERVER(w, OK_ANSWER); /* for its port alone */
	server_stop(w);
	writer_new(w, (struct influx_conf){ .batch_size = 10,
					    .flush_ms = 10,
					    .spool_dir = w->dir,
					    .queue_max_bytes = 4096 });
	for (int i = 0; i < 2000; i += 20) {
		add(w, i, 20);
		run_for(w, 2);
	}
	influx_counters(w->x, &c);
	assert_true(c.spooled > 1900 - 100 && c.pending > 10);
	assert_int_equal(c.dropped, 0);
	SERVER(w, OK_ANSWER);
	run_until(w, nothing_left, 8000);
	expect_points(w, 0, 0, 2000);
	expect_counters(w, (struct influx_counters){ .queued = 2000, .written = 2000 });
}

static void order_holds_when_the_batch_on_its_way_fails_after_others_were_spooled(void **state)
{
	struct world *w = *state;

	SERVER(w, NO_ANSWER, OK_ANSWER);
	writer_new(w, (struct influx_conf){ .batch_size = 10,
					    .flush_ms = 10,
					    .spool_dir = w->dir,
					    .queue_max_bytes = 4096,
					    .request_timeout_ms = 300 });
	add(w, 0, 10);
	run_until(w, has_a_request, 2000);
	add(w, 10, 500); /* while the first is unanswered */
	run_until(w, nothing_left, 5000);
	assert_string_equal(w->requests[0].body, w->requests[1].body);
	expect_points(w, 1, 0, 510);
	expect_counters(w, (struct influx_counters){ .queued = 510, .written = 510 });
}

static void an_answer_to_a_batch_spooled_meanwhile_consumes_its_record(void **state)
{
	struct world *w = *state;

	SERVER(w, NO_ANSWER, OK_ANSWER);
	writer_new(w, (struct influx_conf){ .batch_size = 10,
					    .flush_ms = 10,
					    .spool_dir = w->dir,
					    .queue_max_bytes = 4096 });
	add(w, 0, 10);
	run_until(w, has_a_request, 2000);
	add(w, 10, 500);
	assert_int_equal(write(w->client, OK_ANSWER, strlen(OK_ANSWER)), strlen(OK_ANSWER));
	run_until(w, nothing_left, 5000);
	expect_points(w, 0, 0, 510); /* none twice */
}

static void adding_writes_no_file(void **state)
{
	struct world *w = *state;
	struct influx_counters c;

	SERVER(w, OK_ANSWER);
	server_stop(w);
	writer_new(w, (struct influx_conf){ .batch_size = 10,
					    .flush_ms = NEVER_MS,
					    .spool_dir = w->dir,
					    .queue_max_bytes = 4096 });
	w->add_only = true;
	add(w, 0, 1000);
	expect_counters(w, (struct influx_counters){ .queued = 1000, .pending = 1000 });
	influx_shed(w->x);
	influx_counters(w->x, &c);
	assert_int_equal(c.spooled + c.pending, 1000);
	assert_true(c.pending > 20 && c.pending < 110); /* of 41 bytes and more, in 4096 */
}

static void without_a_spool_the_oldest_are_dropped_and_counted(void **state)
{
	struct world *w = *state;
	struct influx_counters c;
	char *said;

	SERVER(w, OK_ANSWER);
	server_stop(w);
	writer_new(w, (struct influx_conf){
			      .batch_size = 10, .flush_ms = 10, .queue_max_bytes = 4096 });
	for (int i = 0; i < 1000; i += 20) {
		add(w, i, 20);
		run_for(w, 2);
	}
	influx_counters(w->x, &c);
	assert_int_equal(c.spooled, 0);
	assert_true(c.dropped > 850 && c.pending > 50);
	SERVER(w, OK_ANSWER);
	run_until(w, nothing_left, 8000);
	influx_counters(w->x, &c);
	assert_int_equal(c.written + c.dropped, 1000);
	assert_int_equal(strncmp(strrchr(w->requests[w->n_requests - 1].body, '=') + 1, "999 ", 4),
			 0);
	said = log_text(w);
	assert_int_equal(count_in(said, "points are dropped"), 1);
	free(said);
}

static void a_full_spool_keeps_what_fits_and_counts_the_rest(void **state)
{
	struct world *w = *state;
	struct influx_counters c;

	SERVER(w, OK_ANSWER);
	server_stop(w);
	writer_new(w, (struct influx_conf){ .batch_size = 10,
					    .flush_ms = 10,
					    .spool_dir = w->dir,
					    .spool_max_bytes = 8192,
					    .queue_max_bytes = 4096 });
	add(w, 0, 2000);
	influx_counters(w->x, &c);
	assert_true(c.spooled > 100 && c.dropped > 1000);
	SERVER(w, OK_ANSWER);
	run_until(w, nothing_left, 8000);
	influx_counters(w->x, &c);
	assert_int_equal(c.written + c.dropped, 2000);
	assert_int_equal(c.written, 2000 - c.dropped);
	assert_int_equal(strncmp(w->requests[0].body, "mouse_features,user_id=default f=0 ", 35),
			 0);
}

static void a_restart_sends_what_was_spooled_first(void **state)
{
	struct world *w = *state;

	SERVER(w, OK_ANSWER);
	server_stop(w);
	writer_new(w,
		   (struct influx_conf){ .batch_size = 10, .flush_ms = 10, .spool_dir = w->dir });
	add(w, 0, 100);
	run_until(w, has_retried, 2000);
	assert_true(stop_writer(w, 1500) < 1000);
	expect_counters(w, (struct influx_counters){ .queued = 100, .spooled = 100 });
	influx_free(w->x);

	SERVER(w, OK_ANSWER);
	writer_new(w,
		   (struct influx_conf){ .batch_size = 10, .flush_ms = 10, .spool_dir = w->dir });
	expect_counters(w, (struct influx_counters){ .queued = 100, .spooled = 100 });
	add(w, 100, 50);
	run_until(w, nothing_left, 2000);
	expect_points(w, 0, 0, 150);
	expect_counters(w, (struct influx_counters){ .queued = 150, .written = 150 });
}

/* ---- the end ------------------------------------------------------------------------------- */

static void stop_sends_what_is_pending(void **state)
{
	struct world *w = *state;

	SERVER(w, OK_ANSWER);
	writer_new(w, (struct influx_conf){ .batch_size = 50, .flush_ms = NEVER_MS });
	add(w, 0, 12); /* far from due */
	assert_true(stop_writer(w, 1500) < 500);
	expect_points(w, 0, 0, 12);
	expect_counters(w, (struct influx_counters){ .queued = 12, .written = 12 });
	add(w, 12, 1); /* too late, but counted */
	expect_counters(w, (struct influx_counters){ .queued = 13, .written = 12, .dropped = 1 });
}

static void stop_spools_at_the_deadline_what_is_not_answered(void **state)
{
	struct world *w = *state;
	int64_t took_ms;

	SERVER(w, NO_ANSWER);
	writer_new(w,
		   (struct influx_conf){ .batch_size = 10, .flush_ms = 10, .spool_dir = w->dir });
	add(w, 0, 10);
	run_until(w, has_a_request, 2000);
	add(w, 10, 25);
	took_ms = stop_writer(w, 300);
	assert_true(took_ms >= 300 && took_ms < 1500);
	expect_counters(w, (struct influx_counters){ .queued = 35, .spooled = 35 });
	influx_free(w->x);
	server_stop(w);

	SERVER(w, OK_ANSWER);
	writer_new(w,
		   (struct influx_conf){ .batch_size = 10, .flush_ms = 10, .spool_dir = w->dir });
	run_until(w, nothing_left, 2000);
	expect_points(w, 1, 0, 35);
}

static void stop_without_spool_tries_until_the_deadline_then_drops(void **state)
{
	struct world *w = *state;
	int64_t took_ms;

	SERVER(w, "HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n");
	writer_new(w, (struct influx_conf){ .batch_size = 10, .flush_ms = NEVER_MS });
	add(w, 0, 5);
	took_ms = stop_writer(w, 600);
	assert_true(took_ms >= 600 && took_ms < 1900);
	assert_true(has_two_requests(w));
	expect_counters(w, (struct influx_counters){ .queued = 5, .dropped = 5 });
}

static void freed_inside_done(void *ctx)
{
	struct world *w = ctx;

	influx_free(w->x);
	w->x = NULL;
	w->stopped = true;
}

static void the_writer_may_be_freed_by_who_is_told_that_it_stopped(void **state)
{
	struct world *w = *state;

	SERVER(w, OK_ANSWER);
	writer_new(w, (struct influx_conf){ .batch_size = 50, .flush_ms = NEVER_MS });
	add(w, 0, 12);
	influx_stop(w->x, clock_mono_ns() + NS_PER_S, freed_inside_done, w);
	run_until(w, is_stopped, 1500);
	expect_points(w, 0, 0, 12);

	w->stopped = false;
	writer_new(w, (struct influx_conf){ .batch_size = 50, .flush_ms = NEVER_MS });
	influx_stop(w->x, clock_mono_ns() + NS_PER_S, freed_inside_done, w); /* at once */
	assert_true(w->stopped);
}

static void a_writer_that_is_just_freed_spools_what_it_has(void **state)
{
	struct world *w = *state;

	SERVER(w, OK_ANSWER);
	writer_new(w, (struct influx_conf){
			      .batch_size = 50, .flush_ms = NEVER_MS, .spool_dir = w->dir });
	add(w, 0, 12);
	influx_free(w->x);
	writer_new(w, (struct influx_conf){
			      .batch_size = 50, .flush_ms = NEVER_MS, .spool_dir = w->dir });
	expect_counters(w, (struct influx_counters){ .queued = 12, .spooled = 12 });
}

static void a_configuration_that_cannot_work_is_refused(void **state)
{
	struct world *w = *state;
	const struct influx_conf bad_url = { .url = "http://u:p@db", .program = "prog" };
	const struct influx_conf bad_dir = { .url = "http://db",
					     .program = "prog",
					     .spool_dir = "/nonexistent/x" };
	struct err e = ERR_INIT;

	assert_null(influx_new(w->loop, &bad_url, &e));
	assert_non_null(strstr(e.text, "INFLUX_URL"));
	err_reset(&e);
	assert_null(influx_new(w->loop, &bad_dir, &e));
	assert_non_null(strstr(e.text, "/nonexistent/x"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_batch_goes_out_when_it_holds_batch_size_points),
		TEST(a_batch_goes_out_when_it_is_flush_ms_old),
		TEST(what_comes_meanwhile_goes_together),
		TEST(full_batches_of_a_busy_stream_gather_for_ten_milliseconds),
		TEST(a_batch_size_above_the_usual_request_is_kept),
		TEST(an_idle_writer_does_not_wake_the_process),
		TEST(a_message_without_a_number_is_no_point),
		TEST(what_may_pass_is_retried_until_it_is_taken),
		TEST(retry_after_is_honoured),
		TEST(the_backoff_grows),
		TEST(a_refused_batch_is_kept_aside_and_not_sent_again),
		TEST(the_log_has_one_line_when_it_goes_and_one_when_it_is_back),
		TEST(auto_asks_ping_first),
		TEST(auto_asks_again_until_something_answers),
		TEST(an_absent_database_costs_no_point_and_no_order),
		TEST(order_holds_when_the_batch_on_its_way_fails_after_others_were_spooled),
		TEST(an_answer_to_a_batch_spooled_meanwhile_consumes_its_record),
		TEST(adding_writes_no_file),
		TEST(without_a_spool_the_oldest_are_dropped_and_counted),
		TEST(a_full_spool_keeps_what_fits_and_counts_the_rest),
		TEST(a_restart_sends_what_was_spooled_first),
		TEST(stop_sends_what_is_pending),
		TEST(stop_spools_at_the_deadline_what_is_not_answered),
		TEST(stop_without_spool_tries_until_the_deadline_then_drops),
		TEST(the_writer_may_be_freed_by_who_is_told_that_it_stopped),
		TEST(a_writer_that_is_just_freed_spools_what_it_has),
		TEST(a_configuration_that_cannot_work_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
