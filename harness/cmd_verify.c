/* `bench verify`: whether the signature of a session's checklist holds. */
#include <errno.h>
#include <stdio.h>

#include "extractors/base/log.h"
#include "extractors/base/opt.h"
#include "harness/cmd.h"
#include "harness/saved.h"
#include "harness/signoff.h"

struct flags {
	char *out, *allowed;
	bool help;
};

static const struct opt flag_table[] = {
	OPT_ROW(struct flags, allowed, OPT_STRING, "allowed", 'a', "FILE", NULL, 0, 0,
		"who may sign with which key: an allowed_signers file of ssh-keygen(1); without it "
		"nobody knows who signed"),
	OPT_ROW(struct flags, out, OPT_STRING, "out", 'o', "DIR", NULL, 0, 0,
		"where sessions are (reports/out)"),
	OPT_ROW(struct flags, help, OPT_FLAG, "help", 'h', NULL, NULL, 0, 0, "this text"),
};

static void print_help(void)
{
	struct buf b = { 0 };

	buf_add_str(
		&b,
		"usage: bench verify [--allowed FILE] [ID]\n\nChecks signoff.txt of a session (without "
		"an ID: of the latest): its signature, the SHA-256 of\nevery file it names, that the "
		"results give this checklist when judged again, and that it says what\nis true of "
		"them.  Exit code: 0 it holds, 1 it does not, 2 it could not be checked.\n\n");
	opt_help(flag_table, ARRAY_SIZE(flag_table), true, &b);
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

static void print(struct signoff_seen *seen, const char *dir, bool known)
{
	struct buf text = { 0 };

	statement_write(&seen->statement, &text);
	fwrite(text.data, 1, text.len, stdout);
	printf("\nholds: %s/" SIGNOFF_FILE ": %s\n", dir, buf_str(&seen->words));
	if (!known)
		printf("\nWHO SIGNED WAS NOT CHECKED: without allowed signers (--allowed FILE, make "
		       "verify-signoff ALLOWED=FILE) any key\nof anybody does.  The name above is what "
		       "the signer wrote.\n");
	buf_release(&text);
}

static int check(const struct flags *f, const char *id, struct err *e)
{
	struct signoff_seen seen = { .words = { 0 } };
	struct buf dir = { 0 };
	int rc = saved_find(&dir, f->out, id, e);

	rc = rc ? rc : signoff_check(buf_str(&dir), f->allowed, &seen, e);
	if (!rc)
		print(&seen, buf_str(&dir), f->allowed);
	else if (rc == -EBADMSG)
		err_wrap(e, "REFUSED: %s", buf_str(&dir));
	signoff_seen_release(&seen);
	buf_release(&dir);
	return rc;
}

int cmd_verify(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct flags f = { 0 };
	int rest, rc, code = EXIT_BENCH_USAGE;

	opt_defaults(flag_table, ARRAY_SIZE(flag_table), &f);
	rest = opt_parse_args(flag_table, ARRAY_SIZE(flag_table), &f, argc, argv, &e);
	if (!e.code && f.help) {
		print_help();
		code = 0;
	} else if (!e.code && rest > 1) {
		err_set(&e, -EINVAL, "%s: unexpected argument (bench verify --help)", argv[2]);
	} else if (!e.code) {
		rc = check(&f, rest ? argv[1] : "latest", &e);
		code = !rc ? 0 : rc == -EBADMSG ? EXIT_BENCH_REGRESSION : EXIT_BENCH_USAGE;
	}
	if (e.code)
		log_error("%s", e.text);
	opt_release(flag_table, ARRAY_SIZE(flag_table), &f);
	return code;
}
