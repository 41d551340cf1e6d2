/* Disturbance of a run; see noise.h. */
#include "harness/noise.h"

#include <stdlib.h>

#include "extractors/base/mem.h"
#include "harness/probes/procfs.h"

/* CPU time of a server so far; 0 when it is not ours (then it is foreign). */
static int64_t server_cpu_ns(const struct proc *p)
{
	struct probe_sample *s;
	struct probe *probe;
	struct err ignored = ERR_INIT;
	int64_t ns = 0;

	if (!p || proc_exited(p) || procfs_probe.open(&probe, proc_info(p)->pid, &ignored))
		return 0;
	s = mem_calloc(1, sizeof(*s));
	probe_sample_reset(s);
	if (!procfs_probe.sample(probe, PROBE_BIT(PROBE_CPU_NS), s) && probe_has(s, PROBE_CPU_NS))
		ns = s->value[PROBE_CPU_NS];
	procfs_probe.close(probe);
	free(s);
	return ns;
}

static int64_t ours_ns(const struct sut *sut)
{
	return host_load_own_cpu_ns() + server_cpu_ns(sut_redis_proc(sut)) +
	       server_cpu_ns(sut_db_proc(sut));
}

void noise_start(struct noise_watch *w, const struct sut *sut)
{
	w->ours_ns = ours_ns(sut);
	host_load_take(&w->before);
}

void noise_end(const struct noise_watch *w, const struct sut *sut, struct host_noise *out)
{
	struct host_load after;
	struct host_load_delta delta;

	host_load_take(&after);
	host_load_between(&w->before, &after, ours_ns(sut) - w->ours_ns, &delta);
	out->steal_frac = delta.steal_frac;
	out->foreign_frac = delta.foreign_frac;
}
