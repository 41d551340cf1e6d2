/* Short starts; see commands.h.  A new one is a new row. */
#include "harness/commands.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/file.h"

#define END_NS	  (8 * NS_PER_S)     /* for all of them, side by side */
#define STOP_NS	  (2500 * NS_PER_MS) /* after SIGTERM; the contract allows 2 s */
#define WORDS_MAX 65536

static const struct row {
	const char *name;
	const char *argument; /* or NULL */
	const char *env;      /* NAME=value, or NULL */
	const char *dotenv;   /* text of .env in its working directory, or NULL */
	int status;
	const char *names;   /* the one line on stderr holds this, or NULL */
	const char *expects; /* stdout or stderr holds this, or NULL */
	bool waits;	     /* does not end by itself: SIGTERM once it has said something */
} rows[] = {
	{ "REDIS_PORT=0", NULL, "REDIS_PORT=0", NULL, 2, "REDIS_PORT", NULL, false },
	{ "UPDATE_INTERVAL=-1", NULL, "UPDATE_INTERVAL=-1", NULL, 2, "UPDATE_INTERVAL", NULL,
	  false },
	{ "MAX_BUFFER_SIZE=many", NULL, "MAX_BUFFER_SIZE=many", NULL, 2, "MAX_BUFFER_SIZE", NULL,
	  false },
	{ "INFLUX_API=v3", NULL, "INFLUX_API=v3", NULL, 2, "INFLUX_API", NULL, false },
	{ "SECLYZER_TRACE=perhaps", NULL, "SECLYZER_TRACE=perhaps", NULL, 2, "SECLYZER_TRACE", NULL,
	  false },
	{ "--no-such-flag", "--no-such-flag", NULL, NULL, 2, "no-such-flag", NULL, false },
	{ "a malformed third line of .env", NULL, NULL, "# comment\nWINDOW_SECONDS=30\nno line\n",
	  2, ".env:3", NULL, false },
	{ "WINDOW_SECONDS=never in .env", NULL, NULL, "WINDOW_SECONDS=never\n", 2, "WINDOW_SECONDS",
	  NULL, false },
	{ "--help", "--help", NULL, NULL, 0, NULL, "INFLUX_BATCH_SIZE", false },
	{ "--version", "--version", NULL, NULL, 0, NULL, NULL, false },
	{ "--exit-when-ready", "--exit-when-ready", NULL, NULL, 0, NULL, NULL, false },
	{ "an absent Redis, then SIGTERM", NULL, "REDIS_SOCKET=absent.sock", NULL, 0, NULL, "Redis",
	  true },
};
_Static_assert(ARRAY_SIZE(rows) <= EVIDENCE_COMMANDS_MAX, "the evidence has room for all");

static void redis_env(const struct session *s, struct strv *env)
{
	const struct redis_addr *a = sut_redis_addr(s->sut);
	char port[16];

	strv_set_env(env, "PATH", "/usr/local/bin:/usr/bin:/bin");
	strv_set_env(env, "LC_ALL", "C.UTF-8");
	if (a->socket[0]) {
		strv_set_env(env, "REDIS_SOCKET", a->socket);
	} else {
		snprintf(port, sizeof(port), "%d", a->port);
		strv_set_env(env, "REDIS_HOST", a->host);
		strv_set_env(env, "REDIS_PORT", port);
	}
	if (a->username[0])
		strv_set_env(env, "REDIS_USERNAME", a->username);
	if (a->password[0])
		strv_set_env(env, "REDIS_PASSWORD", a->password);
}

/* What the row sets wins over what the subject's file sets, which wins over ours. */
static void make_env(const struct session *s, const struct subject *subject, const struct row *row,
		     struct strv *env)
{
	redis_env(s, env);
	strv_override(env, &subject->env);
	if (row->env)
		strv_put_env(env, row->env);
}

static int start(struct session *s, const struct subject *subject, const char *dir, size_t i,
		 struct proc **p, struct err *e)
{
	struct strv argv = { 0 }, env = { 0 };
	struct buf path = { 0 };
	char cwd[TEMPDIR_PATH_MAX + 64];
	struct proc_spec spec = {
		.name = subject->name,
		.argv = &argv,
		.env = &env,
		.cwd = cwd,
		.keep_stdout_bytes = WORDS_MAX,
		.keep_stderr_bytes = WORDS_MAX,
		.hooks = &s->hooks,
		.loop = s->loop,
	};
	int rc = 0;

	snprintf(cwd, sizeof(cwd), "%s/c%zu", dir, i);
	if (mkdir(cwd, 0700))
		return err_set(e, -errno, "%s: %s", cwd, strerror(errno));
	buf_printf(&path, "%s/.env", cwd);
	if (rows[i].dotenv)
		rc = file_write(buf_str(&path), rows[i].dotenv, strlen(rows[i].dotenv), e);
	for (size_t k = 0; k < subject->argv.n; k++)
		strv_add(&argv, subject->argv.v[k]);
	if (rows[i].argument)
		strv_add(&argv, rows[i].argument);
	make_env(s, subject, &rows[i], &env);
	rc = rc ? rc : proc_start(p, &spec, e);
	buf_release(&path);
	strv_release(&argv);
	strv_release(&env);
	return rc;
}

static bool has_spoken(const struct proc *p, void *ctx UNUSED)
{
	return proc_stderr(p)->n_lines > 0;
}

/* -EINTR, or 0: what did not end is for the items to notice. */
static int finish(struct proc *p, const struct row *row, int64_t deadline_ns, struct err *e)
{
	struct err late = ERR_INIT;
	int rc = 0;

	if (row->waits) {
		rc = proc_await(p, has_spoken, NULL, "said anything", deadline_ns, &late);
		if (!rc)
			rc = proc_signal(p, SIGTERM, &late);
		deadline_ns = clock_mono_ns() + STOP_NS;
	}
	if (!rc)
		rc = proc_await_exit(p, deadline_ns, NULL);
	return rc == -EINTR ? err_set(e, -EINTR, "stopped by a signal") : 0;
}

static char *words(const struct buf *b)
{
	return mem_strndup(b->len ? b->data : "", b->len);
}

static void take(const struct proc *p, const struct row *row, struct command_seen *out)
{
	const struct outlog *err = proc_stderr(p);

	*out = (struct command_seen){
		.name = row->name,
		.expects = row->expects,
		.names = row->names,
		.expected_status = row->status,
		.ended = proc_exited(p),
		.status = proc_info(p)->status,
		.stderr_lines = (int64_t)err->n_lines,
		.out = words(&proc_stdout(p)->kept),
		.err = words(&err->kept),
	};
}

int commands_run(struct session *s, const struct subject *subject, const char *dir,
		 struct evidence *x, struct err *e)
{
	struct proc *procs[ARRAY_SIZE(rows)] = { NULL };
	int64_t deadline_ns = clock_mono_ns() + END_NS;
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(rows); i++)
		rc = start(s, subject, dir, i, &procs[i], e);
	for (size_t i = 0; !rc && i < ARRAY_SIZE(rows); i++) {
		rc = finish(procs[i], &rows[i], deadline_ns, e);
		if (!rc)
			take(procs[i], &rows[i], &x->commands[x->n_commands++]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		proc_free(procs[i]);
	return rc;
}

int64_t commands_ended(const struct evidence *x)
{
	int64_t n = 0;

	for (size_t i = 0; i < x->n_commands; i++)
		n += x->commands[i].ended;
	return n;
}
