/*
 * What the prober costs: `make bench-probe`.
 *
 * The eBPF probe: two processes on one CPU hand a byte back and forth, so that each
 * round is two wakeups and two switches and nothing else.  Blocks of rounds without
 * the programs, with them attached but watching nobody, watching one of the two (as in
 * a session: a subject beside Redis), and watching both, in an order drawn anew each time; differences are between neighbours in time.
 * The /proc probe: six processes sampled as at 10 Hz, CPU time by this thread's clock.
 * Nothing here is a test: a busy machine changes the figures, the medians least.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/rng.h"
#include "harness/probes/ebpf.h"
#include "harness/probes/procfs.h"
#include "harness/stats/estimate.h"

#define SEED		 20261124
#define BLOCKS		 40
#define ROUNDS		 8000 /* of a block: some 50 ms */
#define EVENTS_PER_ROUND 4    /* two wakeups, two switches */
#define SAMPLED		 6
#define HZ		 10
#define SAMPLE_BLOCKS	 20
#define LEVEL		 0.95

enum state { WITHOUT, ATTACHED, WATCHING_ONE, WATCHING, STATES };

static void die(const char *what) NORETURN;
static void die(const char *what)
{
	log_error("%s: %s", what, strerror(errno));
	exit(1);
}

/* ---- ping-pong ------------------------------------------------------------------------------ */

struct pong {
	pid_t pid;
	int to, from;
};

static void move_byte(int fd, bool out)
{
	char c = 0;

	if ((out ? write(fd, &c, 1) : read(fd, &c, 1)) != 1)
		die("ping-pong");
}

static void start_pong(struct pong *p)
{
	int to[2], from[2];
	char c;

	if (pipe(to) || pipe(from))
		die("pipe");
	p->pid = fork();
	if (p->pid < 0)
		die("fork");
	if (!p->pid) {
		close(to[1]);
		while (read(to[0], &c, 1) == 1 && write(from[1], &c, 1) == 1)
			;
		_exit(0);
	}
	p->to = to[1];
	p->from = from[0];
}

static double ns_per_round(const struct pong *p)
{
	int64_t begin_ns = clock_mono_ns();

	for (int i = 0; i < ROUNDS; i++) {
		move_byte(p->to, true);
		move_byte(p->from, false);
	}
	return (double)(clock_mono_ns() - begin_ns) / ROUNDS;
}

static double block(enum state state, const struct pong *p)
{
	struct probe *probes[2] = { NULL, NULL };
	struct err e = ERR_INIT;
	double ns;

	if (state != WITHOUT && ebpf_hold(&e)) {
		log_error("%s", e.text);
		exit(1);
	}
	if ((state >= WATCHING_ONE && ebpf_probe.open(&probes[0], p->pid, &e)) ||
	    (state == WATCHING && ebpf_probe.open(&probes[1], getpid(), &e))) {
		log_error("%s", e.text);
		exit(1);
	}
	ns = ns_per_round(p);
	for (int i = 0; i < 2; i++)
		ebpf_probe.close(probes[i]);
	if (state != WITHOUT)
		ebpf_release();
	return ns;
}

/* ---- output --------------------------------------------------------------------------------- */

static void line(const char *what, const char *unit, double goal, const struct estimate *e)
{
	char goal_text[32] = "–";

	if (goal > 0)
		snprintf(goal_text, sizeof(goal_text), "≤ %g", goal);
	printf("| %-58s | %8s | %.2f [%.2f, %.2f] %s | %zu | %.3g %% by %s | %s |\n", what,
	       goal_text, e->value, e->low, e->high, unit, e->n, 100 * e->level,
	       stats_method_names[e->method],
	       goal <= 0	 ? ""
	       : e->high <= goal ? "reached"
	       : e->low > goal	 ? "not reached"
				 : "undecided");
}

static void print_difference(const char *what, const double *a, const double *b)
{
	double d[BLOCKS];
	struct estimate est;

	for (int i = 0; i < BLOCKS; i++)
		d[i] = (b[i] - a[i]) / EVENTS_PER_ROUND;
	est = stats_estimate_median(d, BLOCKS, LEVEL, SEED);
	line(what, "ns", 100, &est);
}

static void print_slowdown(const char *what, const double *a, const double *b)
{
	struct estimate est = stats_estimate_ratio(a, b, BLOCKS, LEVEL, SEED);

	est.value = 100 * (est.value - 1);
	est.low = 100 * (est.low - 1);
	est.high = 100 * (est.high - 1);
	line(what, "%", 12, &est);
}

static void measure_ebpf(void)
{
	static double ns[STATES][BLOCKS];
	struct estimate est;
	struct pong p;
	struct rng rng;

	start_pong(&p);
	rng_init(&rng, SEED, 0);
	ns_per_round(&p);
	for (int i = 0; i < BLOCKS; i++) {
		enum state order[STATES] = { WITHOUT, ATTACHED, WATCHING_ONE, WATCHING };

		for (size_t k = STATES; k-- > 0;) { /* Fisher and Yates */
			size_t other = (size_t)(rng_u64(&rng) % (k + 1));
			enum state state = order[other];

			order[other] = order[k];
			ns[state][i] = block(state, &p);
		}
	}
	close(p.to);
	close(p.from);
	waitpid(p.pid, NULL, 0);
	est = stats_estimate_median(ns[WITHOUT], BLOCKS, LEVEL, SEED);
	line("ping-pong round, no probe", "ns", 0, &est);
	est = stats_estimate_median(ns[WATCHING], BLOCKS, LEVEL, SEED);
	line("ping-pong round, both processes watched", "ns", 0, &est);
	print_difference("eBPF, a scheduler event, both watched", ns[WITHOUT], ns[WATCHING]);
	print_difference("eBPF, a scheduler event, one of the two watched", ns[WITHOUT],
			 ns[WATCHING_ONE]);
	print_difference("eBPF, a scheduler event, nobody watched", ns[WITHOUT], ns[ATTACHED]);
	print_slowdown("ping-pong slower, both watched", ns[WITHOUT], ns[WATCHING]);
	print_slowdown("ping-pong slower, one of the two watched", ns[WITHOUT], ns[WATCHING_ONE]);
	print_slowdown("ping-pong slower, nobody watched", ns[WITHOUT], ns[ATTACHED]);
}

/* ---- sampling ------------------------------------------------------------------------------- */

/* One second's samples at 10 Hz of six processes, as a share of a core. */
static double sample_second(const struct probe_ops *ops, struct probe *const probes[SAMPLED],
			    uint64_t want)
{
	static struct probe_sample s;
	int64_t begin_ns = clock_thread_cpu_ns();

	for (int i = 0; i < HZ * SAMPLED; i++) {
		probe_sample_reset(&s);
		if (ops->sample(probes[i % SAMPLED], want, &s))
			die(ops->name);
	}
	return 100 * (double)(clock_thread_cpu_ns() - begin_ns) / (double)NS_PER_S;
}

static void measure_sampling(const struct probe_ops *ops, const char *what, uint64_t want,
			     const pid_t pids[SAMPLED])
{
	double pct[SAMPLE_BLOCKS];
	struct probe *probes[SAMPLED];
	struct err e = ERR_INIT;
	struct estimate est;

	for (int i = 0; i < SAMPLED; i++)
		if (ops->open(&probes[i], pids[i], &e)) {
			printf("| %s | unavailable: %s |\n", what, e.text);
			while (i-- > 0)
				ops->close(probes[i]);
			return;
		}
	for (int i = 0; i < SAMPLE_BLOCKS; i++)
		pct[i] = sample_second(ops, probes, want);
	est = stats_estimate_median(pct, SAMPLE_BLOCKS, LEVEL, SEED);
	line(what, "% of a core", 0.2, &est);
	for (int i = 0; i < SAMPLED; i++)
		ops->close(probes[i]);
}

static int64_t own(enum probe_metric m)
{
	struct err e = ERR_INIT;
	struct probe_sample s;
	struct probe *p;

	if (procfs_probe.open(&p, getpid(), &e))
		die(e.text);
	probe_sample_reset(&s);
	if (procfs_probe.sample(p, PROBE_BIT(m), &s) || !probe_has(&s, m))
		die(s.reason[m]);
	procfs_probe.close(p);
	return s.value[m];
}

static void pin_to_the_last_cpu(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		die("sched_getaffinity");
	for (size_t cpu = CPU_SETSIZE; cpu-- > 0;)
		if (CPU_ISSET(cpu, &set)) {
			CPU_ZERO(&set);
			CPU_SET(cpu, &set);
			if (sched_setaffinity(0, sizeof(set), &set))
				die("sched_setaffinity");
			return;
		}
}

int main(void)
{
	struct pong sampled[SAMPLED];
	pid_t pids[SAMPLED];
	struct err why = ERR_INIT;
	bool usable;

	log_init("probe_cost", LOG_INFO);
	pin_to_the_last_cpu();
	printf("| what | goal | reached [interval] | n | method | |\n|---|---|---|---|---|---|\n");
	usable = ebpf_probe.available(&why);
	if (usable)
		measure_ebpf();
	else
		printf("| eBPF | unavailable: %s |\n", why.text);
	for (int i = 0; i < SAMPLED; i++) {
		start_pong(&sampled[i]);
		pids[i] = sampled[i].pid;
	}
	measure_sampling(&procfs_probe, "/proc without smaps_rollup, 10 Hz x 6 processes",
			 PROCFS_CHEAP, pids);
	measure_sampling(&procfs_probe, "/proc with smaps_rollup, 10 Hz x 6 processes", PROBE_ALL,
			 pids);
	measure_sampling(&ebpf_probe, "eBPF, 10 Hz x 6 processes", PROBE_ALL, pids);
	if (usable && ebpf_hold(&why))
		die("eBPF");
	printf("| RSS of this program, both probes open | ≤ 8 | %.2f MB now, %.2f MB at most | 1 | | %s |\n",
	       (double)own(PROBE_RSS_BYTES) / 1e6, (double)own(PROBE_PEAK_RSS_BYTES) / 1e6,
	       own(PROBE_RSS_BYTES) <= 8000000 ? "reached" : "not reached");
	for (int i = 0; i < SAMPLED; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	return 0;
}
