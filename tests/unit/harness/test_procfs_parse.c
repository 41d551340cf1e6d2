/* The parsers of /proc, on texts of several kernels and on broken ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/file.h"
#include "harness/procfs_parse.h"

static void the_name_in_stat_may_hold_anything(void **state UNUSED)
{
	static const char text[] =
		"4043 (a) b (c) S 4001 4040 4039 0 -1 4194560 2992 40991 3 21 17 5 "
		"21 8 20 0 6 0 81735 5124096 972 18446744073709551615 1 1 0";
	struct procfs_stat s;

	assert_true(procfs_parse_stat(text, strlen(text), &s));
	assert_int_equal(s.pid, 4043);
	assert_int_equal(s.state, 'S');
	assert_int_equal(s.pgrp, 4040);
	assert_int_equal(s.session, 4039);
	assert_int_equal(s.minor_faults, 2992);
	assert_int_equal(s.major_faults, 3);
	assert_int_equal(s.utime_ticks, 17);
	assert_int_equal(s.stime_ticks, 5);
	assert_int_equal(s.threads, 6);
	assert_int_equal(s.start_ticks, 81735);
}

static void status_gives_peak_switches_and_signal_masks(void **state UNUSED)
{
	static const char text[] =
		"Name:\tx\nVmHWM:\t    5124 kB\nVmRSS:\t 1000 kB\n"
		"SigBlk:\t0000000000000200\nSigIgn:\t0000000000001000\n"
		"SigCgt:\t8000000180004A02\n"
		"voluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t34\n";
	static const char no_memory[] = "SigBlk:\t0\nSigCgt:\t0\nvoluntary_ctxt_switches:\t1\n"
					"nonvoluntary_ctxt_switches:\t2\n";
	struct procfs_status s;

	assert_true(procfs_parse_status(text, strlen(text), &s));
	assert_int_equal(s.vm_hwm_bytes, 5124 * 1024);
	assert_int_equal(s.vm_rss_bytes, 1000 * 1024);
	assert_int_equal(s.voluntary_switches, 12);
	assert_int_equal(s.involuntary_switches, 34);
	assert_true(s.sig_blocked == 0x200);
	assert_true(s.sig_caught == 0x8000000180004A02);
	assert_true(procfs_parse_status(no_memory, strlen(no_memory), &s));
	assert_int_equal(s.vm_hwm_bytes, -1);
}

static void rollup_io_schedstat_and_statm_are_read(void **state UNUSED)
{
	static const char rollup[] = "55637e243000-7ffde4cc3000 ---p 00000000 00:00 0 [rollup]\n"
				     "Rss:  1696 kB\nPss:   385 kB\nPss_Dirty: 112 kB\n"
				     "Private_Clean:  4 kB\nPrivate_Dirty:  108 kB\n";
	static const char io[] = "rchar: 6976\nwchar: 1\nsyscr: 10\nsyscw: 2\nread_bytes: 0\n";
	struct procfs_schedstat sched;
	struct procfs_rollup r;
	struct procfs_io i;
	int64_t pages;

	assert_true(procfs_parse_rollup(rollup, strlen(rollup), &r));
	assert_int_equal(r.rss_bytes, 1696 * 1024);
	assert_int_equal(r.pss_bytes, 385 * 1024);
	assert_int_equal(r.private_clean_bytes + r.private_dirty_bytes, 112 * 1024);
	assert_true(procfs_parse_io(io, strlen(io), &i));
	assert_int_equal(i.rchar_bytes, 6976);
	assert_int_equal(i.read_calls, 10);
	assert_int_equal(i.write_calls, 2);
	assert_true(procfs_parse_schedstat("26546716 12532576 105\n", 22, &sched));
	assert_int_equal(sched.cpu_ns, 26546716);
	assert_int_equal(sched.runq_wait_ns, 12532576);
	assert_int_equal(sched.timeslices, 105);
	assert_true(procfs_parse_statm("1251 972 800 5 0 200 0\n", 23, &pages));
	assert_int_equal(pages, 972);
}

static void the_host_files_are_read(void **state UNUSED)
{
	static const char stat[] = "cpu  2330 1 2027 162069 448 2 50 11 7 0\ncpu0 1 2\ncpu3 1 2\n"
				   "intr 12345 1 2\nctxt 777\nbtime 1\n";
	static const char pressure[] = "some avg10=1.21 avg60=0.56 avg300=0.26 total=4912835\n"
				       "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
	struct procfs_pressure p;
	struct procfs_loadavg l;
	struct procfs_cpu c;

	assert_true(procfs_parse_cpu(stat, strlen(stat), &c));
	assert_int_equal(c.busy_ticks, 2330 + 1 + 2027 + 2 + 50);
	assert_int_equal(c.idle_ticks, 162069 + 448);
	assert_int_equal(c.steal_ticks, 11);
	assert_int_equal(c.switches, 777);
	assert_int_equal(c.cpus, 2); /* CPUs that are offline have no line */
	assert_true(procfs_parse_pressure(pressure, strlen(pressure), &p));
	assert_true(p.some_avg10_pct == 1.21);
	assert_int_equal(p.some_total_us, 4912835);
	assert_true(procfs_parse_loadavg("0.52 0.41 1.30 2/81 4043\n", 25, &l));
	assert_true(l.one == 0.52 && l.five == 0.41 && l.fifteen == 1.30);
}

static void listening_sockets_are_found_among_others(void **state UNUSED)
{
	static const char tcp[] =
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
		"   0: 0100007F:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 35 1 0 100\n"
		"   1: 0100007F:07E8 0100007F:1234 01 00000000:00000000 00:00000000 00000000     0        0 36 1 0 20\n"
		"  garbage\n"
		"   2: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0a 00000000:00000000 00:00000000 00000000     0        0 99 1 0 100";
	size_t pos = 0;
	uint64_t inode;
	int port;

	assert_true(procfs_next_listener(tcp, strlen(tcp), &pos, &port, &inode));
	assert_int_equal(port, 2024);
	assert_int_equal(inode, 35);
	assert_true(procfs_next_listener(tcp, strlen(tcp), &pos, &port, &inode));
	assert_int_equal(port, 8080);
	assert_int_equal(inode, 99);
	assert_false(procfs_next_listener(tcp, strlen(tcp), &pos, &port, &inode));
}

/* Every prefix of a right text: either refused, or right where it is complete. */
static void cut_texts_never_give_wrong_numbers(void **state UNUSED)
{
	static const char stat[] = "7 (x) R 1 2 3 0 -1 0 10 0 12 0 14 15 0 0 20 0 20 0 22 ";
	static const char rollup[] =
		"Rss: 1 kB\nPss: 2 kB\nPrivate_Clean: 3 kB\nPrivate_Dirty: 4 kB\n";
	struct procfs_stat s;
	struct procfs_rollup r;

	for (size_t n = 0; n < sizeof(stat) - 3; n++)
		assert_false(procfs_parse_stat(stat, n, &s));
	for (size_t n = 0; n < strlen(rollup) - 5; n++)
		assert_false(procfs_parse_rollup(rollup, n, &r));
}

static void numbers_that_do_not_fit_are_refused(void **state UNUSED)
{
	struct procfs_schedstat s;
	struct procfs_rollup r;
	static const char huge[] = "9223372036854775808 1 1\n";
	static const char huge_kb[] = "Rss: 9007199254740993000 kB\nPss: 1 kB\n"
				      "Private_Clean: 1 kB\nPrivate_Dirty: 1 kB\n";

	assert_false(procfs_parse_schedstat(huge, strlen(huge), &s));
	assert_true(procfs_parse_schedstat("9223372036854775807 1 1", 23, &s));
	assert_false(procfs_parse_rollup(huge_kb, strlen(huge_kb), &r));
	assert_false(procfs_parse_schedstat("", 0, &s));
	assert_false(procfs_parse_schedstat("-1 2 3", 6, &s));
}

/* The kernel under us still writes what we read. */
static void this_kernel_is_understood(void **state UNUSED)
{
	struct procfs_stat stat;
	struct procfs_status status;
	struct procfs_cpu cpu;
	struct buf b = { 0 };

	assert_int_equal(file_read("/proc/self/stat", 65536, &b, NULL), 0);
	assert_true(procfs_parse_stat(b.data, b.len, &stat));
	assert_int_equal(stat.pid, getpid());
	assert_int_equal(stat.pgrp, getpgrp());
	assert_int_equal(stat.session, getsid(0));
	buf_reset(&b);
	assert_int_equal(file_read("/proc/self/status", 65536, &b, NULL), 0);
	assert_true(procfs_parse_status(b.data, b.len, &status));
	assert_true(status.vm_hwm_bytes > 0);
	buf_reset(&b);
	assert_int_equal(file_read("/proc/stat", 1 << 20, &b, NULL), 0);
	assert_true(procfs_parse_cpu(b.data, b.len, &cpu));
	assert_true(cpu.busy_ticks > 0 && cpu.switches > 0 && cpu.cpus > 0);
	buf_release(&b);
}

static void meminfo_gives_what_is_available_and_the_swap(void **state UNUSED)
{
	static const char text[] = "MemTotal:       24684012 kB\nMemFree:   1 kB\n"
				   "MemAvailable:   24241004 kB\nSwapCached: 3 kB\n"
				   "SwapTotal:      2048 kB\nSwapFree:  1024 kB\n";
	struct procfs_meminfo m;

	assert_true(procfs_parse_meminfo(text, strlen(text), &m));
	assert_true(m.available_bytes == INT64_C(24241004) * 1024);
	assert_int_equal(m.swap_total_bytes, 2048 * 1024);
	assert_int_equal(m.swap_free_bytes, 1024 * 1024);
	/* Linux before 3.14 has no MemAvailable. */
	assert_false(procfs_parse_meminfo("SwapTotal: 1 kB\nSwapFree: 1 kB\n", 32, &m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_name_in_stat_may_hold_anything),
		cmocka_unit_test(status_gives_peak_switches_and_signal_masks),
		cmocka_unit_test(rollup_io_schedstat_and_statm_are_read),
		cmocka_unit_test(the_host_files_are_read),
		cmocka_unit_test(listening_sockets_are_found_among_others),
		cmocka_unit_test(cut_texts_never_give_wrong_numbers),
		cmocka_unit_test(numbers_that_do_not_fit_are_refused),
		cmocka_unit_test(this_kernel_is_understood),
		cmocka_unit_test(meminfo_gives_what_is_available_and_the_swap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
