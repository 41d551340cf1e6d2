/* `bench run`: a session of one scenario or several, its report, its exit code. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build_info.h"
#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/opt.h"
#include "harness/aa.h"
#include "harness/cmd.h"
#include "harness/dirs.h"
#include "harness/doctor_gather.h"
#include "harness/integration.h"
#include "harness/latency.h"
#include "harness/report_files.h"
#include "harness/resources.h"
#include "harness/session.h"
#include "harness/soak.h"
#include "harness/startup.h"
#include "harness/throughput.h"
#include "harness/tuning.h"

struct flags {
	char *scenario, *out, *subject, *replay, *resume;
	int profile;
	int64_t seed, drop_event;
	double duration_s;
	bool quiet, help, anyway, realtime, duet;
};

#define FLAG(field, type, name, letter, value, def, min, max, text) \
	OPT_ROW(struct flags, field, type, name, letter, value, def, min, max, text)

static const struct opt flag_table[] = {
	FLAG(scenario, OPT_STRING, "scenario", 's', "NAME", NULL, 0, 0,
	     "names in scenarios/ or files, with commas between them; without: all in scenarios/"),
	OPT_CHOICE_ROW(struct flags, profile, "profile", 'p', "quick", profile_names,
		       "how much is done"),
	FLAG(subject, OPT_STRING, "subject", 0, "FILE", NULL, 0, 0,
	     "a subject file besides those in scenarios/subjects"),
	FLAG(replay, OPT_STRING, "replay", 0, "FILE", NULL, 0, 0,
	     "replay this recording (JSON lines) instead of the human-rate model"),
	FLAG(out, OPT_STRING, "out", 'o', "DIR", NULL, 0, 0, "where sessions go (reports/out)"),
	FLAG(seed, OPT_INT, "seed", 0, "N", "0", 0, 9e15, "of load and order; 0: from the clock"),
	FLAG(drop_event, OPT_INT, "drop-event", 0, "N", "-1", -1, 9e15,
	     "plant a fault: do not send event N of each plan, to see the run become void"),
	FLAG(duration_s, OPT_SECONDS, "duration", 0, "TIME", "0", 0, 31536000,
	     "how long a soak goes on, e.g. 10min or 24h; 0: what the scenario says"),
	FLAG(resume, OPT_STRING, "resume", 0, "ID", NULL, 0, 0,
	     "go on with a soak that was stopped: its folder, or its name where sessions go"),
	FLAG(realtime, OPT_FLAG, "realtime", 0, NULL, NULL, 0, 0,
	     "the generator under SCHED_FIFO, below the kernel's throttle: for a core that it has alone"),
	FLAG(duet, OPT_FLAG, "duet", 0, NULL, NULL, 0, 0,
	     "throughput, cpu: also both sides of each pair at once, on different cores"),
	FLAG(anyway, OPT_FLAG, "anyway", 0, NULL, NULL, 0, 0,
	     "run on an unfit host, or a build that is not the release variant; the results say so"),
	FLAG(quiet, OPT_FLAG, "quiet", 'q', NULL, NULL, 0, 0, "no progress"),
	FLAG(help, OPT_FLAG, "help", 'h', NULL, NULL, 0, 0, "this text"),
};

static void print_help(void)
{
	struct buf b = { 0 };

	buf_add_str(
		&b,
		"usage: bench run [options]\n\nMeasures one scenario, several, or all of them, and writes a report.  "
		"REDIS_URL and\nINFLUX_URL make it use existing servers instead of private ones.\n\n");
	opt_help(flag_table, ARRAY_SIZE(flag_table), true, &b);
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

/* Each word of the list is a name of scenarios/, or a path. */
static void scenario_paths(const char *list, const char *root, struct strv *out)
{
	struct buf path = { 0 };

	for (const char *p = list; p && *p; p += strspn(p, ",")) {
		size_t n = strcspn(p, ",");

		buf_reset(&path);
		if (memchr(p, '/', n) || (n > 4 && !strncmp(p + n - 4, ".ini", 4)))
			buf_add(&path, p, n);
		else
			buf_printf(&path, "%s/scenarios/%.*s.ini", root, (int)n, p);
		strv_add(out, buf_str(&path));
		p += n;
	}
	buf_release(&path);
}

static int (*const scenario_runs[SCENARIO_KINDS])(struct session *s, struct err *e) = {
	[SCENARIO_STARTUP] = startup_run,
	[SCENARIO_MEMORY] = memory_run,
	[SCENARIO_CPU] = cpu_run,
	[SCENARIO_LATENCY] = latency_run,
	[SCENARIO_THROUGHPUT] = throughput_run,
	[SCENARIO_INTEGRATION] = integration_run,
	[SCENARIO_TUNING] = tuning_run,
	[SCENARIO_SOAK] = soak_run,
	[SCENARIO_AA] = aa_run,
};

static int run_scenarios(struct session *s, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < s->n_scenarios; i++) {
		rc = session_begin(s, i, e);
		rc = rc ? rc : scenario_runs[s->scenario.kind](s, e);
	}
	return rc;
}

static bool any_bad_run(const struct result *r)
{
	for (size_t i = 0; i < r->n_runs; i++)
		if (r->runs[i].status == RUN_VOID || r->runs[i].status == RUN_FAILED)
			return true;
	return false;
}

static bool any_failed_item(const struct result *r)
{
	for (size_t i = 0; i < r->n_items; i++)
		if (r->items[i].outcome == ITEM_FAIL)
			return true;
	return false;
}

/* The report of whatever was measured; printed to stdout. */
static int finish(struct session *s, int rc, struct err *e)
{
	struct result *r = &s->result;
	struct buf md = { 0 };
	struct err late = ERR_INIT;

	r->complete = !rc;
	session_add_load(s, "load after");
	if (rc)
		snprintf(r->stopped_by, sizeof(r->stopped_by), "%.63s",
			 rc == -EINTR ? "stopped by a signal" : e->text);
	progress_step(&s->progress, "writing the report");
	if (session_save(s, &late) || report_write(r, buf_str(&s->out_dir), &md, &late)) {
		log_error("%s", late.text);
		rc = rc ? rc : late.code;
	}
	progress_end(&s->progress);
	fputs(buf_str(&md), stdout);
	putchar('\n');
	report_print_paths(buf_str(&s->out_dir));
	if (s->conf.profile == PROFILE_QUICK)
		printf("Profile quick is a look, mostly too short for verdicts; for decisions: make bench "
		       "PROFILE=standard (all scenarios: 45 min by their budgets)\n");
	buf_release(&md);
	return rc;
}

static int run_session(const struct session_conf *conf, struct err *e)
{
	struct session *s = calloc(1, sizeof(*s));
	struct err close_err = ERR_INIT;
	int rc, code = 0;

	if (!s)
		return EXIT_BENCH_BUG;
	rc = session_open(s, conf, e);
	if (rc) {
		code = rc == -EINVAL || rc == -ENOENT ? EXIT_BENCH_USAGE
		       : rc == DOCTOR_UNFIT_HOST      ? EXIT_BENCH_UNFIT
		       : rc == -EINTR		      ? EXIT_BENCH_VOID
						      : EXIT_BENCH_BUG;
	} else {
		rc = finish(s, run_scenarios(s, e), e);
		if (rc == -EINVAL)
			code = EXIT_BENCH_USAGE;
		else if (rc && rc != -EINTR)
			code = EXIT_BENCH_BUG;
		else if (rc || any_bad_run(&s->result) || any_failed_item(&s->result))
			code = EXIT_BENCH_VOID;
		if (rc == -EINTR)
			err_reset(e);
	}
	if (session_close(s, &close_err)) {
		log_error("cleaning up: %s", close_err.text);
		code = code ? code : EXIT_BENCH_BUG;
	}
	free(s);
	return code;
}

static int run(const struct flags *f, struct err *e)
{
	struct buf root = { 0 }, bin = { 0 }, out = { 0 }, resume = { 0 };
	struct strv paths = { 0 };
	struct session_conf conf;
	int code = EXIT_BENCH_USAGE;

	if (strcmp(BUILD_VARIANT, "release") && !f->anyway) {
		err_set(e, -EINVAL,
			"this is the %s variant; figures come from the release build (make bench), or say --anyway",
			BUILD_VARIANT);
		return code;
	}
	if (!dirs_find(&root, &bin, e)) {
		scenario_paths(f->resume && !f->scenario ? "soak" : f->scenario, buf_str(&root),
			       &paths);
		if (f->out)
			buf_add_str(&out, f->out);
		else
			buf_printf(&out, "%s/reports/out", buf_str(&root));
		if (f->resume && !strchr(f->resume, '/'))
			buf_printf(&resume, "%s/", buf_str(&out));
		if (f->resume)
			buf_add_str(&resume, f->resume);
		conf = (struct session_conf){
			.root = buf_str(&root),
			.bin = buf_str(&bin),
			.out = buf_str(&out),
			.scenario_paths = (const char *const *)paths.v,
			.n_scenarios = paths.n,
			.profile = (enum profile)f->profile,
			.seed = f->seed ? (uint64_t)f->seed : (uint64_t)clock_wall_us(),
			.subject_path = f->subject,
			.recording_path = f->replay,
			.drop_event = f->drop_event,
			.duration_s = f->duration_s,
			.resume = f->resume ? buf_str(&resume) : NULL,
			.realtime = f->realtime,
			.duet = f->duet,
			.quiet = f->quiet,
			.anyway = f->anyway,
		};
		code = run_session(&conf, e);
	}
	buf_release(&root);
	buf_release(&bin);
	strv_release(&paths);
	buf_release(&resume);
	buf_release(&out);
	return code;
}

int cmd_run(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct flags f = { 0 };
	int rest, code = EXIT_BENCH_USAGE;

	opt_defaults(flag_table, ARRAY_SIZE(flag_table), &f);
	rest = opt_parse_args(flag_table, ARRAY_SIZE(flag_table), &f, argc, argv, &e);
	if (rest > 0)
		err_set(&e, -EINVAL, "%s: unexpected argument (bench run --help)", argv[1]);
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
