/*
 * What sched.bpf.c counts, as both sides see it: the kernel's programs write, ebpf.c reads.
 *
 * An array of one struct sched_row for each possible CPU, mapped into the harness.  A
 * CPU writes only its own row, with interrupts off, so that there is nothing to lock
 * and no line of cache goes from CPU to CPU.
 *
 * on_cpu_ns holds time and state in one word, so that no reader can see one without
 * the other: at switch-in the time is subtracted, at switch-out it is added.  It is
 * negative exactly while a thread of the process runs on this CPU (a process has run
 * less than the time since boot), and then on_cpu_ns + now is the total until now:
 *
 *	in at 1000: -1000   out at 1300: 300   in at 2000: -1700   read at 2100: 400
 */
#ifndef PROBES_SCHED_ROWS_H
#define PROBES_SCHED_ROWS_H

#define SCHED_SLOTS 8	 /* processes watched at a time; a power of two */
#define SCHED_QUEUE 4096 /* threads waiting for a CPU, by pid modulo this; a power of two */

/*
 * Since when a thread waits for a CPU.  Direct-mapped: an entry is in use only from
 * wakeup to switch-in, so two threads seldom meet in one; when they do it is counted.
 */
struct waiting {
	unsigned long long since_ns; /* 0: nobody */
	unsigned pid, tgid;
};

struct sched_counts {
	long long on_cpu_ns; /* see above */
	unsigned long long runq_wait_ns;
	unsigned long long timeslices;	/* switched in */
	unsigned long long voluntary;	/* switched out as it went to sleep */
	unsigned long long involuntary; /* switched out though it could run */
	unsigned long long wakeups;	/* from sleep to runnable */
	unsigned long long faults;	/* page faults of and on behalf of user space */
	/*
	 * Slices whose beginning was not seen: some kernels run no programs on behalf of some
	 * processes, and what comes after such a process is missed.  Their length in
	 * on_cpu_ns is the scheduler's own, their wakeup is inferred, their wait missing.
	 */
	unsigned long long unseen;
	unsigned long long torn; /* slices whose end was not seen: on_cpu_ns is wrong */
} __attribute__((aligned(64)));	 /* what a switch writes is in one line of cache */

struct sched_row {
	struct sched_counts slot[SCHED_SLOTS];
};

#endif
