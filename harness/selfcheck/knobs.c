/* Known amounts of work; see knobs.h. */
#include "harness/selfcheck/knobs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "extractors/base/clock.h"

#define PAGE_BYTES	4096
#define TICK_DEFAULT_HZ 50

static const char *const service_names[] = { "busy", "sleep", NULL };

#define ROW(field, type, name, value, def, min, max, text) \
	OPT_ROW(struct knobs, field, type, name, 0, value, def, min, max, text)

const struct opt knobs_opts[] = {
	ROW(work, OPT_INT, "work", "N", "0", 0, 1e9, "turns of a small loop for each event"),
	ROW(service_s, OPT_SECONDS, "service", "TIME", "0", 0, 60, "time for each event"),
	OPT_CHOICE_ROW(struct knobs, service_by, "service-by", 0, "sleep", service_names,
		       "how that time is spent"),
	ROW(answer, OPT_FLAG, "answer", NULL, NULL, 0, 0,
	    "publish each event back, as the relay does"),
	ROW(calls, OPT_INT, "calls", "N", "0", 0, 1e6, "write() calls for each event"),
	ROW(skip_every, OPT_INT, "skip-every", "N", "0", 0, 1e9,
	    "do not count every N-th event (0: count all)"),
	ROW(stop_at, OPT_INT, "stop-at", "N", "0", 0, 1e9, "stand still at event N (0: never)"),
	ROW(stop_s, OPT_SECONDS, "stop", "TIME", "1.4", 0, 60, "for so long"),
	ROW(pages_at, OPT_INT, "pages-at", "N", "0", 0, 1e9, "touch fresh pages at event N"),
	ROW(pages, OPT_INT, "pages", "N", "1000", 0, 1e6, "so many, of 4 KiB"),
	ROW(leak_bytes, OPT_BYTES, "leak", "BYTES", "0", 0, 1e9, "leak so much a second"),
	ROW(busy_frac, OPT_DOUBLE, "busy", "FRAC", "0", 0, 0.95, "burn this share of a core"),
	ROW(tick_hz, OPT_DOUBLE, "tick", "HZ", "0", 0, 10000, "wake up so often"),
	ROW(version, OPT_FLAG, "version", NULL, NULL, 0, 0, "commit, compiler, variant"),
	ROW(help, OPT_FLAG, "help", NULL, NULL, 0, 0, "this text"),
};
const size_t knobs_n_opts = ARRAY_SIZE(knobs_opts);

/* ---- the amounts ------------------------------------------------------------------- */

static void turn(int64_t n)
{
	/* The asm is a value that the compiler cannot see through: the loop stays. */
	for (uint64_t x = 88172645463325252U; n-- > 0; x ^= x << 7, x ^= x >> 9)
		__asm__ volatile("" : "+r"(x));
}

static void take_time(const struct knobs *k)
{
	int64_t until_ns = clock_mono_ns() + (int64_t)(k->service_s * 1e9);

	if (!(k->service_s > 0))
		return;
	if (k->service_by == SERVICE_SLEEP)
		clock_sleep_until_ns(until_ns);
	else
		while (clock_mono_ns() < until_ns)
			turn(100);
}

/* Fresh memory in small pages, each touched once: one minor fault each.  Never given back. */
static void touch(size_t pages)
{
	size_t bytes = pages * PAGE_BYTES;
	char *p;

	if (!pages)
		return;
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	BUG_ON(p == MAP_FAILED);
	/* A huge page would be one fault for 512; a kernel without them has none to refuse. */
	(void)!madvise(p, bytes, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < bytes; i += PAGE_BYTES)
		p[i] = 1;
}

static void call(const struct knobs_state *s, int64_t n)
{
	while (n-- > 0)
		BUG_ON(write(s->null_fd, "", 1) != 1);
}

/* ---- when ----------------------------------------------------------------------------- */

int knobs_start(struct knobs_state *s, const struct knobs *k UNUSED)
{
	*s = (struct knobs_state){
		.started_ns = clock_mono_ns(),
		.cpu_before_ns = clock_thread_cpu_ns(),
		.null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC),
	};
	return s->null_fd < 0 ? -errno : 0;
}

bool knobs_event(struct knobs_state *s, const struct knobs *k)
{
	int64_t number = (int64_t)++s->events;

	if (k->skip_every && number % k->skip_every == 0)
		return false;
	if (number == k->stop_at)
		clock_sleep_until_ns(clock_mono_ns() + (int64_t)(k->stop_s * 1e9));
	if (number == k->pages_at)
		touch((size_t)k->pages);
	turn(k->work);
	call(s, k->calls);
	take_time(k);
	return true;
}

/*
 * Both follow the time since the start, not the number of ticks: a late tick is
 * made good by the next.  The burning counts what the thread has used for
 * anything, so the share is that of the whole program.
 */
void knobs_tick(struct knobs_state *s, const struct knobs *k)
{
	int64_t elapsed_ns = clock_mono_ns() - s->started_ns;
	int64_t leak = (int64_t)((double)k->leak_bytes * (double)elapsed_ns / 1e9);
	int64_t burn_ns = s->cpu_before_ns + (int64_t)(k->busy_frac * (double)elapsed_ns);
	int64_t pages = (leak - s->leaked_bytes) / PAGE_BYTES;

	touch((size_t)pages);
	s->leaked_bytes += pages * PAGE_BYTES;
	while (k->busy_frac > 0 && clock_thread_cpu_ns() < burn_ns)
		turn(100);
}

double knobs_tick_hz(const struct knobs *k)
{
	if (k->tick_hz > 0)
		return k->tick_hz;
	return k->leak_bytes || k->busy_frac > 0 ? TICK_DEFAULT_HZ : 0;
}
