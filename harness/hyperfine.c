/* hyperfine as a child process; see hyperfine.h. */
#include "harness/hyperfine.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "extractors/base/clock.h"
#include "harness/file.h"

#define ASK_TIMEOUT_NS (10 * NS_PER_S)
#define JSON_MAX       (1 << 20) /* 40 bytes a run and what is fixed */
#define OPTION	       "--exit-when-ready"

int hyperfine_version(struct buf *out, struct err *e)
{
	struct strv argv = { 0 };
	char path[PATH_MAX];
	int rc;

	if (proc_find_program("hyperfine", NULL, path, sizeof(path), NULL))
		return err_set(e, -ENOENT, "hyperfine is not installed");
	strv_add(&argv, path);
	strv_add(&argv, "--version");
	rc = proc_capture(&argv, 4096, ASK_TIMEOUT_NS, out, e);
	strv_release(&argv);
	while (out->len && out->data[out->len - 1] == '\n')
		out->len--;
	return rc;
}

/* Its splitter is the crate shell-words, POSIX rules: in '…' everything is literal. */
void hyperfine_quote(const struct strv *argv, struct buf *out)
{
	for (size_t i = 0; i < argv->n; i++) {
		buf_add_str(out, i ? " '" : "'");
		for (const char *p = argv->v[i]; *p; p++)
			if (*p == '\'')
				buf_add_str(out, "'\\''");
			else
				buf_add_char(out, *p);
		buf_add_char(out, '\'');
	}
}

static bool take_ms(const cJSON *result, const char *name, double *ms)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(result, name);

	if (!cJSON_IsNumber(v) || !(v->valuedouble >= 0))
		return false;
	*ms = v->valuedouble * 1e3;
	return true;
}

static int parse_result(const cJSON *root, struct hyperfine_times *out, struct err *e)
{
	const cJSON *results = cJSON_GetObjectItemCaseSensitive(root, "results");
	const cJSON *one = cJSON_GetArrayItem(results, 0);
	const cJSON *times = cJSON_GetObjectItemCaseSensitive(one, "times");

	if (!cJSON_IsArray(results) || cJSON_GetArraySize(results) != 1)
		return err_set(e, -EINVAL, "hyperfine: not one result");
	if (!cJSON_IsArray(times) || !cJSON_GetArraySize(times))
		return err_set(e, -EINVAL, "hyperfine: no times");
	out->n = (size_t)cJSON_GetArraySize(times);
	if (!take_ms(one, "mean", &out->mean_ms) || !take_ms(one, "median", &out->median_ms) ||
	    !take_ms(one, "min", &out->min_ms) || !take_ms(one, "max", &out->max_ms))
		return err_set(e, -EINVAL, "hyperfine: mean, median, min or max is missing");
	if (!take_ms(one, "stddev", &out->stddev_ms)) /* null: of one run there is none */
		out->stddev_ms = NAN;
	return 0;
}

int hyperfine_parse(const char *text, size_t len, struct hyperfine_times *out, struct err *e)
{
	cJSON *root = cJSON_ParseWithLength(text, len);
	int rc;

	memset(out, 0, sizeof(*out));
	if (!root)
		return err_set(e, -EINVAL, "hyperfine: what it exported is not JSON");
	rc = parse_result(root, out, e);
	cJSON_Delete(root);
	return rc;
}

static int start(const struct hyperfine_conf *conf, const struct strv *argv, struct proc **p,
		 struct err *e)
{
	const struct proc_spec spec = {
		.name = argv->v[0],
		.argv = argv,
		.env = conf->env,
		.cwd = conf->dir,
		.cpus = conf->cpus,
		.hooks = conf->hooks,
		.loop = conf->loop,
	};

	return proc_start(p, &spec, e);
}

/* To its end, exit 0; what it said otherwise is in *e. */
static int run_to_end(const struct hyperfine_conf *conf, const struct strv *argv,
		      int64_t timeout_ns, struct err *e)
{
	char words[PROC_WORDS_MAX], last[256];
	struct proc *p = NULL;
	int rc = start(conf, argv, &p, e);

	rc = rc ? rc : proc_await_exit(p, clock_mono_ns() + timeout_ns, e);
	if (!rc && proc_info(p)->status) {
		outlog_last_words(proc_stderr(p), last, sizeof(last));
		rc = err_set(e, -EIO, "%s: %s: %s", argv->v[0],
			     proc_exit_words(proc_info(p)->status, words),
			     *last ? last : "no word");
	}
	proc_free(p);
	return rc;
}

/* Once by ourselves: hyperfine would wait for ever for a subject that does not end. */
static int try_once(const struct hyperfine_conf *conf, const struct strv *subject, struct err *e)
{
	struct err why = ERR_INIT;
	int rc = run_to_end(conf, subject, conf->once_ns, &why);

	if (rc == -EINTR)
		return err_set(e, rc, "%s", why.text);
	return rc ? err_set(e, -ENOTSUP, "does not do " OPTION ": %.200s", why.text) : 0;
}

static int time_it(const struct hyperfine_conf *conf, const struct strv *subject, const char *json,
		   struct err *e)
{
	struct buf command = { 0 };
	struct strv argv = { 0 };
	char path[PATH_MAX];
	int rc;

	/* By our PATH; the environment it gets is the subject's. */
	rc = proc_find_program("hyperfine", "hyperfine", path, sizeof(path), e);
	if (rc)
		return rc;
	hyperfine_quote(subject, &command);
	strv_add(&argv, path);
	strv_add(&argv, "--shell=none");
	strv_add(&argv, "--style=none");
	strv_addf(&argv, "--warmup=%lld", (long long)conf->warmup);
	strv_addf(&argv, "--runs=%lld", (long long)conf->runs);
	strv_addf(&argv, "--export-json=%s", json);
	strv_add(&argv, "--");
	strv_add(&argv, buf_str(&command));
	rc = run_to_end(conf, &argv, conf->once_ns * (conf->warmup + conf->runs), e);
	strv_release(&argv);
	buf_release(&command);
	return rc;
}

int hyperfine_run(const struct hyperfine_conf *conf, struct hyperfine_times *out, struct err *e)
{
	struct strv subject = { 0 };
	struct buf json = { 0 }, text = { 0 };
	int rc;

	for (size_t i = 0; i < conf->argv->n; i++)
		strv_add(&subject, conf->argv->v[i]);
	strv_add(&subject, OPTION);
	buf_printf(&json, "%s/hyperfine.json", conf->dir);
	rc = try_once(conf, &subject, e);
	rc = rc ? rc : time_it(conf, &subject, buf_str(&json), e);
	rc = rc ? rc : file_read(buf_str(&json), JSON_MAX, &text, e);
	unlink(buf_str(&json));
	rc = rc ? rc : hyperfine_parse(text.data, text.len, out, e);
	strv_release(&subject);
	buf_release(&json);
	buf_release(&text);
	return rc;
}
