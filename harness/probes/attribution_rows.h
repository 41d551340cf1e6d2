/* What attribution.bpf.c writes and attribution.c reads; see attribution.h. */
#ifndef PROBES_ATTRIBUTION_ROWS_H
#define PROBES_ATTRIBUTION_ROWS_H

#define ATTRIBUTION_RING_BYTES (2 << 20)
#define ATTRIBUTION_NUMBERS    512  /* system calls; a power of two */
#define ATTRIBUTION_THREADS    1024 /* by pid modulo this; a power of two */

struct attribution_record { /* in the ring; 8 bytes of its header come on top */
	long long begin_ns, end_ns, bytes;
	int kind; /* enum attribution_kind */
	int tid;
	int family;
	int unused;
};

/* What a thread is in the middle of. */
struct attribution_thread {
	unsigned long long woken_ns; /* 0: not waiting for a CPU after a wakeup */
	unsigned long long enter_ns; /* 0: not in a system call that was seen to begin */
	unsigned pid;
	int nr, family; /* family: -1 unless the call moves bytes of a socket */
};

struct attribution_sum {
	unsigned long long count, ns;
};

#endif
