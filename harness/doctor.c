/* The judging; see doctor.h.  A new item is a new row of `items`. */
#include "harness/doctor.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MIB (INT64_C(1) << 20)
#define GIB (INT64_C(1) << 30)

/* A core for the subject and one for everything else; with four, one each (cpus.h). */
#define CORES_MIN  2
#define CORES_GOOD 4
/* Below these a run hardly notices: one tick in a few seconds of two cores. */
#define STEAL_GOOD_FRAC	  0.002
#define FOREIGN_GOOD_FRAC 0.02
/* Redis, a database and the plan of a drain in profile quick; standard plans take 2 GB. */
#define MEMORY_MIN_BYTES  (512 * MIB)
#define MEMORY_GOOD_BYTES (3 * GIB)
/* Results are some MB; a full disk would lose them at the end of a session. */
#define DISK_MIN_BYTES	(64 * MIB)
#define DISK_GOOD_BYTES (1 * GIB)
/* Latency is to be told to 1 us, so neither a step nor a reading may take that long. */
#define CLOCK_MAX_NS   1000
#define CLOCK_GOOD_NS  100  /* a vDSO answers in 20 to 50 ns, a system call in 100 and more */
#define WAKEUP_GOOD_US 100  /* the pacing error allowed at 1,000 events a second */
#define PRESSURE_GOOD  0.10 /* share of the time in which somebody waited */
#define LOAD_GOOD      0.5  /* a core */
#define NOISE_GOOD_PCT 1.0
#define NOFILE_GOOD    1024
#define MEMLOCK_GOOD   (64 * MIB)

const char *const doctor_verdict_names[DOCTOR_VERDICTS] = { "good", "usable", "unfit",
							    "unavailable" };

static void found(struct doctor_row *row, const char *fmt, ...) PRINTF(2, 3);
static void found(struct doctor_row *row, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(row->found, sizeof(row->found), fmt, ap);
	va_end(ap);
}

static void judge(struct doctor_row *row, enum doctor_verdict verdict, const char *change)
{
	row->verdict = verdict;
	if (verdict != DOCTOR_GOOD)
		snprintf(row->change, sizeof(row->change), "%s", change);
}

static void cores(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
		  struct doctor_row *row)
{
	found(row, "%d online, %d allowed: %s", h->cores_online, h->cores_allowed,
	      h->text[DOCTOR_CORES]);
	judge(row,
	      h->cores_allowed < CORES_MIN    ? DOCTOR_UNFIT
	      : h->cores_allowed < CORES_GOOD ? DOCTOR_USABLE
					      : DOCTOR_GOOD,
	      h->cores_allowed < h->cores_online
		      ? "allow more cores: taskset -c 0- bench ..."
		      : "a machine with 4 cores: then the subject, servers, "
			"generator and tap have one each");
}

static void smt(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
		struct doctor_row *row)
{
	bool shared = strpbrk(h->text[DOCTOR_SMT], ",-");

	found(row, "the subject's core is shared by threads %s", h->text[DOCTOR_SMT]);
	if (!shared)
		found(row, "the subject's core %s has no sibling", h->text[DOCTOR_SMT]);
	judge(row, shared ? DOCTOR_USABLE : DOCTOR_GOOD,
	      "echo off > /sys/devices/system/cpu/smt/control");
}

/* A share is known to one tick: only what is over the limit for certain is. */
static enum doctor_verdict share(const struct doctor_host *h, double frac, double good,
				 double limit)
{
	return frac - h->tick_frac > limit ? DOCTOR_UNFIT
	       : frac > good		   ? DOCTOR_USABLE
					   : DOCTOR_GOOD;
}

static void share_found(const struct doctor_host *h, double frac, double limit,
			struct doctor_row *row)
{
	found(row,
	      "%.1f %% of all CPU time in %.1f s under load (limit %.3g %%; one tick is %.2f %%)",
	      100 * frac, h->load.seconds, 100 * limit, 100 * h->tick_frac);
	if (h->looks > 1)
		snprintf(row->found + strlen(row->found), sizeof(row->found) - strlen(row->found),
			 ", look %d", h->looks);
}

static void steal(const struct doctor_host *h, const struct doctor_limits *l,
		  struct doctor_row *row)
{
	share_found(h, h->load.steal_frac, l->steal_frac, row);
	judge(row, share(h, h->load.steal_frac, STEAL_GOOD_FRAC, l->steal_frac),
	      "a VM with dedicated cores, or an hour at which the neighbours are quiet");
}

static void foreign(const struct doctor_host *h, const struct doctor_limits *l,
		    struct doctor_row *row)
{
	share_found(h, h->load.foreign_frac, l->foreign_frac, row);
	judge(row, share(h, h->load.foreign_frac, FOREIGN_GOOD_FRAC, l->foreign_frac),
	      "end what else runs: top -b -n 1 -o %CPU | head -n 20");
}

static void load(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
		 struct doctor_row *row)
{
	double a_core = h->load_average / (h->cores_online > 0 ? h->cores_online : 1);

	found(row, "%.2f in the last minute, %.2f a core", h->load_average, a_core);
	judge(row, a_core > LOAD_GOOD ? DOCTOR_USABLE : DOCTOR_GOOD,
	      "wait a minute after a build: until uptime shows less");
}

static void pressure(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
		     struct doctor_row *row)
{
	const double *p = h->load.pressure_frac;
	bool bad = false;

	for (enum host_pressure i = 0; i < PRESSURES; i++)
		bad |= p[i] > PRESSURE_GOOD;
	found(row, "somebody waited for CPU %.1f %%, I/O %.1f %%, memory %.1f %% of %.1f s",
	      100 * p[PRESSURE_CPU], 100 * p[PRESSURE_IO], 100 * p[PRESSURE_MEMORY],
	      h->load.seconds);
	judge(row, bad ? DOCTOR_USABLE : DOCTOR_GOOD,
	      "end what else runs: top -b -n 1 -o %CPU | head -n 20");
}

static enum doctor_verdict room(int64_t bytes, int64_t least, int64_t good)
{
	return bytes < least ? DOCTOR_UNFIT : bytes < good ? DOCTOR_USABLE : DOCTOR_GOOD;
}

static void memory(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
		   struct doctor_row *row)
{
	found(row, "%lld MiB available", (long long)(h->available_bytes / MIB));
	judge(row, room(h->available_bytes, MEMORY_MIN_BYTES, MEMORY_GOOD_BYTES),
	      "end what holds memory: ps aux --sort=-rss | head; long plans take 2 GB");
}

static void swap(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
		 struct doctor_row *row)
{
	found(row, "%lld MiB in use", (long long)(h->swap_used_bytes / MIB));
	judge(row, h->swap_used_bytes > 0 ? DOCTOR_USABLE : DOCTOR_GOOD, "swapoff -a");
}

static void clock_reading(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
			  struct doctor_row *row)
{
	const struct clock_check *c = &h->clock;
	bool bad = !c->step_ns || c->step_ns > CLOCK_MAX_NS || c->cost_ns > CLOCK_MAX_NS ||
		   c->backwards;

	found(row, "%.0f ns a reading, smallest step %lld ns, %lld of %zu readings went backwards",
	      c->cost_ns, (long long)c->step_ns, (long long)c->backwards, c->n_reads);
	judge(row,
	      bad			   ? DOCTOR_UNFIT
	      : c->cost_ns > CLOCK_GOOD_NS ? DOCTOR_USABLE
					   : DOCTOR_GOOD,
	      "echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource (or "
	      "kvm-clock, hyperv_clocksource_tsc_page: see available_clocksource there)");
}

static void wakeups(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
		    struct doctor_row *row)
{
	const struct wakeup_check *w = &h->wakeups;

	found(row, "late by p50 %.0f us, p99 %.0f us, max %.0f us (n = %zu), timer slack %lld us",
	      w->p50_us, w->p99_us, w->max_us, w->n, (long long)(h->timer_slack_ns / 1000));
	judge(row, w->p99_us > WAKEUP_GOOD_US ? DOCTOR_USABLE : DOCTOR_GOOD,
	      "forbid deep idle states: cpupower idle-set -D 0, on a VM: idle=poll on the kernel's "
	      "command line");
}

static void rt(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
	       struct doctor_row *row)
{
	bool limited = h->rt_runtime_us >= 0 && h->rt_runtime_us < h->rt_period_us;

	found(row, "no limit for real-time programs");
	if (limited)
		found(row, "a real-time program is stopped after %lld of %lld ms",
		      (long long)(h->rt_runtime_us / 1000), (long long)(h->rt_period_us / 1000));
	judge(row, limited ? DOCTOR_USABLE : DOCTOR_GOOD, "sysctl kernel.sched_rt_runtime_us=-1");
}

static void limit_found(struct doctor_row *row, int64_t limit, int64_t unit, const char *name)
{
	if (limit == INT64_MAX)
		found(row, "no limit");
	else
		found(row, "%lld%s", (long long)(limit / unit), name);
}

static void nofile(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
		   struct doctor_row *row)
{
	limit_found(row, h->nofile, 1, " open files");
	judge(row, h->nofile < NOFILE_GOOD ? DOCTOR_USABLE : DOCTOR_GOOD, "ulimit -n 1024");
}

static void memlock(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
		    struct doctor_row *row)
{
	limit_found(row, h->memlock_bytes, MIB, " MiB of locked memory");
	judge(row, h->memlock_bytes < MEMLOCK_GOOD ? DOCTOR_USABLE : DOCTOR_GOOD,
	      "ulimit -l unlimited (eBPF maps on kernels before 5.11)");
}

static void leftovers(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
		      struct doctor_row *row)
{
	found(row, "none");
	if (h->leftovers)
		found(row, "%zu, the last: %s", h->leftovers, h->text[DOCTOR_LEFTOVERS]);
	judge(row, h->leftovers ? DOCTOR_USABLE : DOCTOR_GOOD,
	      "if no session runs now: kill the processes, rm -r the directories");
}

static void disk(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
		 struct doctor_row *row)
{
	found(row, "%lld MiB free at %s", (long long)(h->disk_free_bytes / MIB),
	      h->text[DOCTOR_DISK]);
	judge(row, room(h->disk_free_bytes, DISK_MIN_BYTES, DISK_GOOD_BYTES),
	      "make room, or --out another place");
}

static void tmp(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
		struct doctor_row *row)
{
	found(row, "%lld MiB free at %s", (long long)(h->tmp_free_bytes / MIB),
	      h->text[DOCTOR_TMP]);
	judge(row, room(h->tmp_free_bytes, DISK_MIN_BYTES, DISK_GOOD_BYTES),
	      "make room, or TMPDIR=another place");
}

static void noise(const struct doctor_host *h, const struct doctor_limits *l UNUSED,
		  struct doctor_row *row)
{
	const struct noise_spread *p = h->noise.piece;
	double score = noise_score_pct(&h->noise);

	found(row,
	      "%.2f %%: busy loop %.2f, ping-pong %.2f, memory %.2f (n = %zu, %zu, %zu; p95 is %.2f, "
	      "%.2f, %.2f times the median); smallest difference seen by 6 pairs of such runs %.1f "
	      "%%, by 40 %.1f %%",
	      score, p[NOISE_BUSY].spread_pct, p[NOISE_PING_PONG].spread_pct,
	      p[NOISE_MEMORY].spread_pct, p[NOISE_BUSY].n, p[NOISE_PING_PONG].n, p[NOISE_MEMORY].n,
	      p[NOISE_BUSY].p95_over_median, p[NOISE_PING_PONG].p95_over_median,
	      p[NOISE_MEMORY].p95_over_median, noise_smallest_difference_pct(score, 6),
	      noise_smallest_difference_pct(score, 40));
	judge(row, score <= NOISE_GOOD_PCT ? DOCTOR_GOOD : DOCTOR_USABLE,
	      "the rows above; or more pairs: PROFILE=standard");
}

static bool has(const char *text, const char *word)
{
	return strstr(text, word);
}

static bool lacks(const char *text, const char *word)
{
	return !has(text, word);
}

/* The text is one of these words. */
static bool is_among(const char *text, const char *words)
{
	size_t len = strlen(text);
	const char *p = words;

	while ((p = strstr(p, text))) {
		if (len && (p == words || p[-1] == ' ') && (!p[len] || p[len] == ' '))
			return true;
		p += len ? len : 1;
		if (!*p)
			break;
	}
	return false;
}

static bool has_any(const char *text, const char *characters)
{
	return strpbrk(text, characters);
}

/* Either a judge, or words: good when is_good(text, good), else usable; without is_good: good. */
static const struct item {
	const char *title;
	void (*judge)(const struct doctor_host *h, const struct doctor_limits *l,
		      struct doctor_row *row);
	bool (*is_good)(const char *text, const char *good);
	const char *good;
	const char *change;    /* of words that are not good */
	const char *if_absent; /* what to change where it is unavailable */
	bool must;	       /* unavailable is unfit */
} items[DOCTOR_ITEMS] = {
	[DOCTOR_CORES] = { .title = "cores", .judge = cores },
	[DOCTOR_ISOLATED] = { .title = "isolated cores",
			      .is_good = has_any,
			      .good = "0123456789",
			      .change = "isolcpus=domain,managed_irq,1 nohz_full=1 on the kernel's "
					"command line, for the subject's core" },
	[DOCTOR_SMT] = { .title = "SMT siblings", .judge = smt },
	[DOCTOR_HYPERVISOR] = { .title = "hypervisor",
				.is_good = has,
				.good = "no sign",
				.change = "a machine of one's own: a VM shares caches and cores "
					  "with neighbours it cannot see" },
	[DOCTOR_STEAL] = { .title = "steal", .judge = steal },
	[DOCTOR_FOREIGN] = { .title = "foreign load", .judge = foreign },
	[DOCTOR_LOAD] = { .title = "load average", .judge = load },
	[DOCTOR_PRESSURE] = { .title = "pressure",
			      .judge = pressure,
			      .if_absent = "psi=1 on the kernel's command line" },
	[DOCTOR_MEMORY] = { .title = "memory", .judge = memory },
	[DOCTOR_SWAP] = { .title = "swap", .judge = swap },
	[DOCTOR_GOVERNOR] = { .title = "governor",
			      .is_good = has,
			      .good = "performance",
			      .change = "cpupower frequency-set -g performance" },
	[DOCTOR_TURBO] = { .title = "turbo",
			   .is_good = has,
			   .good = "off",
			   .change = "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo, or "
				     "echo 0 > /sys/devices/system/cpu/cpufreq/boost" },
	[DOCTOR_THP] = { .title = "transparent huge pages",
			 .is_good = lacks,
			 .good = "[always]",
			 .change = "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled" },
	/*
	 * On is good: each run then has another layout, and none can favour a side for a
	 * whole session (Mytkowicz et al., "Producing Wrong Data Without Doing Anything
	 * Obviously Wrong!", ASPLOS 2009).
	 */
	[DOCTOR_ASLR] = { .title = "ASLR",
			  .is_good = has,
			  .good = "full",
			  .change = "sysctl kernel.randomize_va_space=2" },
	[DOCTOR_CLOCKSOURCE] = { .title = "clock source",
				 .is_good = is_among,
				 .good = "tsc kvm-clock hyperv_clocksource_tsc_page "
					 "arch_sys_counter",
				 .change = "echo tsc > /sys/devices/system/clocksource/"
					   "clocksource0/current_clocksource" },
	[DOCTOR_CLOCK] = { .title = "clock reading", .judge = clock_reading },
	[DOCTOR_WAKEUPS] = { .title = "wake-up of sleepers", .judge = wakeups },
	[DOCTOR_RT] = { .title = "RT throttling", .judge = rt },
	[DOCTOR_EBPF] = { .title = "eBPF",
			  .if_absent = "run as root on a kernel with CONFIG_DEBUG_INFO_BTF" },
	[DOCTOR_PERF] = { .title = "hardware counters",
			  .if_absent = "a machine, or a VM with a virtual PMU; or sysctl "
				       "kernel.perf_event_paranoid=1" },
	[DOCTOR_NOFILE] = { .title = "limit of open files", .judge = nofile },
	[DOCTOR_MEMLOCK] = { .title = "limit of locked memory", .judge = memlock },
	[DOCTOR_REDIS] = { .title = "Redis",
			   .if_absent = "apt install redis-server",
			   .must = true },
	[DOCTOR_INFLUX] = { .title = "InfluxDB", .if_absent = "apt install influxdb" },
	[DOCTOR_VICTORIA] = { .title = "VictoriaMetrics",
			      .if_absent = "apt install victoria-metrics" },
	[DOCTOR_PYTHON] = { .title = "Python", .if_absent = "apt install python3" },
	[DOCTOR_GNUPLOT] = { .title = "gnuplot", .if_absent = "apt install gnuplot-nox" },
	[DOCTOR_HYPERFINE] = { .title = "hyperfine", .if_absent = "apt install hyperfine" },
	[DOCTOR_VALGRIND] = { .title = "valgrind", .if_absent = "apt install valgrind" },
	[DOCTOR_LEFTOVERS] = { .title = "left by earlier sessions", .judge = leftovers },
	[DOCTOR_DISK] = { .title = "disk space for reports", .judge = disk },
	[DOCTOR_TMP] = { .title = "disk space for servers", .judge = tmp },
	[DOCTOR_NOISE] = { .title = "noise score", .judge = noise },
};

static void words(const struct doctor_host *h, const struct item *item, struct doctor_row *row)
{
	const char *text = h->text[row->id];

	found(row, "%s", text);
	judge(row, !item->is_good || item->is_good(text, item->good) ? DOCTOR_GOOD : DOCTOR_USABLE,
	      item->change);
}

static void unavailable(const struct doctor_host *h, const struct item *item,
			struct doctor_row *row)
{
	found(row, "%s", h->why[row->id]);
	judge(row, item->must ? DOCTOR_UNFIT : DOCTOR_UNAVAILABLE,
	      item->if_absent ? item->if_absent : "");
}

void doctor_judge(const struct doctor_host *h, const struct doctor_limits *limits,
		  struct doctor_report *out)
{
	memset(out, 0, sizeof(*out));
	out->noise_score_pct = NAN;
	for (enum doctor_item i = 0; i < DOCTOR_ITEMS; i++) {
		struct doctor_row *row = &out->rows[out->n];

		if (!doctor_asked(h, i))
			continue;
		row->id = i;
		row->item = items[i].title;
		if (h->why[i][0])
			unavailable(h, &items[i], row);
		else if (items[i].judge)
			items[i].judge(h, limits, row);
		else
			words(h, &items[i], row);
		out->unfit += row->verdict == DOCTOR_UNFIT;
		out->n++;
	}
	if (doctor_asked(h, DOCTOR_NOISE) && !h->why[DOCTOR_NOISE][0])
		out->noise_score_pct = noise_score_pct(&h->noise);
}

/* ---- printing ---------------------------------------------------------------------- */

void doctor_write_text(const struct doctor_report *r, struct buf *out)
{
	buf_printf(out, "%-24s  %-11s  %s\n", "item", "verdict", "found; -> what to change");
	for (size_t i = 0; i < r->n; i++) {
		const struct doctor_row *row = &r->rows[i];

		buf_printf(out, "%-24s  %-11s  %s\n", row->item, doctor_verdict_names[row->verdict],
			   row->found);
		if (row->change[0])
			buf_printf(out, "%-24s  %-11s  -> %s\n", "", "", row->change);
	}
	if (!isnan(r->noise_score_pct))
		buf_printf(
			out,
			"\nnoise score %.2f %%: the spread of a fixed piece of work of a few "
			"milliseconds (interquartile range / 1.349,\nin %% of the median; the worst "
			"of three pieces). Two programs that differ by less than about 4 times that, "
			"divided by\nthe square root of the number of pairs, will not be told apart "
			"in runs as short; longer runs average more out.\n",
			r->noise_score_pct);
	if (r->unfit)
		buf_printf(out, "\nThis host is unfit to measure: %zu reason%s.\n", r->unfit,
			   r->unfit == 1 ? "" : "s");
	else
		buf_add_str(out, "\nThis host is fit to measure.\n");
}

static void add_member(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	buf_add_json_string(out, text, strlen(text));
}

void doctor_write_json(const struct doctor_report *r, struct buf *out)
{
	buf_printf(out,
		   "{\"format\":\"seclyzer-bench-doctor\",\"version\":1,\"verdict\":\"%s\","
		   "\"noise_score_pct\":",
		   r->unfit ? "unfit" : "fit");
	if (isnan(r->noise_score_pct))
		buf_add_str(out, "null");
	else
		buf_add_double(out, r->noise_score_pct);
	buf_add_str(out, ",\"rows\":[");
	for (size_t i = 0; i < r->n; i++) {
		const struct doctor_row *row = &r->rows[i];

		buf_add_str(out, i ? ",\n{\"item\":" : "\n{\"item\":");
		buf_add_json_string(out, row->item, strlen(row->item));
		add_member(out, "found", row->found);
		add_member(out, "verdict", doctor_verdict_names[row->verdict]);
		add_member(out, "change", row->change);
		buf_add_char(out, '}');
	}
	buf_add_str(out, "]}\n");
}

void doctor_write_reasons(const struct doctor_report *r, struct buf *out)
{
	const char *between = "";

	for (size_t i = 0; i < r->n; i++)
		if (r->rows[i].verdict == DOCTOR_UNFIT) {
			buf_printf(out, "%s%s: %s", between, r->rows[i].item, r->rows[i].found);
			between = "; ";
		}
}
