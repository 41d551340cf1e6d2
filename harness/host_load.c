/* The host's load; see host_load.h. */
#include "harness/host_load.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "extractors/base/clock.h"
#include "harness/file.h"

#define STAT_MAX (1 << 20) /* /proc/stat: a line a CPU and one with every interrupt */

const char *const host_pressure_names[PRESSURES] = { "cpu", "io", "memory" };

static bool take_pressure(enum host_pressure i, struct procfs_pressure *out)
{
	struct buf text = { 0 };
	char path[32];
	bool ok;

	snprintf(path, sizeof(path), "/proc/pressure/%s", host_pressure_names[i]);
	ok = !file_read(path, 4096, &text, NULL) && procfs_parse_pressure(text.data, text.len, out);
	buf_release(&text);
	return ok;
}

void host_load_take(struct host_load *h)
{
	struct buf text = { 0 };

	h->at_ns = clock_mono_ns();
	h->has_cpu = !file_read("/proc/stat", STAT_MAX, &text, NULL) &&
		     procfs_parse_cpu(text.data, text.len, &h->cpu);
	buf_reset(&text);
	h->has_average = !file_read("/proc/loadavg", 4096, &text, NULL) &&
			 procfs_parse_loadavg(text.data, text.len, &h->average);
	buf_release(&text);
	for (enum host_pressure i = 0; i < PRESSURES; i++)
		h->has_pressure[i] = take_pressure(i, &h->pressure[i]);
}

void host_load_between(const struct host_load *before, const struct host_load *after,
		       int64_t our_cpu_ns, struct host_load_delta *out)
{
	const struct procfs_cpu *a = &before->cpu, *b = &after->cpu;
	double ticks_per_s = (double)sysconf(_SC_CLK_TCK);

	out->seconds = (double)(after->at_ns - before->at_ns) / 1e9;
	out->busy_frac = out->steal_frac = out->foreign_frac = out->switches_per_s = NAN;
	if (before->has_cpu && after->has_cpu) {
		double steal = (double)(b->steal_ticks - a->steal_ticks);
		double all = out->seconds * ticks_per_s * (double)b->cpus;
		double busy = all - steal - (double)(b->idle_ticks - a->idle_ticks);

		if (all > 0) {
			out->busy_frac = busy / all;
			out->steal_frac = steal / all;
			out->foreign_frac = (busy - (double)our_cpu_ns / 1e9 * ticks_per_s) / all;
		}
		if (out->seconds > 0)
			out->switches_per_s = (double)(b->switches - a->switches) / out->seconds;
	}
	for (enum host_pressure i = 0; i < PRESSURES; i++) {
		out->pressure_frac[i] = NAN;
		if (before->has_pressure[i] && after->has_pressure[i] && out->seconds > 0)
			out->pressure_frac[i] = (double)(after->pressure[i].some_total_us -
							 before->pressure[i].some_total_us) /
						1e6 / out->seconds;
	}
}

void host_load_text(const struct host_load *h, struct buf *out)
{
	if (h->has_average)
		buf_printf(out, "load average %.2f %.2f %.2f", h->average.one, h->average.five,
			   h->average.fifteen);
	else
		buf_add_str(out, "load average unavailable: /proc/loadavg cannot be read");
	for (enum host_pressure i = 0; i < PRESSURES; i++) {
		if (h->has_pressure[i])
			buf_printf(out, ", %s pressure %.2f %%", host_pressure_names[i],
				   h->pressure[i].some_avg10_pct);
		else
			buf_printf(out, ", %s pressure unavailable: no /proc/pressure/%s",
				   host_pressure_names[i], host_pressure_names[i]);
	}
}

int64_t host_load_own_cpu_ns(void)
{
	static const int who[] = { RUSAGE_SELF, RUSAGE_CHILDREN };
	int64_t sum_ns = 0;

	for (size_t i = 0; i < ARRAY_SIZE(who); i++) {
		struct rusage ru;

		if (getrusage(who[i], &ru))
			continue;
		sum_ns += ((int64_t)ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * NS_PER_S +
			  ((int64_t)ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) * NS_PER_US;
	}
	return sum_ns;
}
