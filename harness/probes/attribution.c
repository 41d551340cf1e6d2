/*
 * The attribution pass, the side in user space; see attribution.h.
 *
 * The programs are attribution.bpf.c.  The log only grows, up to a bound, and is kept
 * in the order of end_ns: the ring has the order in which room was taken in it, which
 * differs by less than a microsecond, so each record goes back a step or two at most.
 */
#include "harness/probes/attribution.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "extractors/base/mem.h"
#include "harness/probes/attribution_rows.h"
#include "harness/probes/bpf_host.h"

#include "attribution.skel.h"

#define LOG_MAX 4000000 /* 160 MB; at 1,000 messages a second 20 minutes */

struct attribution {
	struct attribution_bpf *skel;
	struct ring_buffer *ring;
	struct attribution_event *log;
	size_t n, room;
	int64_t refused; /* by a full log */
};

static int take(void *ctx, void *data, size_t size)
{
	struct attribution *a = ctx;
	struct attribution_record r;
	struct attribution_event ev;
	size_t i;

	if (size < sizeof(r) || a->n == LOG_MAX) {
		a->refused++;
		return 0;
	}
	memcpy(&r, data, sizeof(r));
	ev = (struct attribution_event){ r.begin_ns, r.end_ns,
					 r.bytes,    (enum attribution_kind)r.kind,
					 r.tid,	     r.family };
	if (a->n == a->room) {
		a->room = a->room ? 2 * a->room : 1024;
		a->log = mem_realloc(a->log, a->room, sizeof(*a->log));
	}
	for (i = a->n++; i > 0 && a->log[i - 1].end_ns > ev.end_ns; i--)
		a->log[i] = a->log[i - 1];
	a->log[i] = ev;
	return 0;
}

static int load(struct attribution *a, pid_t pid, struct err *e)
{
	int rc = bpf_host_check(e);

	if (rc)
		return rc;
	if (kill(pid, 0) && errno == ESRCH)
		return err_set(e, -ESRCH, "process %d: %s", (int)pid, strerror(ESRCH));
	a->skel = attribution_bpf__open();
	if (!a->skel)
		return bpf_host_failed(errno, "opening the programs", e);
	a->skel->rodata->target = (unsigned)pid;
	rc = attribution_bpf__load(a->skel);
	if (!rc)
		rc = attribution_bpf__attach(a->skel);
	if (rc)
		return bpf_host_failed(-rc, "loading the programs", e);
	a->ring = ring_buffer__new(bpf_map__fd(a->skel->maps.ring), take, a, NULL);
	return a->ring ? 0 : bpf_host_failed(errno, "mapping the ring", e);
}

int attribution_open(struct attribution **out, pid_t pid, struct err *e)
{
	struct attribution *a = mem_calloc(1, sizeof(*a));
	int rc = load(a, pid, e);

	if (rc)
		attribution_close(a);
	else
		*out = a;
	return rc;
}

void attribution_read(struct attribution *a)
{
	(void)ring_buffer__consume(a->ring); /* take() never fails */
}

const struct attribution_event *attribution_events(const struct attribution *a, size_t *n)
{
	*n = a->n;
	return a->log;
}

int64_t attribution_lost(const struct attribution *a)
{
	return a->refused + (int64_t)__atomic_load_n(&a->skel->bss->lost, __ATOMIC_RELAXED);
}

void attribution_close(struct attribution *a)
{
	if (!a)
		return;
	ring_buffer__free(a->ring);
	attribution_bpf__destroy(a->skel);
	free(a->log);
	free(a);
}

void attribution_syscalls(const struct attribution *a, struct attribution_syscalls *out)
{
	_Static_assert(ATTRIBUTION_SYSCALLS == ATTRIBUTION_NUMBERS, "both sides count the same");
	for (int i = 0; i < ATTRIBUTION_SYSCALLS; i++) {
		const struct attribution_sum *sum = &a->skel->bss->sums[i];

		out->count[i] = (int64_t)__atomic_load_n(&sum->count, __ATOMIC_RELAXED);
		out->ns[i] = (int64_t)__atomic_load_n(&sum->ns, __ATOMIC_RELAXED);
	}
}
