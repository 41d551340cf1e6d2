/*
 * The scheduler's events of the watched processes, in the kernel; see sched_rows.h, ebpf.h.
 *
 * Every switch and wakeup of the whole machine passes here, so who is not watched
 * must be dismissed first and cheaply: the watched process numbers are eight words
 * of global data, compared in line.  Arrays only: a hash map costs three times as much.
 * The tracepoints run with interrupts off (sched_switch under the run queue's lock,
 * sched_wakeup under the task's), so that the counters of a CPU need no atomics.
 * Source: kernel/sched/core.c, __schedule() and try_to_wake_up().
 */
#include "harness/probes/kernel_types.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "harness/probes/sched_rows.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* ebpf.c: possible CPUs */
	__type(key, __u32);
	__type(value, struct sched_row);
} rows SEC(".maps");

/* Written by ebpf.c. */
__u32 watched[SCHED_SLOTS]; /* process numbers; 0: free */
__u32 look_slot;	    /* whose running threads look() is to find */

struct waiting waiting[SCHED_QUEUE];
__u64 waits_lost;

static __always_inline int slot_of(__u32 tgid)
{
	if (!tgid) /* the idle task: half of all switches */
		return -1;
#pragma unroll
	for (int i = 0; i < SCHED_SLOTS; i++)
		if (watched[i] == tgid)
			return i;
	return -1;
}

/* The barrier keeps the mask in the code: the verifier does not see what the compiler proves. */
static __always_inline struct sched_counts *counts_of(struct sched_row *row, int slot)
{
	barrier_var(slot);
	return &row->slot[slot & (SCHED_SLOTS - 1)];
}

static __always_inline struct sched_row *this_row(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&rows, &cpu);
}

static __always_inline void wait_begins(struct task_struct *p, __u64 now_ns)
{
	__u32 pid = p->pid;
	struct waiting *w = &waiting[pid % SCHED_QUEUE];

	/* Left behind by a process that is not watched any more: nobody misses it. */
	if (w->since_ns && w->pid != pid && slot_of(w->tgid) >= 0)
		waits_lost++;
	w->pid = pid;
	w->tgid = p->tgid;
	w->since_ns = now_ns;
}

/* Did it wait until then, as far as was seen?  Since when, in *since_ns. */
static __always_inline bool wait_ends(struct task_struct *p, __u64 *since_ns)
{
	__u32 pid = p->pid;
	struct waiting *w = &waiting[pid % SCHED_QUEUE];

	*since_ns = w->since_ns;
	if (!*since_ns || w->pid != pid)
		return false;
	w->since_ns = 0;
	return true;
}

/*
 * A slice ends whose beginning was not seen.  Its length is the scheduler's own account,
 * which is up to date here.  Who is not known to have waited was asleep, so
 * there was a wakeup that was not seen either.
 */
static __always_inline void unseen_slice(struct sched_counts *c, struct task_struct *prev,
					 __u64 now_ns)
{
	__u64 slice_ns = prev->se.sum_exec_runtime - prev->se.prev_sum_exec_runtime, since_ns;

	c->on_cpu_ns += (long long)slice_ns;
	c->unseen++;
	c->timeslices++;
	if (!wait_ends(prev, &since_ns))
		c->wakeups++;
	else if (now_ns - slice_ns > since_ns)
		c->runq_wait_ns += now_ns - slice_ns - since_ns;
}

static __always_inline void switch_out(struct sched_counts *c, struct task_struct *prev,
				       bool voluntary, __u64 now_ns)
{
	if (c->on_cpu_ns < 0) {
		c->on_cpu_ns += (long long)now_ns;
	} else {
		unseen_slice(c, prev, now_ns);
	}
	if (voluntary) {
		c->voluntary++;
	} else {
		c->involuntary++;
		wait_begins(prev, now_ns);
	}
}

static __always_inline void switch_in(struct sched_counts *c, struct task_struct *next,
				      __u64 now_ns)
{
	__u64 since_ns;

	if (c->on_cpu_ns >= 0)
		c->on_cpu_ns -= (long long)now_ns;
	else
		c->torn++;
	c->timeslices++;
	if (wait_ends(next, &since_ns))
		c->runq_wait_ns += now_ns - since_ns;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next,
	     unsigned int prev_state)
{
	int out = slot_of(prev->tgid), in = slot_of(next->tgid);
	struct sched_row *row;
	__u64 now_ns;

	if (out < 0 && in < 0)
		return 0;
	row = this_row();
	if (!row)
		return 0;
	now_ns = bpf_ktime_get_ns();
	if (out >= 0)
		switch_out(counts_of(row, out), prev, !preempt && prev_state, now_ns);
	if (in >= 0)
		switch_in(counts_of(row, in), next, now_ns);
	return 0;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(on_wakeup, struct task_struct *p)
{
	int slot = slot_of(p->tgid);
	struct sched_row *row;

	/* Still on a CPU: it was about to sleep and goes on instead. */
	if (slot < 0 || p->on_cpu)
		return 0;
	row = this_row();
	if (!row)
		return 0;
	counts_of(row, slot)->wakeups++;
	wait_begins(p, bpf_ktime_get_ns());
	return 0;
}

/* A new thread waits for its first turn; it has not slept, so this is no wakeup. */
SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(on_wakeup_new, struct task_struct *p)
{
	if (slot_of(p->tgid) >= 0)
		wait_begins(p, bpf_ktime_get_ns());
	return 0;
}

/* Unlike the scheduler's, these run with interrupts on: hence the atomic addition. */
static __always_inline int fault(void)
{
	int slot = slot_of(bpf_get_current_pid_tgid() >> 32);
	struct sched_row *row = slot < 0 ? (void *)0 : this_row();

	if (row)
		__sync_fetch_and_add(&counts_of(row, slot)->faults, 1);
	return 0;
}

SEC("tp_btf/page_fault_user")
int BPF_PROG(on_fault_user)
{
	return fault();
}

/* The kernel touches user memory, as in read(); kernel addresses are the upper half. */
SEC("tp_btf/page_fault_kernel")
int BPF_PROG(on_fault_kernel, unsigned long address)
{
	return (long)address >= 0 ? fault() : 0;
}

/*
 * Run on each CPU when a watch begins: a thread that is running there now came in
 * unseen, and on an idle machine it may go on for minutes without a switch.
 */
SEC("raw_tp")
int look(void *ctx)
{
	struct task_struct *p = bpf_get_current_task_btf();
	struct sched_row *row = this_row();
	int slot = slot_of(p->tgid);
	struct sched_counts *c;

	if (!row || slot < 0 || (__u32)slot != look_slot)
		return 0;
	c = counts_of(row, slot);
	if (c->on_cpu_ns >= 0)
		c->on_cpu_ns -= (long long)bpf_ktime_get_ns();
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL"; /* the helpers want a GPL-compatible one */
