/* `bench doctor`: can this host be trusted to measure, and what to change. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/opt.h"
#include "harness/cmd.h"
#include "harness/dirs.h"
#include "harness/doctor_gather.h"

struct flags {
	char *out;
	bool json, help;
};

static const struct opt flag_table[] = {
	OPT_ROW(struct flags, out, OPT_STRING, "out", 'o', "DIR", NULL, 0, 0,
		"where sessions will go (reports/out)"),
	OPT_ROW(struct flags, json, OPT_FLAG, "json", 0, NULL, NULL, 0, 0,
		"one JSON object instead of a table"),
	OPT_ROW(struct flags, help, OPT_FLAG, "help", 'h', NULL, NULL, 0, 0, "this text"),
};

static void print_help(void)
{
	struct buf b = { 0 };

	buf_add_str(
		&b,
		"usage: bench doctor [options]\n\nLooks at this host for some four seconds and says, "
		"item by item, whether it can be trusted\nto measure and what to change.  Exit code 0: "
		"fit; 3: unfit (`bench run` would refuse).\n\n");
	opt_help(flag_table, ARRAY_SIZE(flag_table), true, &b);
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

static int examine(const struct flags *f, const char *root, const char *out)
{
	const struct doctor_conf conf = {
		.depth = DOCTOR_FULL, .limits = DOCTOR_LIMITS_DEFAULT, .out = out, .root = root
	};
	struct doctor_host *h = mem_calloc(1, sizeof(*h));
	struct doctor_report *r = mem_calloc(1, sizeof(*r));
	struct buf text = { 0 };
	int code;

	doctor_gather(h, &conf);
	doctor_judge(h, &conf.limits, r);
	if (f->json)
		doctor_write_json(r, &text);
	else
		doctor_write_text(r, &text);
	fwrite(text.data, 1, text.len, stdout);
	code = r->unfit ? EXIT_BENCH_UNFIT : 0;
	buf_release(&text);
	free(h);
	free(r);
	return code;
}

static int doctor(const struct flags *f, struct err *e)
{
	struct buf root = { 0 }, bin = { 0 }, out = { 0 };
	int code = EXIT_BENCH_USAGE;

	if (!dirs_find(&root, &bin, e)) {
		if (f->out)
			buf_add_str(&out, f->out);
		else
			buf_printf(&out, "%s/reports/out", buf_str(&root));
		code = examine(f, buf_str(&root), buf_str(&out));
	}
	buf_release(&root);
	buf_release(&bin);
	buf_release(&out);
	return code;
}

int cmd_doctor(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct flags f = { 0 };
	int rest, code = EXIT_BENCH_USAGE;

	opt_defaults(flag_table, ARRAY_SIZE(flag_table), &f);
	rest = opt_parse_args(flag_table, ARRAY_SIZE(flag_table), &f, argc, argv, &e);
	if (rest > 0) {
		err_set(&e, -EINVAL, "%s: unexpected argument (bench doctor --help)", argv[1]);
	} else if (!rest && f.help) {
		print_help();
		code = 0;
	} else if (!rest) {
		code = doctor(&f, &e);
	}
	if (e.code)
		log_error("%s", e.text);
	opt_release(flag_table, ARRAY_SIZE(flag_table), &f);
	return code;
}
