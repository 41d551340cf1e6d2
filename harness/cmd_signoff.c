/* `bench signoff`: a session's checklist, signed with a key of ssh-keygen(1). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/opt.h"
#include "harness/cmd.h"
#include "harness/file.h"
#include "harness/saved.h"
#include "harness/signoff.h"

struct flags {
	char *out, *signer, *key;
	bool anyway, help;
};

static const struct opt flag_table[] = {
	OPT_ROW(struct flags, signer, OPT_STRING, "signer", 's', "WHO", NULL, 0, 0,
		"who signs: \"Name <mail@domain>\""),
	OPT_ROW(struct flags, key, OPT_STRING, "key", 'k', "FILE", NULL, 0, 0,
		"the private key, as ssh-keygen -Y sign -f takes it"),
	OPT_ROW(struct flags, anyway, OPT_FLAG, "anyway", 0, NULL, NULL, 0, 0,
		"sign although an item failed, the build was dirty, the host unfit or the session cut "
		"off; the statement says so"),
	OPT_ROW(struct flags, out, OPT_STRING, "out", 'o', "DIR", NULL, 0, 0,
		"where sessions are (reports/out)"),
	OPT_ROW(struct flags, help, OPT_FLAG, "help", 'h', NULL, NULL, 0, 0, "this text"),
};

static void print_help(void)
{
	struct buf b = { 0 };

	buf_add_str(
		&b,
		"usage: bench signoff --signer WHO --key FILE [ID]\n\nWrites signoff.txt into a "
		"session's folder (without an ID: the latest's): who signs when, the\nchecklist's "
		"verdict, commit, host and the SHA-256 of the files; and signoff.txt.sig, the "
		"signature.\nExit code: 0 signed, 1 refused, 2 could not be done.\n\n");
	opt_help(flag_table, ARRAY_SIZE(flag_table), true, &b);
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

static void print(const struct statement *s, const char *dir)
{
	struct buf text = { 0 };

	statement_write(s, &text);
	fwrite(text.data, 1, text.len, stdout);
	printf("\nsigned: %s/" SIGNOFF_FILE ", the signature beside it\n", dir);
	buf_release(&text);
}

static int sign(const struct flags *f, const char *id, struct err *e)
{
	struct saved *s = mem_calloc(1, sizeof(*s));
	struct statement statement = { { NULL } };
	struct signer signer;
	struct signoff_order order = { .signer = &signer,
				       .key = f->key,
				       .anyway = f->anyway,
				       .now_wall_us = clock_wall_us() };
	int rc = signer_parse(&signer, f->signer, e);

	rc = rc ? rc : saved_open(s, f->out, id, e);
	if (!rc && file_is_in(buf_str(&s->dir), SIGNOFF_FILE))
		log_warning("%s was signed off before: a new signature replaces that one",
			    buf_str(&s->dir));
	rc = rc ? rc : signoff_make(buf_str(&s->dir), &s->model, &order, &statement, e);
	if (!rc)
		print(&statement, buf_str(&s->dir));
	statement_release(&statement);
	saved_close(s);
	free(s);
	return rc;
}

static int exit_code(int rc)
{
	return !rc ? 0 : rc == -EPERM || rc == -EBADMSG ? EXIT_BENCH_REGRESSION : EXIT_BENCH_USAGE;
}

int cmd_signoff(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct flags f = { 0 };
	int rest, code = EXIT_BENCH_USAGE;

	opt_defaults(flag_table, ARRAY_SIZE(flag_table), &f);
	rest = opt_parse_args(flag_table, ARRAY_SIZE(flag_table), &f, argc, argv, &e);
	if (!e.code && f.help) {
		print_help();
		code = 0;
	} else if (!e.code && rest > 1) {
		err_set(&e, -EINVAL, "%s: unexpected argument (bench signoff --help)", argv[2]);
	} else if (!e.code && (!f.signer || !*f.signer || !f.key || !*f.key)) {
		err_set(&e, -EINVAL,
			"signoff wants --signer \"Name <mail@domain>\" and --key FILE");
	} else if (!e.code) {
		code = exit_code(sign(&f, rest ? argv[1] : "latest", &e));
	}
	if (e.code)
		log_error("%s", e.text);
	opt_release(flag_table, ARRAY_SIZE(flag_table), &f);
	return code;
}
