/* `bench checklist`: a session judged by the performance checklist. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/opt.h"
#include "harness/checklist_files.h"
#include "harness/cmd.h"
#include "harness/file.h"
#include "harness/saved.h"
#include "harness/signoff.h"

struct flags {
	char *out, *rules;
	bool help;
};

static const struct opt flag_table[] = {
	OPT_ROW(struct flags, out, OPT_STRING, "out", 'o', "DIR", NULL, 0, 0,
		"where sessions are (reports/out)"),
	OPT_ROW(struct flags, rules, OPT_STRING, "rules", 'r', "FILE", NULL, 0, 0,
		"judge by this file instead of the session's checklist.ini, or, when it was never "
		"judged, scenarios/checklist.ini"),
	OPT_ROW(struct flags, help, OPT_FLAG, "help", 'h', NULL, NULL, 0, 0, "this text"),
};

/* Not judged is not passed, and not failed either: as a run that gave no figure. */
static const int exit_codes[CHECKLIST_VERDICTS] = {
	[CHECKLIST_PASS] = 0,
	[CHECKLIST_FAIL] = EXIT_BENCH_REGRESSION,
	[CHECKLIST_UNDECIDED] = EXIT_BENCH_VOID,
};

static void print_help(void)
{
	struct buf b = { 0 };

	buf_add_str(
		&b,
		"usage: bench checklist [ID]\n\nJudges a session (without an ID: the latest) by the "
		"performance checklist, prints it and writes\nchecklist.md, checklist.html and "
		"checklist.json into its folder, with a copy of the rules.\n"
		"Exit code: 0 everything with a target passed, 1 something failed, 4 nothing failed "
		"but\nsomething is undecided.\n\n");
	opt_help(flag_table, ARRAY_SIZE(flag_table), true, &b);
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

static void print(const struct checklist *c, const char *dir)
{
	struct buf text = { 0 };

	checklist_output(c, CHECKLIST_MARKDOWN, &text);
	fwrite(text.data, 1, text.len, stdout);
	printf("\nchecklist: %s/checklist.html\n", dir);
	buf_release(&text);
}

static int judge(const struct flags *f, const char *id, int *code, struct err *e)
{
	struct saved *s = mem_calloc(1, sizeof(*s));
	struct checklist_case k = { .file = { .name = NULL } };
	int rc = saved_open(s, f->out, id, e);

	rc = rc ? rc : checklist_case_open(&k, &s->model, buf_str(&s->dir), f->rules, e);
	rc = rc ? rc : checklist_case_write(&k, buf_str(&s->dir), e);
	if (!rc && file_is_in(buf_str(&s->dir), SIGNOFF_FILE))
		log_warning("%s was signed off: bench verify says whether that still holds",
			    buf_str(&s->dir));
	if (!rc) {
		print(&k.checklist, buf_str(&s->dir));
		rules_file_tell(&k.file);
		*code = exit_codes[k.checklist.verdict];
	}
	checklist_case_close(&k);
	saved_close(s);
	free(s);
	return rc;
}

int cmd_checklist(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct flags f = { 0 };
	int rest, code = EXIT_BENCH_USAGE;

	opt_defaults(flag_table, ARRAY_SIZE(flag_table), &f);
	rest = opt_parse_args(flag_table, ARRAY_SIZE(flag_table), &f, argc, argv, &e);
	if (rest > 1)
		err_set(&e, -EINVAL, "%s: unexpected argument (bench checklist --help)", argv[2]);
	if (!e.code && f.help) {
		print_help();
		code = 0;
	} else if (!e.code) {
		(void)!judge(&f, rest ? argv[1] : "latest", &code, &e);
	}
	if (e.code)
		log_error("%s", e.text);
	opt_release(flag_table, ARRAY_SIZE(flag_table), &f);
	return code;
}
