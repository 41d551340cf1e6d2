/* `bench report`: a session's report, made again from its raw values. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/opt.h"
#include "harness/cmd.h"
#include "harness/report_files.h"
#include "harness/result_json.h"
#include "harness/saved.h"

struct flags {
	char *out;
	bool schema, help;
};

static const struct opt flag_table[] = {
	OPT_ROW(struct flags, out, OPT_STRING, "out", 'o', "DIR", NULL, 0, 0,
		"where sessions are (reports/out)"),
	OPT_ROW(struct flags, schema, OPT_FLAG, "schema", 0, NULL, NULL, 0, 0,
		"print the JSON Schema of results.json instead"),
	OPT_ROW(struct flags, help, OPT_FLAG, "help", 'h', NULL, NULL, 0, 0, "this text"),
};

static void print_help(void)
{
	struct buf b = { 0 };

	buf_add_str(
		&b,
		"usage: bench report [ID]\n\nMakes report.md, report.html, the plots and the judgements of a "
		"session again from its\nresults.json, the .csv files of timeline/ and soak/, decision.ini "
		"and checklist.ini.  A session of\nseveral scenarios that lacks one of these two is judged "
		"by that of scenarios/, which is copied into\nits folder.  Without an ID: the latest.\n\n");
	opt_help(flag_table, ARRAY_SIZE(flag_table), true, &b);
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

static int report(const char *out, const char *id, struct err *e)
{
	struct saved *s = mem_calloc(1, sizeof(*s));
	int rc = saved_open(s, out, id, e);

	rc = rc ? rc : report_write_model(&s->model, buf_str(&s->dir), NULL, e);
	if (!rc)
		report_print_paths(buf_str(&s->dir));
	saved_close(s);
	free(s);
	return rc;
}

static void print_schema(void)
{
	struct buf b = { 0 };

	result_write_schema(&b);
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

int cmd_report(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct flags f = { 0 };
	int rest, code = 0;

	opt_defaults(flag_table, ARRAY_SIZE(flag_table), &f);
	rest = opt_parse_args(flag_table, ARRAY_SIZE(flag_table), &f, argc, argv, &e);
	if (rest > 1)
		err_set(&e, -EINVAL, "%s: unexpected argument (bench report --help)", argv[2]);
	if (!e.code && f.help)
		print_help();
	else if (!e.code && f.schema)
		print_schema();
	else if (!e.code)
		(void)!report(f.out, rest ? argv[1] : "latest", &e);
	if (e.code) {
		log_error("%s", e.text);
		code = EXIT_BENCH_USAGE;
	}
	opt_release(flag_table, ARRAY_SIZE(flag_table), &f);
	return code;
}
