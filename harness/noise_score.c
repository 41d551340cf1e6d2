/* Fixed pieces of work, timed; see noise_score.h. */
#include "harness/noise_score.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/stats/quantile.h"

/* Some 1 to 5 ms each on a machine of 2020: well above the clock's cost, below a tick. */
#define BUSY_ROUNDS  1000000
#define PING_PONGS   50
#define MEMORY_BYTES (8 << 20) /* more than a core's own caches */
#define LINE_BYTES   64

const char *const noise_piece_names[NOISE_PIECES] = { "busy loop", "ping-pong", "memory" };

struct bench {
	int there[2], back[2]; /* pipes of the ping-pong */
	char *memory;
	volatile uint64_t sink; /* what is computed is used: the compiler must not drop it */
};

static bool work_busy(struct bench *b)
{
	uint64_t x = 88172645463325252u; /* xorshift64: Marsaglia 2003 */

	for (int i = 0; i < BUSY_ROUNDS; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
	}
	b->sink = x;
	return true;
}

static bool work_memory(struct bench *b)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < MEMORY_BYTES; i += LINE_BYTES)
		sum += (unsigned char)b->memory[i];
	b->sink = sum;
	return true;
}

static bool pass(int fd, ssize_t (*move)(int fd, char *byte), char *byte)
{
	ssize_t n;

	do {
		n = move(fd, byte);
	} while (n < 0 && errno == EINTR);
	return n == 1;
}

static ssize_t give(int fd, char *byte)
{
	return write(fd, byte, 1);
}

static ssize_t take(int fd, char *byte)
{
	return read(fd, byte, 1);
}

static bool work_ping_pong(struct bench *b)
{
	char byte = 'p';

	for (int i = 0; i < PING_PONGS; i++)
		if (!pass(b->there[1], give, &byte) || !pass(b->back[0], take, &byte))
			return false;
	return true;
}

static bool (*const works[NOISE_PIECES])(struct bench *b) = { work_busy, work_ping_pong,
							      work_memory };

/* The other side: gives back what it gets, until the pipe is closed. */
static void *echo(void *ctx)
{
	struct bench *b = ctx;
	char byte;

	while (pass(b->there[0], take, &byte) && pass(b->back[1], give, &byte))
		;
	return NULL;
}

struct noise_spread noise_spread_of(double *times_ns, size_t n)
{
	struct noise_spread s = { n, NAN, NAN, NAN };

	if (n < 4)
		return s;
	stats_sort(times_ns, n);
	s.median_ns = stats_quantile_sorted(times_ns, n, 0.5);
	s.spread_pct = 100 *
		       (stats_quantile_sorted(times_ns, n, 0.75) -
			stats_quantile_sorted(times_ns, n, 0.25)) /
		       1.349 / s.median_ns;
	s.p95_over_median = stats_quantile_sorted(times_ns, n, 0.95) / s.median_ns;
	return s;
}

double noise_score_pct(const struct noise_score *s)
{
	double most = 0;

	for (int p = 0; p < NOISE_PIECES; p++)
		if (!(s->piece[p].spread_pct <= most))
			most = s->piece[p].spread_pct;
	return most;
}

double noise_smallest_difference_pct(double spread_pct, size_t pairs)
{
	return (1.96 + 0.84) * M_SQRT2 * spread_pct / sqrt((double)pairs);
}

/* Repetitions under way. */
struct series {
	unsigned int mask;
	size_t least, n;
	int64_t min_ns;
	double *times_ns[NOISE_PIECES];
};

static int once(struct bench *b, struct series *s, struct err *e)
{
	for (int p = 0; p < NOISE_PIECES; p++) {
		int64_t from_ns = clock_mono_ns();

		if (!(s->mask & NOISE_BIT(p)))
			continue;
		if (!works[p](b))
			return err_set(e, -EIO, "%s: %s", noise_piece_names[p], strerror(errno));
		s->times_ns[p][s->n] = (double)(clock_mono_ns() - from_ns);
	}
	s->n++;
	return 0;
}

static int repeat(struct bench *b, struct series *s, struct err *e)
{
	int64_t until_ns = clock_mono_ns() + s->min_ns;
	int rc = 0;

	while (!rc && s->n < NOISE_REPETITIONS_MAX &&
	       (s->n < s->least || clock_mono_ns() < until_ns))
		rc = once(b, s, e);
	return rc;
}

static int start_echo(struct bench *b, pthread_t *thread, const cpu_set_t *cpus, struct err *e)
{
	pthread_attr_t attr;
	int rc;

	pthread_attr_init(&attr);
	pthread_attr_setaffinity_np(&attr, sizeof(*cpus), cpus);
	rc = pthread_create(thread, &attr, echo, b);
	pthread_attr_destroy(&attr);
	return rc ? err_set(e, -rc, "noise score: thread: %s", strerror(rc)) : 0;
}

static void close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int with_echo(struct bench *b, const struct cpus *cpus, struct series *s, struct err *e)
{
	pthread_t thread;
	int rc;

	if (!(s->mask & NOISE_BIT(NOISE_PING_PONG)))
		return repeat(b, s, e);
	if (pipe2(b->there, O_CLOEXEC) || pipe2(b->back, O_CLOEXEC))
		return err_set(e, -errno, "noise score: pipe: %s", strerror(errno));
	rc = start_echo(b, &thread, &cpus->servers, e);
	if (rc)
		return rc;
	rc = repeat(b, s, e);
	close(b->there[1]); /* the other side ends */
	b->there[1] = -1;
	pthread_join(thread, NULL);
	return rc;
}

static int pinned(struct bench *b, const struct cpus *cpus, struct series *s, struct err *e)
{
	cpu_set_t before;
	int rc;

	if (sched_getaffinity(0, sizeof(before), &before) ||
	    sched_setaffinity(0, sizeof(cpus->subject), &cpus->subject))
		return err_set(e, -errno, "noise score: cannot pin: %s", strerror(errno));
	rc = with_echo(b, cpus, s, e);
	if (sched_setaffinity(0, sizeof(before), &before) && !rc)
		rc = err_set(e, -errno, "noise score: cannot unpin: %s", strerror(errno));
	return rc;
}

int noise_score_measure(const struct cpus *cpus, unsigned int mask, size_t least, int64_t min_ns,
			struct noise_score *out, struct err *e)
{
	struct bench b = { .there = { -1, -1 }, .back = { -1, -1 } };
	struct series s = { .mask = mask, .least = least, .min_ns = min_ns };
	int rc;

	b.memory = mem_calloc(1, MEMORY_BYTES);
	memset(b.memory, 1, MEMORY_BYTES); /* pages of its own, not the zero page */
	for (int p = 0; p < NOISE_PIECES; p++)
		s.times_ns[p] = mem_calloc(NOISE_REPETITIONS_MAX, sizeof(double));
	rc = pinned(&b, cpus, &s, e);
	for (int p = 0; p < NOISE_PIECES; p++) {
		if (!rc && mask & NOISE_BIT(p))
			out->piece[p] = noise_spread_of(s.times_ns[p], s.n);
		free(s.times_ns[p]);
	}
	close_all(b.there, 2);
	close_all(b.back, 2);
	free(b.memory);
	return rc;
}
