/*
 * `bench export`: a session in the formats of other tools.
 *
 * The formats are harness/export/; here are the files, standard output, and the way into an
 * InfluxDB.  What was left out is said on stderr.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/opt.h"
#include "harness/cmd.h"
#include "harness/export/export.h"
#include "harness/file.h"
#include "harness/influx_query.h"
#include "harness/saved.h"

#define PUSH_TIMEOUT_NS (30 * NS_PER_S)
#define PUSH_FORMAT	"line-protocol"

struct flags {
	char *format, *out, *push, *db;
	bool help;
};

static const struct opt flag_table[] = {
	OPT_ROW(struct flags, format, OPT_STRING, "format", 'f', "NAME", NULL, 0, 0,
		"one of those below, `all` of them, or `list`"),
	OPT_ROW(struct flags, out, OPT_STRING, "out", 'o', "FILE", NULL, 0, 0,
		"where to; - is standard output, the default of a format of one file; a "
		"format of several files wants a folder (export/ in the session's)"),
	OPT_ROW(struct flags, push, OPT_STRING, "push", 0, "URL", NULL, 0, 0,
		"write into the InfluxDB there (1.x API, http://host:port); INFLUX_USER and "
		"INFLUX_PASSWORD, or INFLUX_TOKEN, are taken from the environment"),
	OPT_ROW(struct flags, db, OPT_STRING, "db", 0, "NAME", "seclyzer_bench", 0, 0,
		"--push: the database, which must exist"),
	OPT_ROW(struct flags, help, OPT_FLAG, "help", 'h', NULL, NULL, 0, 0, "this text"),
};

static void list_formats(struct buf *out)
{
	for (size_t i = 0; i < export_formats_n; i++)
		buf_printf(out, "%-17s %s\n", export_formats[i].name, export_formats[i].help);
}

static void print_help(void)
{
	struct buf b = { 0 };

	buf_add_str(&b,
		    "usage: bench export [ID …] --format NAME\n\nWrites a session's figures in the "
		    "format of another tool.  Without an ID: of the latest.\nOnly otava takes "
		    "several sessions.  Runs that do not count give nothing.\n\n");
	opt_help(flag_table, ARRAY_SIZE(flag_table), true, &b);
	buf_add_str(&b, "\nformats:\n");
	list_formats(&b);
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
}

/* ---- what was left out ----------------------------------------------------------------- */

static void add_count(struct buf *out, const char **sep, size_t n, const char *what)
{
	if (!n)
		return;
	buf_printf(out, "%s%zu %s", *sep, n, what);
	*sep = ", ";
}

static void say_counts(const char *format, const struct export *x)
{
	struct buf b = { 0 };
	const char *sep = "; left out: ";

	buf_printf(&b, "%s: exported %zu values", format, x->exported);
	add_count(&b, &sep, x->unavailable, "unavailable");
	add_count(&b, &sep, x->bounds, "known as bounds only");
	add_count(&b, &sep, x->unfit, "that have no place in it");
	sep = "; of ";
	for (int i = RUN_OK + 1; i < RUN_STATUSES; i++)
		add_count(&b, &sep, x->by_status[i], run_status_names[i]);
	if (!strcmp(sep, ", "))
		buf_add_str(&b, " runs nothing");
	log_info("%s", buf_str(&b));
	buf_release(&b);
}

/* Whatever the format has room for. */
static void say_objections(const struct result *r)
{
	struct buf b = { 0 };

	export_objections(r, &b);
	if (b.len)
		log_warning("%s: not for decisions: %s", r->id, buf_str(&b));
	buf_release(&b);
}

/* ---- where to --------------------------------------------------------------------------- */

static int to_stdout(const struct buf *text, struct err *e)
{
	if (fwrite(text->data, 1, text->len, stdout) != text->len || fflush(stdout))
		return err_set(e, -errno, "standard output: %s", strerror(errno));
	return 0;
}

static int to_folder(const struct export *x, const char *folder, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < x->n; i++) {
		const struct buf *text = &x->files[i]->text;
		struct buf path = { 0 };

		buf_printf(&path, "%s/%s", folder, buf_str(&x->files[i]->path));
		rc = file_put(buf_str(&path), text, e);
		buf_release(&path);
	}
	return rc;
}

/* NULL: the session's. */
static int to_folder_of(const struct export *x, const char *folder, struct saved *s, struct err *e)
{
	struct buf path = { 0 };
	int rc;

	if (folder)
		buf_add_str(&path, folder);
	else
		buf_printf(&path, "%s/export", buf_str(&s->dir));
	rc = to_folder(x, buf_str(&path), e);
	buf_release(&path);
	return rc;
}

static int put(const struct export_format *f, const struct flags *flags, const struct export *x,
	       struct saved *s, struct err *e)
{
	const char *out = flags->out ? flags->out : "-";

	if (!f->file)
		return to_folder_of(x, flags->out, s, e);
	if (!strcmp(out, "-"))
		return to_stdout(&x->files[0]->text, e);
	return file_put(out, &x->files[0]->text, e);
}

/* ---- an InfluxDB ------------------------------------------------------------------------ */

/* Credentials in an address would be seen in the process list, logs and errors. */
static int check_url(const char *url, struct err *e)
{
	struct influx_target t;
	const char *host = strstr(url, "://");

	if (strchr(url, '@'))
		return err_set(e, -EINVAL,
			       "--push: no user in the address; give INFLUX_USER and "
			       "INFLUX_PASSWORD in the environment");
	if (!host || (strncmp(url, "http://", 7) && strncmp(url, "https://", 8)) || !host[3] ||
	    strpbrk(url, " ?#\"\n") || strlen(url) >= sizeof(t.url))
		return err_set(e, -EINVAL, "--push: not an address like http://host:8086");
	return 0;
}

/* From the environment; too long is an error, not another password. */
static int take_secret(char *to, size_t size, const char *name, struct err *e)
{
	const char *value = getenv(name);
	size_t len = value ? strlen(value) : 0;

	if (len >= size)
		return err_set(e, -EINVAL, "%s: longer than %zu bytes", name, size - 1);
	memcpy(to, value ? value : "", len + 1);
	return 0;
}

static int fill_target(struct influx_target *t, const struct flags *f, struct err *e)
{
	int rc = check_url(f->push, e);
	size_t len;

	if (rc)
		return rc;
	if (strlen(f->db) >= sizeof(t->database) || !f->db[0])
		return err_set(e, -EINVAL, "--db: a name of 1 to %zu bytes",
			       sizeof(t->database) - 1);
	*t = (struct influx_target){ .dialect = INFLUX_ASK };
	snprintf(t->url, sizeof(t->url), "%s", f->push);
	for (len = strlen(t->url); len && t->url[len - 1] == '/'; len--)
		t->url[len - 1] = '\0';
	snprintf(t->database, sizeof(t->database), "%s", f->db);
	rc = take_secret(t->username, sizeof(t->username), "INFLUX_USER", e);
	rc = rc ? rc : take_secret(t->password, sizeof(t->password), "INFLUX_PASSWORD", e);
	return rc ? rc : take_secret(t->token, sizeof(t->token), "INFLUX_TOKEN", e);
}

static int push(const struct flags *f, const struct export *x, struct err *e)
{
	const struct buf *text = &x->files[0]->text;
	struct influx_query *q = NULL;
	struct influx_target target;
	size_t written = 0;
	int rc = fill_target(&target, f, e);

	rc = rc ? rc : influx_query_open(&q, &target, PUSH_TIMEOUT_NS, e);
	rc = rc ? rc : influx_query_write(q, text->data, text->len, &written, e);
	if (!rc || written)
		log_info("%zu points are in the database \"%s\" at %s", written, f->db, target.url);
	influx_query_close(q);
	explicit_bzero(&target, sizeof(target));
	return rc;
}

/* ---- one format, or all ----------------------------------------------------------------- */

static int export_one(const struct export_format *f, const struct flags *flags, struct saved *s,
		      size_t n, struct err *e)
{
	const struct model **models = mem_calloc(n, sizeof(struct model *));
	struct export x;
	int rc;

	for (size_t i = 0; i < n; i++)
		models[i] = &s[i].model;
	rc = export_write(f, models, n, &x, e);
	if (!rc && flags->push)
		rc = push(flags, &x, e);
	else if (!rc)
		rc = put(f, flags, &x, s, e);
	if (!rc)
		say_counts(f->name, &x);
	export_release(&x);
	free(models);
	return rc;
}

/* What a format has nothing of is told, and is no failure of the others. */
static int export_all(const struct flags *flags, struct saved *s, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < export_formats_n; i++) {
		const struct model *model = &s->model;
		struct err nothing = ERR_INIT;
		struct export x;

		rc = export_write(&export_formats[i], &model, 1, &x, &nothing);
		if (rc == -ENODATA) {
			log_info("%s", nothing.text);
			rc = 0;
		} else {
			rc = to_folder_of(&x, flags->out, s, e);
			say_counts(export_formats[i].name, &x);
		}
		export_release(&x);
	}
	return rc;
}

static int load_and_export(const struct export_format *f, const struct flags *flags,
			   char *const *ids, size_t n, struct err *e)
{
	struct saved *s = mem_calloc(n, sizeof(*s));
	int rc = 0;

	for (size_t i = 0; !rc && i < n; i++)
		rc = saved_open(&s[i], NULL, ids[i], e);
	for (size_t i = 0; !rc && i < n; i++)
		say_objections(&s[i].result);
	if (!rc)
		rc = f ? export_one(f, flags, s, n, e) : export_all(flags, s, e);
	for (size_t i = 0; i < n; i++)
		saved_close(&s[i]);
	free(s);
	return rc;
}

/* *f is NULL for all of them. */
static int choose(const struct flags *flags, size_t n_ids, const struct export_format **f,
		  struct err *e)
{
	const char *name = flags->format ? flags->format : flags->push ? PUSH_FORMAT : NULL;
	bool all = name && !strcmp(name, "all");

	if (!name)
		return err_set(e, -EINVAL, "export wants --format NAME (--format list tells them)");
	*f = all ? NULL : export_find(name);
	if (!all && !*f)
		return err_set(e, -EINVAL, "--format %s: unknown (--format list tells them)", name);
	if (flags->push && strcmp(name, PUSH_FORMAT))
		return err_set(e, -EINVAL, "--push sends %s and no other format", PUSH_FORMAT);
	if (flags->push && flags->out)
		return err_set(e, -EINVAL, "--push and --out: one of them");
	if (n_ids > 1 && (all || !(*f)->many))
		return err_set(e, -EINVAL, "%s takes one session", name);
	if (flags->out && !strcmp(flags->out, "-") && (all || !(*f)->file))
		return err_set(e, -EINVAL, "%s is several files: --out wants a folder", name);
	return 0;
}

static int run(const struct flags *flags, char *const *ids, size_t n, struct err *e)
{
	static char latest[] = "latest";
	char *const only_latest[] = { latest };
	const struct export_format *f = NULL;
	struct buf list = { 0 };
	int rc;

	if (flags->format && !strcmp(flags->format, "list")) {
		list_formats(&list);
		rc = to_stdout(&list, e);
		buf_release(&list);
		return rc;
	}
	rc = choose(flags, n, &f, e);
	if (rc)
		return rc;
	return n ? load_and_export(f, flags, ids, n, e)
		 : load_and_export(f, flags, only_latest, 1, e);
}

int cmd_export(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct flags f = { 0 };
	int rest;

	opt_defaults(flag_table, ARRAY_SIZE(flag_table), &f);
	rest = opt_parse_args(flag_table, ARRAY_SIZE(flag_table), &f, argc, argv, &e);
	if (!e.code && f.help)
		print_help();
	else if (!e.code)
		(void)!run(&f, argv + 1, (size_t)rest, &e);
	if (e.code)
		log_error("%s", e.text);
	opt_release(flag_table, ARRAY_SIZE(flag_table), &f);
	return e.code ? EXIT_BENCH_USAGE : 0;
}
