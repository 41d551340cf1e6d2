/*
 * Any bytes as any file of /proc: parsed or refused, and what is parsed is in range.
 *
 * Every parser sees every input, exactly `size` bytes of it without an end mark.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/procfs_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool true_thing)
{
	if (!true_thing)
		abort();
}

static void parse_process(const char *text, size_t size)
{
	struct procfs_stat stat;
	struct procfs_schedstat sched;
	struct procfs_status status;
	struct procfs_rollup rollup;
	struct procfs_io io;
	int64_t pages;

	if (procfs_parse_stat(text, size, &stat))
		must(stat.pid >= 0);
	if (procfs_parse_schedstat(text, size, &sched))
		must(sched.cpu_ns >= 0 && sched.runq_wait_ns >= 0 && sched.timeslices >= 0);
	if (procfs_parse_status(text, size, &status))
		must(status.vm_hwm_bytes >= -1 && status.voluntary_switches >= 0);
	if (procfs_parse_rollup(text, size, &rollup))
		must(rollup.rss_bytes >= 0 && rollup.pss_bytes >= 0 &&
		     rollup.private_clean_bytes >= 0 && rollup.private_dirty_bytes >= 0);
	if (procfs_parse_io(text, size, &io))
		must(io.rchar_bytes >= 0 && io.write_calls >= 0);
	if (procfs_parse_statm(text, size, &pages))
		must(pages >= 0);
}

static void parse_host(const char *text, size_t size)
{
	struct procfs_cpu cpu;
	struct procfs_loadavg load;
	struct procfs_pressure pressure;
	struct procfs_meminfo memory;
	size_t pos = 0, before = 0;
	uint64_t inode;
	int port;

	if (procfs_parse_cpu(text, size, &cpu))
		must(cpu.busy_ticks >= 0 && cpu.idle_ticks >= 0 && cpu.steal_ticks >= 0 &&
		     cpu.cpus > 0);
	if (procfs_parse_loadavg(text, size, &load))
		must(isfinite(load.one) && isfinite(load.five) && isfinite(load.fifteen));
	if (procfs_parse_pressure(text, size, &pressure))
		must(isfinite(pressure.some_avg10_pct) && pressure.some_total_us >= 0);
	if (procfs_parse_meminfo(text, size, &memory))
		must(memory.available_bytes >= 0 && memory.swap_total_bytes >= 0 &&
		     memory.swap_free_bytes >= 0);
	while (procfs_next_listener(text, size, &pos, &port, &inode)) {
		must(port >= 0 && port <= 65535);
		must(pos > before && pos <= size);
		before = pos;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of exactly this size, so that the sanitizer sees a byte too far. */
	char *text = malloc(size ? size : 1);

	if (size)
		memcpy(text, data, size);
	parse_process(text, size);
	parse_host(text, size);
	free(text);
	return 0;
}
