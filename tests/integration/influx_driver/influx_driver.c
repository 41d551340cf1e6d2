/*
 * A process that is nothing but the InfluxDB writer, told on stdin what to do.
 *
 *	add N		N points, numbered on from the last
 *	rate R S	R points a second for S seconds, spread evenly
 *	stats		answer with the counters
 *	stop MS		stop within MS milliseconds, answer with the counters, exit
 *
 * Every answer is one JSON line on stdout; `rate` answers when it is through.
 * Arguments are name=value: the fields of struct influx_conf, `first`, the number of
 * the first point, and base_ns, the time of point 0 (they are 1 ms apart).
 * That the counters close is checked before every sleep.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "extractors/base/buf.h"
#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/num.h"
#include "extractors/base/opt.h"
#include "extractors/io/influx.h"

struct conf {
	char *url, *token, *org, *user, *password, *bucket, *spool_dir;
	int api;
	int64_t batch_size, flush_ms, spool_max_bytes, queue_max_bytes, base_ns, first;
};

struct driver {
	struct conf conf;
	struct loop *loop;
	struct influx *x;
	struct buf in;
	int64_t next; /* number of the next point */
	uint64_t sleeps;
	struct loop_timer tick;
	int64_t rate_start_ns, rate_first, rate_per_s, rate_end;
};

static const char *const apis[] = { "v2", "v1", "auto", NULL };
#define ROW(field, type, def, max) \
	OPT_ROW(struct conf, field, type, #field, 0, "X", def, 0, max, "")
static const struct opt opts[] = {
	ROW(url, OPT_STRING, NULL, 0),
	ROW(token, OPT_STRING, NULL, 0),
	ROW(org, OPT_STRING, "o", 0),
	ROW(user, OPT_STRING, NULL, 0),
	ROW(password, OPT_STRING, NULL, 0),
	ROW(bucket, OPT_STRING, "b", 0),
	ROW(spool_dir, OPT_STRING, NULL, 0),
	OPT_CHOICE_ROW(struct conf, api, "api", 0, "v2", apis, ""),
	ROW(batch_size, OPT_INT, "50", 10000),
	ROW(flush_ms, OPT_INT, "1000", 1e7),
	ROW(spool_max_bytes, OPT_INT, "67108864", 1e15),
	ROW(queue_max_bytes, OPT_INT, "0", 1e15),
	ROW(base_ns, OPT_INT, "0", 9e18),
	ROW(first, OPT_INT, "0", 1e12),
};

static void add(struct driver *d, int64_t n)
{
	for (; n > 0; n--, d->next++) {
		struct feature_msg m = { 0 };

		feature_add_label(&m, "from_app", (struct span){ "a,b=c d", 7 });
		feature_add_label(&m, "to_app", (struct span){ "gnome-terminal", 14 });
		feature_add_int(&m, "duration_ms", d->next);
		influx_add(d->x, &m, EVENT_APP, d->conf.base_ns + d->next * NS_PER_MS);
		influx_shed(d->x);
	}
}

static void answer(struct driver *d)
{
	struct influx_counters c;
	struct rusage ru;

	influx_counters(d->x, &c);
	getrusage(RUSAGE_SELF, &ru);
	printf("{\"queued\":%" PRIu64 ",\"written\":%" PRIu64 ",\"spooled\":%" PRIu64
	       ",\"dropped\":%" PRIu64 ",\"pending\":%" PRIu64 ",\"refused\":%" PRIu64
	       ",\"retries\":%" PRIu64 ",\"sleeps\":%" PRIu64 ",\"cpu_us\":%lld}\n",
	       c.queued, c.written, c.spooled, c.dropped, c.pending, c.refused, c.retries,
	       d->sleeps,
	       (long long)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * US_PER_S +
		       ru.ru_utime.tv_usec + ru.ru_stime.tv_usec);
	fflush(stdout);
}

static void on_tick(void *ctx)
{
	struct driver *d = ctx;
	int64_t now = clock_mono_ns();
	double passed_s = (double)(now - d->rate_start_ns) / (double)NS_PER_S;
	int64_t due = d->rate_first + (int64_t)(passed_s * (double)d->rate_per_s);

	add(d, (due < d->rate_end ? due : d->rate_end) - d->next);
	if (d->next < d->rate_end)
		loop_timer_set(d->loop, &d->tick, now + NS_PER_MS, on_tick, d);
	else
		answer(d);
}

static void start_rate(struct driver *d, int64_t per_s, int64_t seconds)
{
	d->rate_start_ns = clock_mono_ns();
	d->rate_first = d->next;
	d->rate_per_s = per_s;
	d->rate_end = d->next + per_s * seconds;
	on_tick(d);
}

static void on_stopped(void *ctx)
{
	struct driver *d = ctx;

	answer(d);
	loop_stop(d->loop);
}

static void obey(struct driver *d, const char *line)
{
	long long a = 0, b = 0;

	if (sscanf(line, "add %lld", &a) == 1) {
		add(d, a);
	} else if (sscanf(line, "rate %lld %lld", &a, &b) == 2) {
		start_rate(d, a, b);
	} else if (sscanf(line, "stop %lld", &a) == 1) {
		loop_timer_clear(d->loop, &d->tick);
		influx_stop(d->x, clock_mono_ns() + a * NS_PER_MS, on_stopped, d);
	} else {
		answer(d);
	}
}

static void on_stdin(void *ctx, int fd, int events UNUSED)
{
	struct driver *d = ctx;
	ssize_t n = read(fd, buf_reserve(&d->in, 4096), 4096);
	char *end;

	if (n <= 0) {
		loop_unwatch(d->loop, fd);
		loop_stop(d->loop);
		return;
	}
	d->in.len += (size_t)n;
	while ((end = memchr(d->in.data, '\n', d->in.len))) {
		*end = '\0';
		obey(d, d->in.data);
		buf_consume(&d->in, (size_t)(end - d->in.data) + 1);
	}
}

static void before_sleep(void *ctx)
{
	struct driver *d = ctx;
	struct influx_counters c;

	d->sleeps++;
	influx_counters(d->x, &c);
	BUG_ON(c.queued != c.written + c.spooled + c.dropped + c.pending || c.refused > c.dropped);
}

static int read_arguments(struct conf *c, int argc, char **argv, struct err *e)
{
	opt_defaults(opts, ARRAY_SIZE(opts), c);
	for (int i = 1; i < argc; i++) {
		char *value = strchr(argv[i], '=');
		const struct opt *o;

		if (value)
			*value++ = '\0';
		o = opt_find(opts, ARRAY_SIZE(opts), argv[i]);
		if (!o || !value)
			return err_set(e, -22, "%s?", argv[i]);
		if (opt_set(o, c, value, e))
			return e->code;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct driver d = { 0 };
	struct err e = ERR_INIT;
	struct influx_conf ic;

	log_init("influx_driver", LOG_INFO);
	signal(SIGPIPE, SIG_IGN);
	if (read_arguments(&d.conf, argc, argv, &e)) {
		log_error("%s", e.text);
		return 2;
	}
	d.next = d.conf.first;
	ic = (struct influx_conf){
		.url = d.conf.url,
		.api = d.conf.api,
		.token = d.conf.token,
		.org = d.conf.org,
		.user = d.conf.user,
		.password = d.conf.password,
		.bucket = d.conf.bucket,
		.batch_size = (size_t)d.conf.batch_size,
		.flush_ms = d.conf.flush_ms,
		.spool_dir = d.conf.spool_dir,
		.spool_max_bytes = d.conf.spool_max_bytes,
		.program = "influx_driver",
		.queue_max_bytes = (size_t)d.conf.queue_max_bytes,
	};
	d.loop = loop_new(&e);
	d.x = d.loop ? influx_new(d.loop, &ic, &e) : NULL;
	if (!d.x || loop_watch(d.loop, STDIN_FILENO, LOOP_READ, on_stdin, &d)) {
		log_error("%s", e.text);
		return 2;
	}
	loop_before_sleep(d.loop, before_sleep, &d);
	answer(&d);
	loop_run(d.loop);
	influx_free(d.x);
	loop_free(d.loop);
	buf_release(&d.in);
	opt_release(opts, ARRAY_SIZE(opts), &d.conf);
	return 0;
}
