/*
 * System calls and wakeups of one process, in the kernel; see attribution.h.
 *
 * Not for scored runs, so it is written for completeness, not for speed.  A thread's
 * state stands in a table by pid modulo its size; another thread of the process in the
 * same entry takes it over, which is counted.  x86-64: numbers and registers.
 */
#include "harness/probes/kernel_types.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "harness/probes/attribution_rows.h"

enum { WAKE, RECV, SEND }; /* enum attribution_kind */

#define S_IFMT	 0170000
#define S_IFSOCK 0140000

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, ATTRIBUTION_RING_BYTES);
} ring SEC(".maps");

const volatile __u32 target; /* process number */
__u64 lost;
struct attribution_sum sums[ATTRIBUTION_NUMBERS];
struct attribution_thread threads[ATTRIBUTION_THREADS];

static __always_inline struct attribution_thread *thread_of(__u32 pid)
{
	struct attribution_thread *t = &threads[pid % ATTRIBUTION_THREADS];

	if (t->pid != pid) {
		if (t->woken_ns || t->enter_ns)
			__sync_fetch_and_add(&lost, 1);
		t->pid = pid;
		t->woken_ns = t->enter_ns = 0;
	}
	return t;
}

static __always_inline void emit(int kind, int tid, __u64 begin_ns, __u64 end_ns, long bytes,
				 int family)
{
	struct attribution_record *r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);

	if (!r) {
		__sync_fetch_and_add(&lost, 1);
		return;
	}
	r->begin_ns = (long long)begin_ns;
	r->end_ns = (long long)end_ns;
	r->bytes = bytes;
	r->kind = kind;
	r->tid = tid;
	r->family = family;
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP); /* nobody sleeps on it */
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(attr_wakeup, struct task_struct *p)
{
	if ((__u32)p->tgid == target && !p->on_cpu)
		thread_of(p->pid)->woken_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(attr_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct attribution_thread *t;

	if ((__u32)next->tgid != target)
		return 0;
	t = thread_of(next->pid);
	if (t->woken_ns)
		emit(WAKE, next->pid, t->woken_ns, bpf_ktime_get_ns(), 0, -1);
	t->woken_ns = 0;
	return 0;
}

/* The kind of a call that moves bytes through a descriptor, or -1. */
static __always_inline int kind_of(long nr)
{
	switch (nr) {
	case 0:	 /* read */
	case 19: /* readv */
	case 45: /* recvfrom */
	case 47: /* recvmsg */
		return RECV;
	case 1:	 /* write */
	case 20: /* writev */
	case 44: /* sendto */
	case 46: /* sendmsg */
		return SEND;
	default:
		return -1;
	}
}

/* The address family of a descriptor's socket; -1 when it is none. */
static __always_inline int family_of(__u32 fd)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd), *file = 0;
	struct socket *sock;

	if (fd >= BPF_CORE_READ(table, max_fds) ||
	    bpf_probe_read_kernel(&file, sizeof(file), files + fd) || !file)
		return -1;
	if ((BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return -1;
	sock = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(sock, sk, __sk_common.skc_family);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(attr_enter, struct pt_regs *regs, long nr)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct attribution_thread *t;

	if (id >> 32 != target)
		return 0;
	t = thread_of((__u32)id);
	t->nr = (int)nr;
	t->family = kind_of(nr) < 0 ? -1 : family_of((__u32)regs->di);
	t->enter_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(attr_exit, struct pt_regs *regs, long ret)
{
	__u64 id = bpf_get_current_pid_tgid(), now_ns;
	struct attribution_thread *t;
	struct attribution_sum *sum;

	if (id >> 32 != target)
		return 0;
	t = thread_of((__u32)id);
	if (!t->enter_ns) /* it began before us */
		return 0;
	now_ns = bpf_ktime_get_ns();
	sum = &sums[t->nr & (ATTRIBUTION_NUMBERS - 1)];
	__sync_fetch_and_add(&sum->count, 1);
	__sync_fetch_and_add(&sum->ns, now_ns - t->enter_ns);
	if (t->family >= 0 && ret > 0)
		emit(kind_of(t->nr), (int)id, t->enter_ns, now_ns, ret, t->family);
	t->enter_ns = 0;
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
