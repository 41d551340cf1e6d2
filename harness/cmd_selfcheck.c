/* `bench selfcheck`: the instrument measures what is known, and says how well. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build_info.h"
#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/opt.h"
#include "harness/cmd.h"
#include "harness/dirs.h"
#include "harness/file.h"
#include "harness/selfcheck/selfcheck.h"

struct flags {
	char *out, *only;
	int64_t seed;
	bool quick, quiet, help, anyway;
};

#define FLAG(field, type, name, letter, value, def, min, max, text) \
	OPT_ROW(struct flags, field, type, name, letter, value, def, min, max, text)

static const struct opt flag_table[] = {
	FLAG(quick, OPT_FLAG, "quick", 0, NULL, NULL, 0, 0, "in two minutes instead of ten"),
	FLAG(only, OPT_STRING, "only", 0, "TEXT", NULL, 0, 0,
	     "only the checks whose name contains this"),
	FLAG(out, OPT_STRING, "out", 'o', "DIR", NULL, 0, 0,
	     "where sessions go (reports/out/selfcheck)"),
	FLAG(seed, OPT_INT, "seed", 0, "N", "0", 0, 9e15, "of load and order; 0: from the clock"),
	FLAG(anyway, OPT_FLAG, "anyway", 0, NULL, NULL, 0, 0,
	     "check a build that is not the release variant"),
	FLAG(quiet, OPT_FLAG, "quiet", 'q', NULL, NULL, 0, 0, "no progress"),
	FLAG(help, OPT_FLAG, "help", 'h', NULL, NULL, 0, 0, "this text"),
};

static void print_help(void)
{
	struct buf b = { 0 };

	buf_add_str(&b,
		    "usage: bench selfcheck [options]\n\nMeasures fake and lying subjects whose "
		    "figures are known.  Exit 5 when a figure is\nwrong; a goal that was missed is "
		    "no error.  Checks:");
	selfcheck_names(&b);
	buf_add_str(&b, "\n\n");
	opt_help(flag_table, ARRAY_SIZE(flag_table), true, &b);
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

static void write_head(const struct selfcheck *sc, int rc, struct buf *out)
{
	const struct result *r = &sc->session->result;
	const struct known_table *t = &sc->table;

	buf_printf(
		out,
		"# Self-check %s\n\n%s%zu ok, %zu missed, %zu wrong, %zu unavailable.  Seed %llu%s, "
		"%.0f s.\n\n",
		r->id, rc ? "**Not complete: stopped by a signal.**  " : "",
		known_count(t, KNOWN_OK), known_count(t, KNOWN_MISSED), known_count(t, KNOWN_WRONG),
		known_count(t, KNOWN_UNAVAILABLE), (unsigned long long)r->seed,
		sc->quick ? ", quick" : "", (double)(clock_wall_us() - r->started_wall_us) / 1e6);
	buf_add_str(
		out,
		"*ok*: within the goal.  *missed*: a goal that this build did not reach on this "
		"host, at this hour.  *WRONG*: the instrument\nsaid something else than what is "
		"known: its figures are not to be trusted.\n\n");
	for (size_t i = 0; i < r->n_facts; i++)
		buf_printf(out, "- %s: %s\n", r->facts[i].key, r->facts[i].value);
}

/* The tables, to stdout and into the session's folder, beside the raw values. */
static int finish(struct selfcheck *sc, int rc, struct err *e)
{
	struct session *s = sc->session;
	struct buf md = { 0 }, path = { 0 };
	int rc2;

	s->result.complete = !rc;
	session_add_load(s, "load after");
	progress_end(&s->progress);
	write_head(sc, rc, &md);
	known_write(&sc->table, &md);
	buf_printf(&path, "%s/selfcheck.md", buf_str(&s->out_dir));
	rc2 = session_save(s, e);
	rc2 = rc2 ? rc2 : file_write(buf_str(&path), md.data, md.len, e);
	fwrite(md.data, 1, md.len, stdout);
	printf("\nself-check: %s\n", buf_str(&path));
	buf_release(&md);
	buf_release(&path);
	return rc2;
}

static int check(const struct session_conf *conf, const struct flags *f, struct err *e)
{
	struct session *s = mem_calloc(1, sizeof(*s));
	struct selfcheck sc = { .session = s, .quick = f->quick, .only = f->only };
	int rc = session_open(s, conf, e), code = EXIT_BENCH_BUG;

	if (!rc) {
		rc = selfcheck_run(&sc, e);
		if (!finish(&sc, rc, e) && !rc)
			code = known_count(&sc.table, KNOWN_WRONG) ? EXIT_BENCH_BUG : 0;
		else if (rc == -EINTR)
			code = EXIT_BENCH_VOID;
	}
	known_release(&sc.table);
	if (session_close(s, e))
		code = EXIT_BENCH_BUG;
	free(s);
	return code;
}

static int run(const struct flags *f, struct err *e)
{
	struct buf root = { 0 }, bin = { 0 }, scenario = { 0 }, out = { 0 };
	const char *paths[1];
	int code = EXIT_BENCH_USAGE;

	if (strcmp(BUILD_VARIANT, "release") && !f->anyway) {
		err_set(e, -EINVAL,
			"this is the %s variant; the release build is what measures (make selfcheck), "
			"or say --anyway",
			BUILD_VARIANT);
		return code;
	}
	if (!dirs_find(&root, &bin, e)) {
		buf_printf(&scenario, "%s/harness/selfcheck/selfcheck.ini", buf_str(&root));
		paths[0] = buf_str(&scenario);
		if (f->out)
			buf_add_str(&out, f->out);
		else
			buf_printf(&out, "%s/reports/out/selfcheck", buf_str(&root));
		code = check(
			&(struct session_conf){
				.root = buf_str(&root),
				.bin = buf_str(&bin),
				.out = buf_str(&out),
				.scenario_paths = paths,
				.n_scenarios = 1,
				.profile = f->quick ? PROFILE_QUICK : PROFILE_STANDARD,
				.seed = f->seed ? (uint64_t)f->seed : (uint64_t)clock_wall_us(),
				.drop_event = -1,
				.quiet = f->quiet,
				.anyway = true,
			},
			f, e);
	}
	buf_release(&root);
	buf_release(&bin);
	buf_release(&scenario);
	buf_release(&out);
	return code;
}

int cmd_selfcheck(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct flags f = { 0 };
	int rest, code = EXIT_BENCH_USAGE;

	opt_defaults(flag_table, ARRAY_SIZE(flag_table), &f);
	rest = opt_parse_args(flag_table, ARRAY_SIZE(flag_table), &f, argc, argv, &e);
	if (rest > 0)
		err_set(&e, -EINVAL, "%s: unexpected argument (bench selfcheck --help)", argv[1]);
	else if (!rest && f.help) {
		print_help();
		code = 0;
	} else if (!rest)
		code = run(&f, &e);
	if (e.code)
		log_error("%s", e.text);
	opt_release(flag_table, ARRAY_SIZE(flag_table), &f);
	return code;
}
