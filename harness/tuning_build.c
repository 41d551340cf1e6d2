/* Other builds; see tuning_build.h.  A new one is a new row. */
#include "harness/tuning_build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"

#define BUILD_NS (300 * NS_PER_S)

static const struct build {
	const char *name, *compile, *link, *compiler, *words;
} builds[] = {
	/* The default, made again: what stands in build/release may be of older sources. */
	{ TUNING_BUILD_DEFAULT, "", "", NULL, "-O2, the default" },
	{ "O3", "-O3", "-O3", NULL, "-O3 instead of -O2" },
	{ "Os", "-Os", "-Os", NULL, "-Os instead of -O2" },
	{ "lto", "-flto", "-flto=auto", NULL, "-flto" },
	{ "native", "-march=native", "", NULL, "-march=native: for this machine's CPU only" },
	{ "clang", "", "", "clang", "clang instead of gcc" },
};

static const struct build *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(builds); i++)
		if (!strcmp(builds[i].name, name))
			return &builds[i];
	return NULL;
}

bool tuning_build_known(const char *name, const char **known)
{
	*known = TUNING_BUILD_DEFAULT ", O3, Os, lto, native, clang";
	return find(name);
}

/* make's own variables stay out: who runs us may be make, with a job server of its own. */
static void make_env(struct strv *env)
{
	static const char *const passed[] = { "PATH", "HOME", "TMPDIR" };

	for (size_t i = 0; i < ARRAY_SIZE(passed); i++)
		if (getenv(passed[i]))
			strv_set_env(env, passed[i], getenv(passed[i]));
	strv_set_env(env, "LC_ALL", "C.UTF-8");
}

static void make_argv(const struct session *s, const struct build *b, struct strv *argv)
{
	strv_add(argv, "make");
	strv_add(argv, "--no-print-directory");
	strv_addf(argv, "-j%d", s->cpus.n);
	strv_add(argv, "VARIANT=release");
	strv_addf(argv, "B=build/tune-%s", b->name);
	strv_addf(argv, "EXTRA_CFLAGS=%s", b->compile);
	strv_addf(argv, "EXTRA_LDFLAGS=%s", b->link);
	if (b->compiler)
		strv_addf(argv, "CC=%s", b->compiler);
	strv_add(argv, "extractors");
}

int tuning_build(struct session *s, const char *name, struct buf *bin, struct err *e)
{
	const struct build *b = find(name);
	struct strv argv = { 0 }, env = { 0 };
	cpu_set_t all;
	struct proc_spec spec = {
		.name = "make",
		.argv = &argv,
		.env = &env,
		.cwd = s->conf.root,
		.cpus = &all,
		.hooks = &s->hooks,
		.loop = s->loop,
	};
	char words[PROC_WORDS_MAX], last[256];
	struct proc *p = NULL;
	int rc;

	CPU_OR(&all, &s->cpus.subject, &s->cpus.servers);
	CPU_OR(&all, &all, &s->cpus.generator);
	CPU_OR(&all, &all, &s->cpus.tap);
	progress_step(&s->progress, "building the extractors with %s", b->words);
	make_argv(s, b, &argv);
	make_env(&env);
	rc = proc_start(&p, &spec, e);
	rc = rc ? rc : proc_await_exit(p, clock_mono_ns() + BUILD_NS, e);
	if (!rc && proc_info(p)->status) {
		outlog_last_words(proc_stderr(p), last, sizeof(last));
		rc = err_set(e, -ENOEXEC, "make: %s: %.100s",
			     proc_exit_words(proc_info(p)->status, words), last);
	}
	proc_free(p);
	strv_release(&argv);
	strv_release(&env);
	buf_reset(bin);
	buf_printf(bin, "%s/build/tune-%s/bin", s->conf.root, name);
	return rc;
}
