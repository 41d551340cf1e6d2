/* `bench decide`: does C replace Python?  By the rules of scenarios/decision.ini. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/opt.h"
#include "harness/cmd.h"
#include "harness/decided.h"
#include "harness/saved.h"

struct flags {
	char *out, *rules;
	bool help;
};

static const struct opt flag_table[] = {
	OPT_ROW(struct flags, out, OPT_STRING, "out", 'o', "DIR", NULL, 0, 0,
		"where sessions are (reports/out)"),
	OPT_ROW(struct flags, rules, OPT_STRING, "rules", 'r', "FILE", NULL, 0, 0,
		"rules to judge by; they are copied to the session (its own decision.ini, or else "
		"scenarios/decision.ini)"),
	OPT_ROW(struct flags, help, OPT_FLAG, "help", 'h', NULL, NULL, 0, 0, "this text"),
};

static void print_help(void)
{
	struct buf b = { 0 };

	buf_add_str(
		&b,
		"usage: bench decide [ID]\n\nSays for each extractor whether to keep Python or to "
		"switch to C, by which rule, what\nwould change that, and what it saves; writes "
		"decision.md, .html and .json into the\nsession's folder.  Without an ID: the "
		"latest.  Any verdict is exit code 0.\n\n");
	opt_help(flag_table, ARRAY_SIZE(flag_table), true, &b);
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

static int decide(const struct flags *f, const char *id, struct err *e)
{
	struct saved *s = mem_calloc(1, sizeof(*s));
	struct decided x = { 0 };
	struct buf md = { 0 };
	int rc = saved_open(s, f->out, id, e);

	rc = rc ? rc : decided_open(&x, &s->model, buf_str(&s->dir), f->rules, e);
	rc = rc ? rc : decided_write(&x, buf_str(&s->dir), &md, e);
	if (!rc) {
		fwrite(md.data, 1, md.len, stdout);
		printf("\ndecision: %s/decision.md, decision.html, decision.json\n",
		       buf_str(&s->dir));
		rules_file_tell(&x.file);
	}
	buf_release(&md);
	decided_close(&x);
	saved_close(s);
	free(s);
	return rc;
}

int cmd_decide(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct flags f = { 0 };
	int rest, code = 0;

	opt_defaults(flag_table, ARRAY_SIZE(flag_table), &f);
	rest = opt_parse_args(flag_table, ARRAY_SIZE(flag_table), &f, argc, argv, &e);
	if (rest > 1)
		err_set(&e, -EINVAL, "%s: unexpected argument (bench decide --help)", argv[2]);
	if (!e.code && f.help)
		print_help();
	else if (!e.code)
		(void)!decide(&f, rest ? argv[1] : "latest", &e);
	if (e.code) {
		log_error("%s", e.text);
		code = EXIT_BENCH_USAGE;
	}
	opt_release(flag_table, ARRAY_SIZE(flag_table), &f);
	return code;
}
