/* `bench compare`: two sessions side by side, and whether they measured the same. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/opt.h"
#include "harness/cmd.h"
#include "harness/file.h"
#include "harness/report/compare.h"
#include "harness/report/render_compare.h"
#include "harness/saved.h"

struct flags {
	char *out, *markdown, *html;
	double agree;
	bool fail_on_worse, help;
};

static const struct opt flag_table[] = {
	OPT_ROW(struct flags, out, OPT_STRING, "out", 'o', "DIR", NULL, 0, 0,
		"where sessions are (reports/out)"),
	OPT_ROW(struct flags, markdown, OPT_STRING, "markdown", 0, "FILE", NULL, 0, 0,
		"write the comparison there, not to stdout"),
	OPT_ROW(struct flags, html, OPT_STRING, "html", 0, "FILE", NULL, 0, 0,
		"write it as a page, too"),
	OPT_ROW(struct flags, fail_on_worse, OPT_FLAG, "fail-on-worse", 0, NULL, NULL, 0, 0,
		"exit 1 when anything is worse in B"),
	OPT_ROW(struct flags, agree, OPT_DOUBLE, "agree", 0, "FRAC", "0", 0, 1,
		"exit 1 when a smaller share of the figures agrees: their intervals overlap"),
	OPT_ROW(struct flags, help, OPT_FLAG, "help", 'h', NULL, NULL, 0, 0, "this text"),
};

static void print_help(void)
{
	struct buf b = { 0 };

	buf_add_str(&b,
		    "usage: bench compare A B\n\nSets session B against session A: every figure "
		    "that both have, B's divided by A's.\nA session is an ID, \"latest\", or the "
		    "path of its folder.\n\n");
	opt_help(flag_table, ARRAY_SIZE(flag_table), true, &b);
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

static void write_as(const struct compare *c, const struct doc_form *form, struct buf *out)
{
	struct buf title = { 0 };
	struct doc *d;

	render_compare_title(c, &title);
	d = doc_new(form, buf_str(&title), out);
	render_compare(c, d);
	doc_end(d);
	buf_release(&title);
}

/* `path` NULL: to stdout. */
static int put(const char *path, const struct buf *text, struct err *e)
{
	if (path)
		return file_put(path, text, e);
	if (fwrite(text->data, 1, text->len, stdout) != text->len || fflush(stdout))
		return err_set(e, -errno, "stdout: %s", strerror(errno));
	return 0;
}

static int write_all(const struct flags *f, const struct compare *c, struct err *e)
{
	struct buf text = { 0 };
	int rc;

	write_as(c, &doc_markdown, &text);
	rc = put(f->markdown, &text, e);
	buf_reset(&text);
	if (!rc && f->html) {
		write_as(c, &doc_html, &text);
		rc = put(f->html, &text, e);
	}
	buf_release(&text);
	return rc;
}

/* Nothing in common, or no agreement to be told: asked of sessions that it cannot be asked of. */
static int check(const struct flags *f, const struct compare *c, const char *const ids[2],
		 struct err *e)
{
	if (!c->lists[COMPARE_RATIOS].n && !c->lists[COMPARE_VALUES].n && !c->compared_outcomes)
		return err_set(e, -ENODATA,
			       "%s, %s: nothing is in both; they must be of the same scenarios",
			       ids[0], ids[1]);
	if (f->agree > 0 && isnan(compare_agreement(c)))
		return err_set(e, -ENODATA, "%s, %s: no figure has an interval in both", ids[0],
			       ids[1]);
	return 0;
}

static int exit_code(const struct flags *f, const struct compare *c)
{
	if (f->fail_on_worse && compare_any_worse(c))
		return EXIT_BENCH_REGRESSION;
	return compare_agreement(c) < f->agree ? EXIT_BENCH_REGRESSION : 0; /* NaN: not asked */
}

static int compare(const struct flags *f, const char *const ids[2], int *code, struct err *e)
{
	struct saved *both = mem_calloc(2, sizeof(*both));
	struct compare c = { .n_absent = 0 };
	int rc = 0;

	for (int i = 0; !rc && i < 2; i++)
		rc = saved_open(&both[i], f->out, ids[i], e);
	if (!rc) {
		compare_build(&c, &both[COMPARE_A].model, &both[COMPARE_B].model);
		rc = check(f, &c, ids, e);
	}
	rc = rc ? rc : write_all(f, &c, e);
	if (!rc)
		*code = exit_code(f, &c);
	compare_release(&c);
	for (int i = 0; i < 2; i++)
		saved_close(&both[i]);
	free(both);
	return rc;
}

int cmd_compare(int argc, char **argv)
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
		err_set(&e, -EINVAL, "compare wants two sessions (bench compare --help)");
	} else if (!e.code) {
		(void)!compare(&f, (const char *const *)&argv[1], &code, &e);
	}
	if (e.code)
		log_error("%s", e.text);
	opt_release(flag_table, ARRAY_SIZE(flag_table), &f);
	return code;
}
