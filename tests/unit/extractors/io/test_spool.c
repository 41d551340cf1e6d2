/* The spool file: order, restarts, every torn length, damage, bounds, foreign files. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "extractors/base/log.h"
#include "extractors/io/spool.h"

#define MIB 1048576

static char dir[64], path[80];

static int make_dir(void **state UNUSED)
{
	log_init("test", LOG_LEVELS); /* damage is what these tests make: no need to hear of it */
	strcpy(dir, "/tmp/test_spool.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	strcat(dir, "/spool");
	snprintf(path, sizeof(path), "%s/prog.spool", dir);
	return 0;
}

static int remove_dir(void **state UNUSED)
{
	unlink(path);
	rmdir(dir);
	*strrchr(dir, '/') = '\0';
	return rmdir(dir);
}

static struct spool *open_spool(int64_t max_bytes)
{
	struct err e = ERR_INIT;
	struct spool *s = spool_open(dir, "prog", max_bytes, &e);

	if (!s)
		fail_msg("%s", e.text);
	return s;
}

/* A record of n lines, `<first> ... <first + n - 1>`. */
static uint64_t append(struct spool *s, int first, int n)
{
	struct buf text = { 0 };
	uint64_t kept;

	for (int i = 0; i < n; i++)
		buf_printf(&text, "m f=%d\n", first + i);
	kept = spool_append(s, text.data, text.len, (uint64_t)n, NULL);
	buf_release(&text);
	return kept;
}

/* Consume everything; the lines must count up from `first`, none repeated; returns how many. */
static int drain_from(struct spool *s, int first)
{
	struct buf text = { 0 };
	uint64_t points;
	int n = 0;

	while (spool_next(s, &text, &points)) {
		const char *p = buf_str(&text);

		for (uint64_t i = 0; i < points; i++, n++) {
			int value;

			assert_int_equal(sscanf(p, "m f=%d\n", &value), 1);
			assert_int_equal(value, first + n);
			p = strchr(p, '\n') + 1;
		}
		assert_int_equal(*p, '\0');
		spool_consume(s);
	}
	buf_release(&text);
	assert_int_equal(spool_counts(s)->points, 0);
	return n;
}

static int64_t size_of_file(void)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void overwrite(int64_t offset, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY);

	assert_int_equal(pwrite(fd, bytes, len, offset), len);
	close(fd);
}

static void records_come_back_in_order_and_leave_an_empty_file(void **state UNUSED)
{
	struct spool *s = open_spool(MIB);
	int64_t empty = size_of_file();

	assert_int_equal(append(s, 0, 3), 3);
	assert_int_equal(append(s, 3, 1), 1);
	assert_int_equal(append(s, 4, 100), 100);
	assert_int_equal(spool_counts(s)->points, 104);
	assert_true(size_of_file() > empty);
	assert_int_equal(drain_from(s, 0), 104);
	assert_int_equal(size_of_file(), empty);
	assert_int_equal(append(s, 7, 2), 2); /* and it goes on */
	assert_int_equal(drain_from(s, 7), 2);
	spool_close(s);
}

static void a_restart_goes_on_behind_what_was_consumed(void **state UNUSED)
{
	struct buf text = { 0 };
	struct spool *s;
	uint64_t points;

	for (int consumed = 0; consumed <= 4; consumed++) {
		s = open_spool(MIB);
		for (int i = 0; i < 4; i++)
			append(s, 10 * i, 10);
		for (int i = 0; i < consumed; i++) {
			assert_true(spool_next(s, &text, &points));
			assert_true(spool_next(s, &text, &points)); /* the same one */
			spool_consume(s);
		}
		spool_close(s);

		s = open_spool(MIB);
		assert_int_equal(spool_counts(s)->found, 40 - 10 * consumed);
		assert_int_equal(spool_counts(s)->torn + spool_counts(s)->damaged, 0);
		assert_int_equal(drain_from(s, 10 * consumed), 40 - 10 * consumed);
		spool_close(s);
	}
	buf_release(&text);
}

static void the_record_appended_to_an_empty_spool_can_be_consumed_unread(void **state UNUSED)
{
	struct spool *s = open_spool(MIB);

	append(s, 0, 5);
	append(s, 5, 6);
	spool_consume(s);
	assert_int_equal(drain_from(s, 5), 6);
	spool_close(s);
}

static void a_tail_torn_at_any_byte_costs_only_its_record(void **state UNUSED)
{
	int64_t whole, two;
	struct spool *s = open_spool(MIB);

	append(s, 0, 2);
	append(s, 2, 2);
	two = size_of_file();
	append(s, 4, 2);
	whole = size_of_file();
	spool_close(s);
	for (int64_t cut = whole - 1; cut > two; cut--) {
		assert_int_equal(truncate(path, cut), 0);
		s = open_spool(MIB);
		assert_int_equal(spool_counts(s)->points, 4);
		assert_int_equal(spool_counts(s)->torn, 1);
		/* A whole head says how many points are gone. */
		assert_int_equal(spool_counts(s)->lost, cut - two >= 20 ? 2 : 0);
		assert_int_equal(spool_counts(s)->found,
				 spool_counts(s)->points + spool_counts(s)->lost);
		assert_int_equal(size_of_file(), two);
		assert_int_equal(append(s, 4, 2), 2);
		spool_close(s);
		assert_int_equal(size_of_file(), whole);
	}
	s = open_spool(MIB);
	assert_int_equal(drain_from(s, 0), 6);
	spool_close(s);
}

static void kill_9_while_appending_loses_at_most_the_last_record(void **state UNUSED)
{
	for (int round = 0; round < 10; round++) {
		int progress[2], status;
		uint64_t said = 0, n;
		struct spool *s;
		pid_t pid;

		assert_int_equal(pipe(progress), 0);
		pid = fork();
		if (!pid) {
			s = open_spool(64 * MIB);
			for (int i = 0;; i += 2000) { /* 24 kB a record: several pages */
				append(s, i, 2000);
				n = spool_counts(s)->points;
				if (write(progress[1], &n, sizeof(n)) != sizeof(n))
					_exit(1);
			}
		}
		close(progress[1]);
		for (int i = 0; i < 20 + 7 * round; i++)
			assert_int_equal(read(progress[0], &said, sizeof(said)), sizeof(said));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		while (read(progress[0], &n, sizeof(n)) == (ssize_t)sizeof(n))
			said = n;
		close(progress[0]);
		s = open_spool(64 * MIB);
		assert_true(spool_counts(s)->points >= said);
		assert_int_equal(spool_counts(s)->damaged, 0);
		n = spool_counts(s)->points;
		assert_int_equal(drain_from(s, 0), n);
		spool_close(s);
	}
}

static void damage_in_the_middle_is_skipped_and_counted(void **state UNUSED)
{
	static const struct {
		int64_t offset; /* into the second of three records */
		uint64_t lost;	/* known only when a head still says so */
	} rows[] = { { 0, 0 }, { 4, 0 }, { 8, 0 }, { 16, 0 }, { 20, 3 }, { 30, 3 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct spool *s = open_spool(MIB);
		struct buf text = { 0 };
		uint64_t points;
		int64_t second;

		append(s, 0, 3);
		second = size_of_file();
		append(s, 3, 3);
		append(s, 6, 3);
		spool_close(s);
		overwrite(second + rows[i].offset, "\xff\x00", 2);

		s = open_spool(MIB);
		assert_true(spool_next(s, &text, &points));
		assert_memory_equal(text.data, "m f=0\n", 6);
		spool_consume(s);
		assert_true(spool_next(s, &text, &points));
		assert_memory_equal(text.data, "m f=6\n", 6);
		spool_consume(s);
		assert_false(spool_next(s, &text, &points));
		assert_int_equal(spool_counts(s)->damaged, 1);
		assert_int_equal(spool_counts(s)->lost, rows[i].lost);
		assert_int_equal(spool_counts(s)->points, 0);
		spool_close(s);
		buf_release(&text);
	}
}

static void a_head_destroyed_under_our_feet_is_counted_in_points(void **state UNUSED)
{
	struct spool *s = open_spool(MIB);
	int64_t second;

	append(s, 0, 3);
	second = size_of_file();
	append(s, 3, 4);
	append(s, 7, 5);
	overwrite(second, "\0\0\0\0", 4);
	spool_consume(s);
	assert_int_equal(drain_from(s, 7), 5);
	assert_int_equal(spool_counts(s)->lost, 4);
	assert_int_equal(spool_counts(s)->damaged, 1);
	assert_int_equal(append(s, 0, 1), 1);
	overwrite(32, "xxxx", 4); /* and now the only one there is */
	assert_int_equal(drain_from(s, 0), 0);
	assert_int_equal(spool_counts(s)->lost, 5);
	spool_close(s);
}

static void a_damaged_mark_sends_twice_rather_than_never(void **state UNUSED)
{
	struct spool *s = open_spool(MIB);

	append(s, 0, 3);
	append(s, 3, 3);
	spool_consume(s);
	spool_close(s);
	overwrite(16, "\xff", 1);
	s = open_spool(MIB);
	assert_int_equal(spool_counts(s)->damaged, 1);
	assert_int_equal(drain_from(s, 0), 6);
	spool_close(s);
}

static void a_crash_between_truncation_and_mark_leaves_an_empty_spool(void **state UNUSED)
{
	struct spool *s = open_spool(MIB);
	int64_t empty = size_of_file();

	append(s, 0, 3);
	append(s, 3, 3);
	spool_consume(s);
	spool_close(s);
	assert_int_equal(truncate(path, empty), 0);
	s = open_spool(MIB);
	assert_int_equal(spool_counts(s)->found, 0);
	assert_int_equal(append(s, 9, 1), 1);
	spool_close(s);
	s = open_spool(MIB);
	assert_int_equal(drain_from(s, 9), 1);
	spool_close(s);
}

static void full_keeps_the_lines_that_fit(void **state UNUSED)
{
	struct err e = ERR_INIT;
	struct spool *s = open_spool(4096);
	struct buf text = { 0 };
	uint64_t kept, total = 0;

	for (int i = 0; i < 1000; i++) /* 10 bytes a line, 10 kB */
		buf_printf(&text, "m f=%05d\n", i);
	kept = spool_append(s, text.data, text.len, 1000, &e);
	assert_true(kept > 390 && kept < 410);
	assert_int_equal(e.code, -ENOSPC);
	assert_non_null(strstr(e.text, "full"));
	assert_true(size_of_file() <= 4096);
	total = kept;
	while ((kept = append(s, (int)total, 1)))
		total += kept;
	assert_int_equal(append(s, (int)total, 1), 0);
	assert_true(size_of_file() <= 4096);
	assert_int_equal(spool_counts(s)->points, total);
	buf_release(&text);
	assert_int_equal(drain_from(s, 0), total);
	spool_close(s);
}

static void at_the_bound_consumed_space_is_used_again(void **state UNUSED)
{
	/* Twenty times the bound goes through without the spool ever being empty. */
	const int64_t max_bytes = 256 * 1024;
	struct spool *s = open_spool(max_bytes);
	struct buf text = { 0 };
	uint64_t points;
	struct stat st;
	int in = 0, out = 0;

	while (in < 20 * max_bytes / 10) {
		if (append(s, in, 500) == 500) {
			in += 500;
			continue;
		}
		in += (int)spool_counts(s)->points - (in - out); /* a part was kept */
		assert_true(spool_next(s, &text, &points));
		out += (int)points;
		spool_consume(s);
		assert_int_equal(stat(path, &st), 0);
		assert_true((int64_t)st.st_blocks * 512 <= max_bytes + 2 * 4096);
	}
	spool_close(s);
	s = open_spool(max_bytes); /* holes are no damage */
	assert_int_equal(spool_counts(s)->damaged + spool_counts(s)->torn, 0);
	assert_int_equal(drain_from(s, out), in - out);
	spool_close(s);
	buf_release(&text);
}

static void the_file_is_private_and_its_directory_is_made(void **state UNUSED)
{
	struct spool *s;
	struct stat st;

	unlink(path);
	rmdir(dir);
	s = open_spool(MIB);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	spool_close(s);
}

static void two_writers_do_not_share_a_file(void **state UNUSED)
{
	struct spool *s = open_spool(MIB), *other;
	struct err e = ERR_INIT;

	assert_null(spool_open(dir, "prog", MIB, &e));
	assert_int_equal(e.code, -EBUSY);
	other = spool_open(dir, "other", MIB, &e);
	assert_non_null(other);
	spool_close(other);
	spool_close(s);
	snprintf(e.text, sizeof(e.text), "%s/other.spool", dir);
	unlink(e.text);
}

static void a_foreign_file_is_refused_and_left_alone(void **state UNUSED)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *word;
	} rows[] = {
		{ "not a spool\n", 12, "not a spool file" },
		{ "SECLSPOLmore of something else, quite long", 40, "byte order" },
		{ "SECLSPOL\x02\0\0\0\x04\x03\x02\x01________________", 32, "format 2" },
		{ "SECLSPOL\x01\0\0\0\x01\x02\x03\x04________________", 32, "byte order" },
		{ "S", 1, "not a spool file" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err e = ERR_INIT;
		char after[64];
		FILE *f = fopen(path, "w");

		fwrite(rows[i].bytes, 1, rows[i].len, f);
		fclose(f);
		assert_null(spool_open(dir, "prog", MIB, &e));
		assert_int_equal(e.code, -EEXIST);
		assert_non_null(strstr(e.text, rows[i].word));
		assert_non_null(strstr(e.text, path));
		f = fopen(path, "r");
		assert_int_equal(fread(after, 1, sizeof(after), f), rows[i].len);
		assert_memory_equal(after, rows[i].bytes, rows[i].len);
		fclose(f);
	}
	unlink(path);
}

static void what_cannot_be_opened_is_an_error_that_names_it(void **state UNUSED)
{
	static const char *const dirs[] = { "/nonexistent/parent", "/dev/null", "/dev/null/sub" };
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		err_reset(&e);
		assert_null(spool_open(dirs[i], "prog", MIB, &e));
		assert_true(e.code < 0);
		assert_non_null(strstr(e.text, dirs[i]));
	}
	err_reset(&e);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(spool_open(dir, "prog", MIB, &e));
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_is_private_and_its_directory_is_made),
		cmocka_unit_test(records_come_back_in_order_and_leave_an_empty_file),
		cmocka_unit_test(a_restart_goes_on_behind_what_was_consumed),
		cmocka_unit_test(the_record_appended_to_an_empty_spool_can_be_consumed_unread),
		cmocka_unit_test(a_tail_torn_at_any_byte_costs_only_its_record),
		cmocka_unit_test(kill_9_while_appending_loses_at_most_the_last_record),
		cmocka_unit_test(damage_in_the_middle_is_skipped_and_counted),
		cmocka_unit_test(a_head_destroyed_under_our_feet_is_counted_in_points),
		cmocka_unit_test(a_damaged_mark_sends_twice_rather_than_never),
		cmocka_unit_test(a_crash_between_truncation_and_mark_leaves_an_empty_spool),
		cmocka_unit_test(full_keeps_the_lines_that_fit),
		cmocka_unit_test(at_the_bound_consumed_space_is_used_again),
		cmocka_unit_test(two_writers_do_not_share_a_file),
		cmocka_unit_test(a_foreign_file_is_refused_and_left_alone),
		cmocka_unit_test(what_cannot_be_opened_is_an_error_that_names_it),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
