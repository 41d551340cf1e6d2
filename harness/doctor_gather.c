/* Looking at the host; see doctor_gather.h.  A row of `finders` an item. */
#include "harness/doctor_gather.h"

#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/num.h"
#include "harness/env.h"
#include "harness/file.h"
#include "harness/procfs_parse.h"

#define SMALL_MAX    65536
#define LOOKS_MAX    4
#define QUICK_NS     (300 * NS_PER_MS)
#define FULL_NS	     (2 * NS_PER_S)
#define PING_PONG_NS (500 * NS_PER_MS)
#define LEAST	     20 /* repetitions: quartiles of five a side */
#define WAKEUPS	     500
#define INTERVAL_NS  (2 * NS_PER_MS)
/* What a session's private directories are called: session.c. */
#define DIR_PREFIX "seclyzer-bench-"

struct look {
	const struct doctor_conf *conf;
	struct env_conf env;
	struct cpus cpus;
};

static void say(char to[DOCTOR_TEXT_MAX], const char *fmt, ...) PRINTF(2, 3);
static void say(char to[DOCTOR_TEXT_MAX], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(to, DOCTOR_TEXT_MAX, fmt, ap);
	va_end(ap);
}

/* A fact of the host as it is. */
static void env_text(struct doctor_host *h, const struct look *look, enum doctor_item item,
		     const char *key)
{
	struct err e = ERR_INIT;
	struct buf text = { 0 };

	if (env_find(&look->env, key, &text, &e))
		say(h->why[item], "%s", e.text);
	else
		say(h->text[item], "%s", buf_str(&text));
	buf_release(&text);
}

/* A whole number in a file. */
static bool number_of(const char *path, int64_t *out, char why[DOCTOR_TEXT_MAX])
{
	struct err e = ERR_INIT;
	struct buf text = { 0 };
	bool ok = !file_read(path, SMALL_MAX, &text, &e);

	if (!ok)
		say(why, "%s", e.text);
	while (text.len && text.data[text.len - 1] == '\n')
		text.len--;
	if (ok && !num_parse_i64(buf_str(&text), out)) {
		say(why, "%s holds no whole number", path);
		ok = false;
	}
	buf_release(&text);
	return ok;
}

static void cores(struct doctor_host *h, const struct look *look, enum doctor_item item,
		  const char *arg UNUSED)
{
	struct buf text = { 0 };

	h->cores_online = (int)sysconf(_SC_NPROCESSORS_ONLN);
	h->cores_allowed = look->cpus.n;
	cpus_write(&look->cpus, &text);
	say(h->text[item], "%s", buf_str(&text));
	buf_release(&text);
}

static void siblings(struct doctor_host *h, const struct look *look, enum doctor_item item,
		     const char *arg UNUSED)
{
	char path[96];
	struct err e = ERR_INIT;
	struct buf text = { 0 };
	size_t cpu = 0;

	while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &look->cpus.subject))
		cpu++;
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%zu/topology/thread_siblings_list",
		 cpu);
	if (file_read(path, SMALL_MAX, &text, &e))
		say(h->why[item], "%s", e.text);
	else
		say(h->text[item], "%.*s", (int)strcspn(buf_str(&text), "\n"), text.data);
	buf_release(&text);
}

/* ---- load, looked at while the noise score works ---------------------------------------- */

static void ask(struct doctor_host *h, enum doctor_item item)
{
	h->asked |= UINT64_C(1) << item;
}

static void add_noise(struct doctor_host *h, const struct look *look, unsigned int mask,
		      int64_t min_ns)
{
	struct err e = ERR_INIT;

	if (noise_score_measure(&look->cpus, mask, LEAST, min_ns, &h->noise, &e))
		say(h->why[DOCTOR_NOISE], "%s", e.text);
}

static void one_look(struct doctor_host *h, const struct look *look)
{
	struct host_load before, after;
	int64_t ours_ns = host_load_own_cpu_ns();

	host_load_take(&before);
	add_noise(h, look, NOISE_BIT(NOISE_BUSY) | NOISE_BIT(NOISE_MEMORY),
		  look->conf->depth == DOCTOR_QUICK ? QUICK_NS : FULL_NS);
	host_load_take(&after);
	host_load_between(&before, &after, host_load_own_cpu_ns() - ours_ns, &h->load);
	h->tick_frac = 1 / (h->load.seconds * (double)sysconf(_SC_CLK_TCK) *
			    (h->cores_online > 0 ? h->cores_online : 1));
	h->load_average = after.has_average ? after.average.one : NAN;
}

static bool over_limit(const struct doctor_host *h, const struct doctor_limits *l)
{
	return h->load.steal_frac - h->tick_frac > l->steal_frac ||
	       h->load.foreign_frac - h->tick_frac > l->foreign_frac;
}

static void missing(struct doctor_host *h, enum doctor_item item, bool is_missing, const char *why)
{
	if (is_missing)
		say(h->why[item], "%s", why);
}

static void load(struct doctor_host *h, const struct look *look, enum doctor_item item UNUSED,
		 const char *arg UNUSED)
{
	static const enum doctor_item also[] = { DOCTOR_STEAL, DOCTOR_FOREIGN, DOCTOR_LOAD,
						 DOCTOR_PRESSURE };
	bool no_pressure = false;

	add_noise(h, look, NOISE_BIT(NOISE_PING_PONG),
		  look->conf->depth == DOCTOR_QUICK ? 0 : PING_PONG_NS);
	do {
		h->looks++;
		one_look(h, look);
	} while (look->conf->depth == DOCTOR_QUICK && over_limit(h, &look->conf->limits) &&
		 h->looks < LOOKS_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(also); i++)
		ask(h, also[i]);
	for (enum host_pressure i = 0; i < PRESSURES; i++)
		no_pressure |= isnan(h->load.pressure_frac[i]);
	missing(h, DOCTOR_STEAL, isnan(h->load.steal_frac), "/proc/stat cannot be read");
	missing(h, DOCTOR_FOREIGN, isnan(h->load.foreign_frac), "/proc/stat cannot be read");
	missing(h, DOCTOR_LOAD, isnan(h->load_average), "/proc/loadavg cannot be read");
	missing(h, DOCTOR_PRESSURE, no_pressure, "/proc/pressure cannot be read");
}

/* ---- memory, disk, limits ------------------------------------------------------------------ */

static void memory(struct doctor_host *h, const struct look *look UNUSED,
		   enum doctor_item item UNUSED, const char *arg UNUSED)
{
	struct procfs_meminfo m = { 0 };
	struct buf text = { 0 };
	bool ok = !file_read("/proc/meminfo", SMALL_MAX, &text, NULL) &&
		  procfs_parse_meminfo(text.data, text.len, &m);

	buf_release(&text);
	ask(h, DOCTOR_SWAP);
	missing(h, DOCTOR_MEMORY, !ok, "/proc/meminfo cannot be read");
	missing(h, DOCTOR_SWAP, !ok, "/proc/meminfo cannot be read");
	h->available_bytes = m.available_bytes;
	h->swap_used_bytes = m.swap_total_bytes - m.swap_free_bytes;
}

static bool free_bytes(const char *path, int64_t *out)
{
	struct statvfs v;

	if (statvfs(path, &v))
		return false;
	*out = (int64_t)v.f_bavail * (int64_t)v.f_frsize;
	return true;
}

/* Where reports go need not exist yet: then what is above it counts. */
static void disk(struct doctor_host *h, const struct look *look, enum doctor_item item,
		 const char *arg UNUSED)
{
	char *path = h->text[item], *slash;

	say(h->text[item], "%s", look->conf->out);
	while (!free_bytes(path, &h->disk_free_bytes)) {
		slash = strrchr(path, '/');
		if (errno != ENOENT || (slash ? slash == path : !strcmp(path, "."))) {
			say(h->why[item], "%s: %s", look->conf->out, strerror(errno));
			return;
		}
		if (slash)
			*slash = '\0';
		else
			say(h->text[item], ".");
	}
}

static void tmp(struct doctor_host *h, const struct look *look UNUSED, enum doctor_item item,
		const char *arg UNUSED)
{
	const char *dir = getenv("TMPDIR");

	say(h->text[item], "%s", dir && *dir ? dir : "/tmp");
	if (!free_bytes(h->text[item], &h->tmp_free_bytes))
		say(h->why[item], "%s: %s", h->text[item], strerror(errno));
}

static int64_t soft_limit(int resource)
{
	struct rlimit r;

	if (getrlimit((__rlimit_resource_t)resource, &r) || r.rlim_cur == RLIM_INFINITY ||
	    r.rlim_cur > INT64_MAX)
		return INT64_MAX;
	return (int64_t)r.rlim_cur;
}

static void limits(struct doctor_host *h, const struct look *look UNUSED,
		   enum doctor_item item UNUSED, const char *arg UNUSED)
{
	ask(h, DOCTOR_MEMLOCK);
	h->nofile = soft_limit(RLIMIT_NOFILE);
	h->memlock_bytes = soft_limit(RLIMIT_MEMLOCK);
}

static void rt(struct doctor_host *h, const struct look *look UNUSED, enum doctor_item item,
	       const char *arg UNUSED)
{
	if (number_of("/proc/sys/kernel/sched_rt_runtime_us", &h->rt_runtime_us, h->why[item]))
		(void)!number_of("/proc/sys/kernel/sched_rt_period_us", &h->rt_period_us,
				 h->why[item]);
}

/* ---- clocks ---------------------------------------------------------------------------------- */

static void clock_reading(struct doctor_host *h, const struct look *look UNUSED,
			  enum doctor_item item UNUSED, const char *arg UNUSED)
{
	clock_check_read(&h->clock);
}

static void wakeups(struct doctor_host *h, const struct look *look UNUSED,
		    enum doctor_item item UNUSED, const char *arg UNUSED)
{
	h->timer_slack_ns = prctl(PR_GET_TIMERSLACK);
	clock_check_wakeups(WAKEUPS, INTERVAL_NS, &h->wakeups);
}

static void turbo(struct doctor_host *h, const struct look *look UNUSED, enum doctor_item item,
		  const char *arg UNUSED)
{
	int64_t v;
	char why[DOCTOR_TEXT_MAX];

	if (number_of("/sys/devices/system/cpu/intel_pstate/no_turbo", &v, why))
		say(h->text[item], "%s", v ? "off" : "on");
	else if (number_of("/sys/devices/system/cpu/cpufreq/boost", &v, why))
		say(h->text[item], "%s", v ? "on" : "off");
	else
		say(h->why[item], "the kernel does not steer it here (neither intel_pstate nor "
				  "cpufreq/boost)");
}

/* ---- what the kernel lets us look with ---------------------------------------------------------- */

/* A map of one element shows that bpf(2) is there and allowed to us; type formats come with BTF. */
static void ebpf(struct doctor_host *h, const struct look *look UNUSED, enum doctor_item item,
		 const char *arg UNUSED)
{
	union bpf_attr attr;
	long fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = 1;
	fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		say(h->why[item], "bpf(2): %s", strerror(errno));
	else if (access("/sys/kernel/btf/vmlinux", R_OK))
		say(h->why[item], "no BTF of the kernel: /sys/kernel/btf/vmlinux: %s",
		    strerror(errno));
	else
		say(h->text[item], "allowed, the kernel has BTF");
	if (fd >= 0)
		close((int)fd);
}

static void perf(struct doctor_host *h, const struct look *look UNUSED, enum doctor_item item,
		 const char *arg UNUSED)
{
	struct perf_event_attr attr;
	long fd;

	memset(&attr, 0, sizeof(attr));
	attr.size = sizeof(attr);
	attr.type = PERF_TYPE_HARDWARE;
	attr.config = PERF_COUNT_HW_INSTRUCTIONS;
	attr.exclude_kernel = 1;
	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		say(h->why[item], "perf_event_open(2): %s", strerror(errno));
	else
		say(h->text[item], "instructions can be counted");
	if (fd >= 0)
		close((int)fd);
}

/* ---- programs and leftovers ------------------------------------------------------------------- */

static void redis(struct doctor_host *h, const struct look *look, enum doctor_item item,
		  const char *arg)
{
	const char *url = getenv("REDIS_URL");

	if (url && *url)
		say(h->text[item], "an existing one, by REDIS_URL");
	else
		env_text(h, look, item, arg);
}

static void add_leftover(struct doctor_host *h, const char *what, const char *name)
{
	h->leftovers++;
	say(h->text[DOCTOR_LEFTOVERS], "%s %.200s", what, name);
}

static void left_directories(struct doctor_host *h)
{
	const char *tmpdir = getenv("TMPDIR");
	DIR *d = opendir(tmpdir && *tmpdir ? tmpdir : "/tmp");

	for (struct dirent *f; d && (f = readdir(d));)
		if (!strncmp(f->d_name, DIR_PREFIX, strlen(DIR_PREFIX)))
			add_leftover(h, "directory", f->d_name);
	if (d)
		closedir(d);
}

/* A server or subject that works in a session's directory has it on its command line. */
static void look_at_process(struct doctor_host *h, const char *pid)
{
	char path[64];
	struct buf line = { 0 };

	snprintf(path, sizeof(path), "/proc/%.20s/cmdline", pid);
	if (!file_read(path, 1 << 20, &line, NULL) &&
	    memmem(line.data, line.len, "/" DIR_PREFIX, strlen("/" DIR_PREFIX)))
		add_leftover(h, "process", pid);
	buf_release(&line);
}

static void leftovers(struct doctor_host *h, const struct look *look UNUSED,
		      enum doctor_item item UNUSED, const char *arg UNUSED)
{
	DIR *d = opendir("/proc");

	left_directories(h);
	for (struct dirent *f; d && (f = readdir(d));)
		if (f->d_name[0] >= '1' && f->d_name[0] <= '9')
			look_at_process(h, f->d_name);
	if (d)
		closedir(d);
}

/* `load` and `memory` and `limits` answer for several items. */
static const struct finder {
	void (*find)(struct doctor_host *h, const struct look *look, enum doctor_item item,
		     const char *arg);
	const char *arg;
	bool quick;
} finders[DOCTOR_ITEMS] = {
	[DOCTOR_CORES] = { cores, NULL, true },
	[DOCTOR_ISOLATED] = { env_text, "host.isolated_cpus", false },
	[DOCTOR_SMT] = { siblings, NULL, false },
	[DOCTOR_HYPERVISOR] = { env_text, "host.hypervisor", false },
	[DOCTOR_MEMORY] = { memory, NULL, true },
	[DOCTOR_GOVERNOR] = { env_text, "host.governor", false },
	[DOCTOR_TURBO] = { turbo, NULL, false },
	[DOCTOR_THP] = { env_text, "host.transparent_hugepages", false },
	[DOCTOR_ASLR] = { env_text, "host.aslr", false },
	[DOCTOR_CLOCKSOURCE] = { env_text, "host.clocksource", false },
	[DOCTOR_CLOCK] = { clock_reading, NULL, true },
	[DOCTOR_WAKEUPS] = { wakeups, NULL, false },
	[DOCTOR_RT] = { rt, NULL, false },
	[DOCTOR_EBPF] = { ebpf, NULL, false },
	[DOCTOR_PERF] = { perf, NULL, false },
	[DOCTOR_NOFILE] = { limits, NULL, false },
	[DOCTOR_REDIS] = { redis, "version.redis", false },
	[DOCTOR_INFLUX] = { env_text, "version.influxdb", false },
	[DOCTOR_VICTORIA] = { env_text, "version.victoria_metrics", false },
	[DOCTOR_PYTHON] = { env_text, "version.python", false },
	[DOCTOR_GNUPLOT] = { env_text, "version.gnuplot", false },
	[DOCTOR_HYPERFINE] = { env_text, "version.hyperfine", false },
	[DOCTOR_VALGRIND] = { env_text, "version.valgrind", false },
	[DOCTOR_LEFTOVERS] = { leftovers, NULL, false },
	[DOCTOR_DISK] = { disk, NULL, true },
	[DOCTOR_TMP] = { tmp, NULL, true },
	[DOCTOR_NOISE] = { load, NULL, true },
};

void doctor_gather(struct doctor_host *h, const struct doctor_conf *conf)
{
	struct look look = { .conf = conf,
			     .env = { .root = conf->root, .python = "/usr/bin/python3" } };

	memset(h, 0, sizeof(*h));
	cpus_assign(&look.cpus);
	for (enum doctor_item i = 0; i < DOCTOR_ITEMS; i++) {
		const struct finder *f = &finders[i];

		if (!f->find || (conf->depth == DOCTOR_QUICK && !f->quick))
			continue;
		ask(h, i);
		f->find(h, &look, i, f->arg);
	}
}

bool doctor_is_fit(const struct doctor_conf *conf, struct buf *reasons, double *noise_score_pct)
{
	struct doctor_host *h = mem_calloc(1, sizeof(*h));
	struct doctor_report *r = mem_calloc(1, sizeof(*r));
	bool fit;

	doctor_gather(h, conf);
	doctor_judge(h, &conf->limits, r);
	for (size_t i = 0; i < r->n; i++)
		if (r->rows[i].verdict == DOCTOR_UNFIT)
			log_error("host unfit: %s: %s; %s", r->rows[i].item, r->rows[i].found,
				  r->rows[i].change);
	doctor_write_reasons(r, reasons);
	*noise_score_pct = r->noise_score_pct;
	fit = !r->unfit;
	free(h);
	free(r);
	return fit;
}
