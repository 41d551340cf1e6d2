/*
 * The host on record; see env.h.  A new fact is a new row.
 *
 * Rows are answered by a few kinds of finders: a line of a file, a `key: value`
 * of a file, the output of a program, uname(2), what the build wrote down.
 */
#include "harness/env.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "build_info.h"
#include "extractors/base/clock.h"
#include "extractors/base/err.h"
#include "harness/file.h"
#include "harness/proc.h"
#include "harness/strv.h"

#define ASK_TIMEOUT_NS (10 * NS_PER_S)
#define ANSWER_MAX     65536
#define FILE_MAX       (4 << 20) /* /proc/cpuinfo: 1.5 KB a CPU */

struct fact {
	const char *key;
	int (*find)(const struct env_conf *conf, const char *arg, const char *arg2, struct buf *out,
		    struct err *e);
	const char *arg, *arg2;
};

/* Cut to the first line. */
static void first_line(struct buf *b, size_t from)
{
	const char *nl = b->len > from ? memchr(b->data + from, '\n', b->len - from) : NULL;

	if (nl)
		b->len = (size_t)(nl - b->data);
	while (b->len > from && isspace((unsigned char)b->data[b->len - 1]))
		b->len--;
}

static int line_of(const struct env_conf *conf UNUSED, const char *path, const char *arg2 UNUSED,
		   struct buf *out, struct err *e)
{
	int rc = file_read(path, FILE_MAX, out, e);

	first_line(out, 0);
	return rc;
}

/* The value of the first line `key<blanks>[:=]<blanks>value`, quotes dropped. */
static int value_of(const struct env_conf *conf UNUSED, const char *path, const char *key,
		    struct buf *out, struct err *e)
{
	size_t len = strlen(key);
	struct buf text = { 0 };
	int rc = file_read(path, FILE_MAX, &text, e);
	const char *p = rc ? NULL : buf_str(&text);
	bool found = false;

	for (; p && *p && !found; p = strchr(p, '\n')) {
		const char *v;

		p += *p == '\n';
		v = p + len;
		if (strncmp(p, key, len) || !strchr(" \t:=", *v) || !*v)
			continue;
		v += strspn(v, " \t:=\"");
		buf_add(out, v, strcspn(v, "\"\n"));
		found = true;
	}
	if (!rc && !found)
		rc = err_set(e, -ENOENT, "%s has no \"%s\"", path, key);
	buf_release(&text);
	return rc;
}

static int kernel(const struct env_conf *conf UNUSED, const char *arg UNUSED,
		  const char *arg2 UNUSED, struct buf *out, struct err *e)
{
	struct utsname u;

	if (uname(&u))
		return err_set(e, -errno, "uname: %s", strerror(errno));
	buf_printf(out, "%s %s %s %s", u.sysname, u.release, u.version, u.machine);
	return 0;
}

static int cpus(const struct env_conf *conf UNUSED, const char *arg UNUSED, const char *arg2 UNUSED,
		struct buf *out, struct err *e)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return err_set(e, -errno, "sched_getaffinity: %s", strerror(errno));
	buf_printf(out, "%ld online, %d allowed", sysconf(_SC_NPROCESSORS_ONLN), CPU_COUNT(&set));
	return 0;
}

static int memory(const struct env_conf *conf UNUSED, const char *arg UNUSED,
		  const char *arg2 UNUSED, struct buf *out, struct err *e UNUSED)
{
	int64_t bytes = (int64_t)sysconf(_SC_PHYS_PAGES) * sysconf(_SC_PAGESIZE);

	buf_printf(out, "%lld MiB", (long long)(bytes / 1048576));
	return 0;
}

static int hypervisor(const struct env_conf *conf, const char *arg UNUSED, const char *arg2 UNUSED,
		      struct buf *out, struct err *e)
{
	struct buf flags = { 0 };
	int rc = value_of(conf, "/proc/cpuinfo", "flags", &flags, e);

	if (!rc)
		buf_add_str(out, strstr(buf_str(&flags), " hypervisor")
					 ? "virtual machine (the CPU says hypervisor)"
					 : "no sign of one");
	buf_release(&flags);
	return rc;
}

static int aslr(const struct env_conf *conf, const char *path, const char *arg2 UNUSED,
		struct buf *out, struct err *e)
{
	/* Documentation/admin-guide/sysctl/kernel.rst, randomize_va_space */
	static const char *const words[] = { "off", "stack and mappings", "full" };
	int rc = line_of(conf, path, NULL, out, e);

	if (!rc && out->len == 1 && out->data[0] >= '0' && out->data[0] <= '2')
		buf_printf(out, " (%s)", words[out->data[0] - '0']);
	return rc;
}

static int isolated(const struct env_conf *conf, const char *path, const char *arg2 UNUSED,
		    struct buf *out, struct err *e)
{
	int rc = line_of(conf, path, NULL, out, e);

	if (!rc && !out->len)
		buf_add_str(out, "none");
	return rc;
}

static int capture(const struct strv *argv, struct buf *out, struct err *e)
{
	int rc = proc_capture(argv, ANSWER_MAX, ASK_TIMEOUT_NS, out, e);

	first_line(out, 0);
	return rc;
}

/* The first line that a program prints for one argument. */
static int asked(const struct env_conf *conf UNUSED, const char *program, const char *arg2,
		 struct buf *out, struct err *e)
{
	struct strv argv = { 0 };
	int rc;

	strv_add(&argv, program);
	strv_add(&argv, arg2);
	rc = capture(&argv, out, e);
	strv_release(&argv);
	if (!rc && !out->len)
		rc = err_set(e, -ENODATA, "%s %s prints nothing", program, arg2);
	return rc;
}

/* The version of an installed package, for programs and libraries that do not say. */
static int package(const struct env_conf *conf UNUSED, const char *name, const char *arg2 UNUSED,
		   struct buf *out, struct err *e)
{
	static const char *const words[] = { "dpkg-query", "-W", "-f", "${Version}" };
	struct strv argv = { 0 };
	int rc;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		strv_add(&argv, words[i]);
	strv_add(&argv, name);
	rc = capture(&argv, out, e);
	strv_release(&argv);
	return rc;
}

static int python(const struct env_conf *conf, const char *script, const char *arg2 UNUSED,
		  struct buf *out, struct err *e)
{
	struct strv argv = { 0 };
	int rc;

	strv_add(&argv, conf->python);
	strv_add(&argv, "-c");
	strv_add(&argv, script);
	rc = capture(&argv, out, e);
	strv_release(&argv);
	return rc;
}

static int git(const struct env_conf *conf, const char *words, const char *if_empty,
	       struct buf *out, struct err *e)
{
	struct strv argv = { 0 };
	char path[4096];
	int rc;

	snprintf(path, sizeof(path), "%s/.git", conf->root);
	if (access(path, F_OK))
		return err_set(e, -ENOENT, "no .git: not a clone");
	/* Reading must not rewrite the index (git(1), GIT_OPTIONAL_LOCKS). */
	strv_add(&argv, "git");
	strv_add(&argv, "--no-optional-locks");
	strv_add(&argv, "-C");
	strv_add(&argv, conf->root);
	rc = strv_split(&argv, words, e);
	if (!rc)
		rc = capture(&argv, out, e);
	strv_release(&argv);
	if (!rc && !out->len)
		buf_add_str(out, if_empty);
	return rc;
}

static int dirtiness(const struct env_conf *conf, const char *words, const char *arg2 UNUSED,
		     struct buf *out, struct err *e)
{
	struct buf changed = { 0 };
	int rc = git(conf, words, "", &changed, e);

	if (!rc)
		buf_add_str(out, changed.len ? "dirty: differs from the commit" : "clean");
	buf_release(&changed);
	return rc;
}

static int built(const struct env_conf *conf UNUSED, const char *text, const char *arg2 UNUSED,
		 struct buf *out, struct err *e UNUSED)
{
	buf_add_str(out, text);
	return 0;
}

#define PYTHON_PACKAGES                                                            \
	"from importlib.metadata import version as v, PackageNotFoundError as E\n" \
	"def f(n):\n"                                                              \
	"    try: return n + ' ' + v(n)\n"                                         \
	"    except E: return n + ' not installed'\n"                              \
	"print(', '.join(map(f, ('redis', 'hiredis', 'numpy', 'urllib3'))))\n"

static const struct fact facts[] = {
	{ "host.kernel", kernel, NULL, NULL },
	{ "host.os", value_of, "/etc/os-release", "PRETTY_NAME" },
	{ "host.cpu_model", value_of, "/proc/cpuinfo", "model name" },
	{ "host.cpus", cpus, NULL, NULL },
	{ "host.memory", memory, NULL, NULL },
	{ "host.hypervisor", hypervisor, NULL, NULL },
	{ "host.governor", line_of, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", NULL },
	{ "host.smt", line_of, "/sys/devices/system/cpu/smt/active", NULL },
	{ "host.no_turbo", line_of, "/sys/devices/system/cpu/intel_pstate/no_turbo", NULL },
	{ "host.transparent_hugepages", line_of, "/sys/kernel/mm/transparent_hugepage/enabled",
	  NULL },
	{ "host.clocksource", line_of,
	  "/sys/devices/system/clocksource/clocksource0/current_clocksource", NULL },
	{ "host.aslr", aslr, "/proc/sys/kernel/randomize_va_space", NULL },
	{ "host.isolated_cpus", isolated, "/sys/devices/system/cpu/isolated", NULL },
	{ "version.redis", asked, "redis-server", "--version" },
	{ "version.influxdb", asked, "influxd", "version" },
	{ "version.victoria_metrics", package, "victoria-metrics", NULL },
	{ "version.gnuplot", asked, "gnuplot", "--version" },
	{ "version.hyperfine", asked, "hyperfine", "--version" },
	{ "version.valgrind", asked, "valgrind", "--version" },
	{ "version.hiredis", package, "libhiredis0.14", NULL },
	{ "version.python", python, "import sys; print(sys.version.replace('\\n', ' '))", NULL },
	{ "version.python_packages", python, PYTHON_PACKAGES, NULL },
	{ "build.compiler", built, BUILD_COMPILER, NULL },
	{ "build.flags", built, BUILD_FLAGS, NULL },
	{ "build.variant", built, BUILD_VARIANT, NULL },
	{ "build.commit", built, BUILD_COMMIT, NULL },
	{ "git.commit", git, "rev-parse HEAD", "none" },
	{ "git.state", dirtiness, "status --porcelain", NULL },
};

void env_collect(const struct env_conf *conf,
		 void (*fact)(void *ctx, const char *key, const char *value), void *ctx)
{
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		const struct fact *f = &facts[i];
		struct err e = ERR_INIT;
		struct buf value = { 0 };

		if (f->find(conf, f->arg, f->arg2, &value, &e)) {
			buf_reset(&value);
			buf_printf(&value, "unavailable: %s", e.text);
		}
		fact(ctx, f->key, buf_str(&value));
		buf_release(&value);
	}
}

int env_find(const struct env_conf *conf, const char *key, struct buf *out, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		if (!strcmp(facts[i].key, key))
			return facts[i].find(conf, facts[i].arg, facts[i].arg2, out, e);
	return err_set(e, -ENOENT, "%s is not among the facts of a host", key);
}
