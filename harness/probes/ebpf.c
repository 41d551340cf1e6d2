/*
 * The eBPF probe, the side in user space: loads, watches, adds up; see ebpf.h.
 *
 * The programs are sched.bpf.c, what they write is explained in sched_rows.h.  The
 * object belongs to the program, not to a handle, hence the one static struct.
 */
#include "harness/probes/ebpf.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/probes/bpf_host.h"
#include "harness/probes/sched_rows.h"

#include "sched.skel.h"

#define UNSEEN_MAX_PCT 5

static struct {
	struct sched_bpf *skel; /* NULL: not loaded */
	unsigned holders;
	struct sched_row *rows; /* one a possible CPU */
	size_t cpus, rows_bytes;
	bool has_faults;
	unsigned
		next; /* where the search for a free slot begins: the one that is free for longest */
} shared;

struct probe {
	unsigned slot;
	int pidfd;
	uint64_t lost_before; /* waits, when the watch began */
};

/* ---- the object --------------------------------------------------------------------------- */

/* arm64 has no tracepoints for page faults; the rest works without them. */
static void choose_programs(struct sched_bpf *skel)
{
	struct btf *btf = btf__load_vmlinux_btf();

	shared.has_faults = btf && btf__find_by_name_kind(btf, "btf_trace_page_fault_user",
							  BTF_KIND_TYPEDEF) > 0;
	bpf_program__set_autoload(skel->progs.on_fault_user, shared.has_faults);
	bpf_program__set_autoload(skel->progs.on_fault_kernel, shared.has_faults);
	btf__free(btf);
}

static int map_rows(struct err *e)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *p;

	shared.rows_bytes = (shared.cpus * sizeof(*shared.rows) + page - 1) / page * page;
	p = mmap(NULL, shared.rows_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
		 bpf_map__fd(shared.skel->maps.rows), 0);
	if (p == MAP_FAILED)
		return err_set(e, -errno, "eBPF: mapping the counters: %s", strerror(errno));
	shared.rows = p;
	return 0;
}

static void unload(void)
{
	if (shared.rows)
		munmap(shared.rows, shared.rows_bytes);
	shared.rows = NULL;
	sched_bpf__destroy(shared.skel);
	shared.skel = NULL;
}

static int load(struct err *e)
{
	int cpus = libbpf_num_possible_cpus(), rc;

	if (cpus <= 0)
		return err_set(e, -EIO, "eBPF: how many CPUs there are is not known");
	shared.cpus = (size_t)cpus;
	shared.skel = sched_bpf__open();
	if (!shared.skel)
		return bpf_host_failed(errno, "opening the programs", e);
	choose_programs(shared.skel);
	rc = bpf_map__set_max_entries(shared.skel->maps.rows, (unsigned)cpus);
	rc = rc ? rc : sched_bpf__load(shared.skel);
	if (!rc)
		rc = sched_bpf__attach(shared.skel);
	rc = rc ? bpf_host_failed(-rc, "loading the programs", e) : map_rows(e);
	if (rc)
		unload();
	return rc;
}

int ebpf_hold(struct err *e)
{
	int rc = 0;

	if (!shared.holders) {
		rc = bpf_host_check(e);
		rc = rc ? rc : load(e);
	}
	shared.holders += !rc;
	return rc;
}

void ebpf_release(void)
{
	BUG_ON(!shared.holders);
	if (!--shared.holders)
		unload();
}

/* ---- the slots -------------------------------------------------------------------------- */

static int take_slot(unsigned *slot)
{
	for (unsigned i = 0; i < SCHED_SLOTS; i++) {
		*slot = (shared.next + i) % SCHED_SLOTS;
		if (!shared.skel->bss->watched[*slot]) {
			shared.next = *slot + 1;
			return 0;
		}
	}
	return -EBUSY;
}

static struct sched_counts *counts_of(size_t cpu, unsigned slot)
{
	return &shared.rows[cpu].slot[slot];
}

/* Who runs now came in before there was a watch; a CPU that is not there has nobody running. */
static int look_around(unsigned slot, struct err *e)
{
	int fd = bpf_program__fd(shared.skel->progs.look);

	__atomic_store_n(&shared.skel->bss->look_slot, slot, __ATOMIC_SEQ_CST);
	for (unsigned cpu = 0; cpu < shared.cpus; cpu++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .flags = BPF_F_TEST_RUN_ON_CPU, .cpu = cpu);
		int rc = bpf_prog_test_run_opts(fd, &opts);

		if (rc && rc != -ENXIO)
			return err_set(e, rc, "eBPF: looking at CPU %u: %s", cpu, strerror(-rc));
	}
	return 0;
}

static uint64_t load_u64(const unsigned long long *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static int watch(struct probe *p, pid_t pid, struct err *e)
{
	int rc = take_slot(&p->slot);

	if (rc)
		return err_set(e, rc, "eBPF: %d processes are watched already", SCHED_SLOTS);
	for (size_t cpu = 0; cpu < shared.cpus; cpu++)
		memset(counts_of(cpu, p->slot), 0, sizeof(struct sched_counts));
	__atomic_store_n(&shared.skel->bss->watched[p->slot], (unsigned)pid, __ATOMIC_SEQ_CST);
	rc = look_around(p->slot, e);
	p->lost_before = load_u64(&shared.skel->bss->waits_lost);
	return rc;
}

/* ---- the probe -------------------------------------------------------------------------- */

static bool ebpf_available(struct err *why)
{
	if (ebpf_hold(why))
		return false;
	ebpf_release();
	return true;
}

static void ebpf_close(struct probe *p)
{
	if (!p)
		return;
	__atomic_store_n(&shared.skel->bss->watched[p->slot], 0, __ATOMIC_SEQ_CST);
	close(p->pidfd);
	free(p);
	ebpf_release();
}

static int ebpf_open(struct probe **out, pid_t pid, struct err *e)
{
	struct probe *p;
	int rc, pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (pidfd < 0)
		return err_set(e, -errno, "process %d: %s", (int)pid, strerror(errno));
	rc = ebpf_hold(e);
	if (rc) {
		close(pidfd);
		return rc;
	}
	p = mem_calloc(1, sizeof(*p));
	p->pidfd = pidfd;
	rc = watch(p, pid, e);
	if (rc == -EBUSY) { /* then its slot is somebody else's */
		close(pidfd);
		free(p);
		ebpf_release();
	} else if (rc) {
		ebpf_close(p);
	} else {
		*out = p;
	}
	return rc;
}

#define COLUMN(metric, member)                                \
	{                                                     \
		metric, offsetof(struct sched_counts, member) \
	}

static const struct {
	enum probe_metric metric;
	size_t offset;
} columns[] = {
	COLUMN(PROBE_EBPF_CPU_NS, on_cpu_ns),
	COLUMN(PROBE_EBPF_RUNQ_WAIT_NS, runq_wait_ns),
	COLUMN(PROBE_EBPF_TIMESLICES, timeslices),
	COLUMN(PROBE_EBPF_VOL_SWITCHES, voluntary),
	COLUMN(PROBE_EBPF_INVOL_SWITCHES, involuntary),
	COLUMN(PROBE_WAKEUPS, wakeups),
	COLUMN(PROBE_EBPF_FAULTS, faults),
	COLUMN(PROBE_EBPF_UNSEEN, unseen),
};

/* Each counter by one load: the kernel goes on writing. */
static void copy_counts(const struct sched_counts *from, struct sched_counts *to)
{
	to->on_cpu_ns = __atomic_load_n(&from->on_cpu_ns, __ATOMIC_RELAXED);
	if (to->on_cpu_ns < 0)
		to->on_cpu_ns += clock_mono_ns();
	to->runq_wait_ns = load_u64(&from->runq_wait_ns);
	to->timeslices = load_u64(&from->timeslices);
	to->voluntary = load_u64(&from->voluntary);
	to->involuntary = load_u64(&from->involuntary);
	to->wakeups = load_u64(&from->wakeups);
	to->faults = load_u64(&from->faults);
	to->unseen = load_u64(&from->unseen);
	to->torn = load_u64(&from->torn);
}

static void add_up(const struct probe *p, struct sched_counts *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (size_t cpu = 0; cpu < shared.cpus; cpu++) {
		struct sched_counts c;

		copy_counts(counts_of(cpu, p->slot), &c);
		sum->on_cpu_ns += c.on_cpu_ns;
		sum->runq_wait_ns += c.runq_wait_ns;
		sum->timeslices += c.timeslices;
		sum->voluntary += c.voluntary;
		sum->involuntary += c.involuntary;
		sum->wakeups += c.wakeups;
		sum->faults += c.faults;
		sum->unseen += c.unseen;
		sum->torn += c.torn;
	}
}

static bool too_many_unseen(const struct sched_counts *sum)
{
	return sum->unseen > 1 && (sum->unseen - 1) * 100 > sum->timeslices * UNSEEN_MAX_PCT;
}

/* Why a metric has no value, in `out`: a sum that lacks a part that counts is none. */
static bool lacks(const struct probe *p, const struct sched_counts *sum, enum probe_metric m,
		  char out[PROBE_REASON_MAX])
{
	bool timed = m == PROBE_EBPF_CPU_NS || m == PROBE_EBPF_RUNQ_WAIT_NS;
	uint64_t lost = load_u64(&shared.skel->bss->waits_lost) - p->lost_before;

	if (timed && sum->torn)
		snprintf(out, PROBE_REASON_MAX, "eBPF: the end of %llu slices was not seen",
			 sum->torn);
	else if (m == PROBE_EBPF_RUNQ_WAIT_NS && too_many_unseen(sum))
		snprintf(out, PROBE_REASON_MAX,
			 "eBPF: the beginning of %llu of %llu slices was not seen", sum->unseen,
			 sum->timeslices);
	else if (m == PROBE_EBPF_RUNQ_WAIT_NS && lost)
		snprintf(out, PROBE_REASON_MAX, "eBPF: %llu waits were lost",
			 (unsigned long long)lost);
	else if (m == PROBE_EBPF_FAULTS && !shared.has_faults)
		snprintf(out, PROBE_REASON_MAX,
			 "eBPF: this kernel has no tracepoint for page faults");
	else
		return false;
	return true;
}

/* Signed or not makes no difference: what is below 0 was made whole by copy_counts(). */
static int64_t value_at(const struct sched_counts *c, size_t offset)
{
	int64_t v;

	memcpy(&v, (const char *)c + offset, sizeof(v));
	return v;
}

static bool has_ended(const struct probe *p)
{
	struct pollfd fd = { .fd = p->pidfd, .events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

static int ebpf_sample(struct probe *p, uint64_t want, struct probe_sample *s)
{
	int64_t begin_ns = clock_mono_ns();
	struct sched_counts sum;
	char why[PROBE_REASON_MAX];

	if (!s->at_ns)
		s->at_ns = begin_ns;
	add_up(p, &sum);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		enum probe_metric m = columns[i].metric;

		if (!(want & PROBE_BIT(m)))
			continue;
		if (lacks(p, &sum, m, why))
			probe_miss(s, m, "%s", why);
		else
			probe_set(s, m, value_at(&sum, columns[i].offset));
	}
	s->cost_ns += clock_mono_ns() - begin_ns;
	return has_ended(p) ? -ESRCH : 0;
}

const struct probe_ops ebpf_probe = { "ebpf", ebpf_available, ebpf_open, ebpf_sample, ebpf_close };
