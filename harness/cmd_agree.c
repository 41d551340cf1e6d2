/* `bench agree`: whether two sessions measured the same. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/opt.h"
#include "harness/cmd.h"
#include "harness/report/agree.h"
#include "harness/saved.h"

struct flags {
	char *out;
	double share;
	bool help;
};

static const struct opt flag_table[] = {
	OPT_ROW(struct flags, out, OPT_STRING, "out", 'o', "DIR", NULL, 0, 0,
		"where sessions are (reports/out)"),
	OPT_ROW(struct flags, share, OPT_DOUBLE, "share", 0, "FRAC", "0.95", 0, 1,
		"exit 1 when a smaller share of the figures agrees"),
	OPT_ROW(struct flags, help, OPT_FLAG, "help", 'h', NULL, NULL, 0, 0, "this text"),
};

static void print_help(void)
{
	struct buf b = { 0 };

	buf_add_str(&b, "usage: bench agree ID ID\n\nSays in how many figures two sessions agree: "
			"their intervals overlap.  Lists the others.\n\n");
	opt_help(flag_table, ARRAY_SIZE(flag_table), true, &b);
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

static void print(const struct agreement *sum, struct buf *lines, const char *const ids[2])
{
	printf("%s against %s: the intervals overlap in %zu of %zu values and %zu of %zu ratios "
	       "(%.1f %%); %zu cells without an interval on both sides.\n",
	       ids[0], ids[1], sum->values_agree, sum->values, sum->ratios_agree, sum->ratios,
	       100 * agree_frac(sum), sum->skipped);
	fputs(buf_str(lines), stdout);
}

static int agree(const struct flags *f, const char *const ids[2], int *code, struct err *e)
{
	struct saved *both = mem_calloc(2, sizeof(*both));
	struct buf lines = { 0 };
	struct agreement sum;
	int rc = 0;

	for (int i = 0; !rc && i < 2; i++)
		rc = saved_open(&both[i], f->out, ids[i], e);
	if (!rc) {
		agree_compare(&both[0].model, &both[1].model, &sum, &lines);
		if (isnan(agree_frac(&sum)))
			rc = err_set(e, -ENODATA,
				     "%s, %s: no figure with an interval in both; they must be of "
				     "the same scenarios",
				     ids[0], ids[1]);
	}
	if (!rc) {
		print(&sum, &lines, ids);
		*code = agree_frac(&sum) >= f->share ? 0 : EXIT_BENCH_REGRESSION;
	}
	for (int i = 0; i < 2; i++)
		saved_close(&both[i]);
	free(both);
	buf_release(&lines);
	return rc;
}

int cmd_agree(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct flags f = { 0 };
	int rest, code = EXIT_BENCH_USAGE;

	opt_defaults(flag_table, ARRAY_SIZE(flag_table), &f);
	rest = opt_parse_args(flag_table, ARRAY_SIZE(flag_table), &f, argc, argv, &e);
	if (!e.code && f.help) {
		print_help();
		code = 0;
	} else if (!e.code && rest != 2) {
		err_set(&e, -EINVAL, "agree wants the IDs of two sessions (bench agree --help)");
	} else if (!e.code) {
		(void)!agree(&f, (const char *const *)&argv[1], &code, &e);
	}
	if (e.code)
		log_error("%s", e.text);
	opt_release(flag_table, ARRAY_SIZE(flag_table), &f);
	return code;
}
