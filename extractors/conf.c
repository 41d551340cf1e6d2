/* The configuration table and where its values come from; see conf.h. */
#include "extractors/conf.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "extractors/base/dotenv.h"
#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/base/num.h"
#include "extractors/base/opt.h"

static const char *const api_names[] = { "v2", "v1", "auto", NULL };
static const char *const level_names[] = { "DEBUG", "INFO", "WARNING", "ERROR", NULL };

#define ROW(field, type, name, def, min, max, help) \
	OPT_ROW(struct conf, field, type, name, 0, NULL, def, min, max, help)
#define STR(field, name, def, help) ROW(field, OPT_STRING, name, def, 0, 0, help)

static const struct opt table[] = {
	STR(redis_host, "REDIS_HOST", "localhost", "Redis server"),
	ROW(redis_port, OPT_INT, "REDIS_PORT", "6379", 1, 65535, "its TCP port"),
	STR(redis_socket, "REDIS_SOCKET", NULL, "Unix socket; wins over host and port"),
	STR(redis_username, "REDIS_USERNAME", NULL, "for AUTH"),
	STR(redis_password, "REDIS_PASSWORD", NULL, "for AUTH, when set"),
	STR(redis_password_file, "REDIS_PASSWORD_FILE", NULL, "file that holds the password"),
	ROW(redis_pool_size, OPT_INT, "REDIS_POOL_SIZE", "1", 1, 16, "publisher connections"),
	STR(influx_url, "INFLUX_URL", NULL, "http://host:port; unset: features go to Redis only"),
	OPT_CHOICE_ROW(struct conf, influx_api, "INFLUX_API", 0, "v2", api_names,
		       "write API; auto asks /ping"),
	STR(influx_token, "INFLUX_TOKEN", NULL, "v2 token"),
	STR(influx_token_file, "INFLUX_TOKEN_FILE", NULL, "file that holds the token"),
	STR(influx_user, "INFLUX_USER", NULL, "v1 user"),
	STR(influx_password, "INFLUX_PASSWORD", NULL, "v1 password"),
	STR(influx_org, "INFLUX_ORG", "seclyzer", "v2 organisation"),
	STR(influx_bucket, "INFLUX_BUCKET", "behavioral_data", "v2 bucket, v1 database"),
	ROW(influx_batch_size, OPT_INT, "INFLUX_BATCH_SIZE", "50", 1, 10000,
	    "points that make a batch go out"),
	ROW(influx_flush_ms, OPT_INT, "INFLUX_FLUSH_MS", "1000", 1, 3600000,
	    "age in ms that makes a batch go out"),
	ROW(window_s, OPT_DOUBLE, "WINDOW_SECONDS", "30", 0.001, 86400,
	    "length of the sliding window in s"),
	ROW(update_interval_s, OPT_DOUBLE, "UPDATE_INTERVAL", "5", 0, 86400,
	    "s between attempts; 0: on every own event"),
	ROW(max_buffer_size, OPT_INT, "MAX_BUFFER_SIZE", NULL, 1, 1000000,
	    "events kept (unset: 10000 keystroke, 50000 mouse, 1000 app)"),
	STR(spool_dir, "SPOOL_DIR", NULL, "directory for points the database does not take"),
	ROW(spool_max_bytes, OPT_BYTES, "SPOOL_MAX_BYTES", "64MiB", 4096, 1099511627776.0,
	    "size of the spool file"),
	STR(sqlite_db_path, "SQLITE_DB_PATH", NULL, "app_tracker: database for usage patterns"),
	ROW(dev_mode, OPT_BOOL, "SECLYZER_DEV_MODE", "false", 0, 0, "mark features as dev_mode"),
	OPT_CHOICE_ROW(struct conf, log_level, "SECLYZER_LOG_LEVEL", 0, "INFO", level_names,
		       "least level that is logged"),
	ROW(trace, OPT_BOOL, "SECLYZER_TRACE", "0", 0, 0, "add `trace` to feature messages"),
};

/* The value of a variable and, for the error's sake, where it was found. */
static const char *lookup(const struct dotenv *env, const char *name, const char **where)
{
	const char *v = getenv(name);

	*where = "environment";
	if (v && *v)
		return v;
	v = dotenv_get(env, name);
	*where = ".env";
	return v && *v ? v : NULL;
}

static bool has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7F)
			return true;
	return false;
}

#define SECRET_MAX 4096 /* bytes of a secret's file */

/* Length of the file's text, SECRET_MAX + 1 when it is longer, or a negative errno. */
static ssize_t read_file(const char *path, char text[SECRET_MAX + 1], struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, text + len, SECRET_MAX + 1 - len);
		len += n > 0 ? (size_t)n : 0;
	} while ((n > 0 && len <= SECRET_MAX) || (n < 0 && errno == EINTR));
	n = n < 0 || fstat(fd, st) ? -errno : (ssize_t)len;
	close(fd);
	return n;
}

/* A secret's file holds one line; white space around it is left out.  Its value wins. */
static int read_secret(char **to, const char *path, const char *variable, struct err *e)
{
	char text[SECRET_MAX + 1], *from = text, *end;
	struct stat st;
	ssize_t n;

	if (!path)
		return 0;
	n = read_file(path, text, &st);
	if (n < 0)
		return err_set(e, -EINVAL, "%s=%s: %s", variable, path, strerror((int)-n));
	if (st.st_mode & (S_IRGRP | S_IROTH))
		log_warning("%s=%s: others can read it (chmod 600 it)", variable, path);
	for (end = text + n; end > from && isspace((unsigned char)end[-1]); end--)
		;
	for (; from < end && isspace((unsigned char)*from); from++)
		;
	if (from == end || n > SECRET_MAX || has_control(from, (size_t)(end - from)))
		return err_set(e, -EINVAL, "%s=%s: must hold one line, in at most %d bytes",
			       variable, path, SECRET_MAX);
	free(*to);
	*to = mem_strndup(from, (size_t)(end - from));
	return 0;
}

/* `host`, `host:port`, `[address]:port`. */
static bool authority_ok(const char *s, size_t len)
{
	size_t host = strcspn(s, ":/");
	char port[8];
	int64_t n;

	if (*s == '[')
		host = strcspn(s, "]/") + 1;
	if (host > len || host == (*s == '[' ? 2 : 0))
		return false;
	if (host == len)
		return true;
	if (s[host] != ':' || len - host - 1 >= sizeof(port))
		return false;
	snprintf(port, sizeof(port), "%.*s", (int)(len - host - 1), s + host + 1);
	return isdigit((unsigned char)*port) && num_parse_i64(port, &n) && n >= 1 && n <= 65535;
}

/* Of a wrong URL neither what may be a user and password is shown nor the query. */
static int refuse_url(const char *u, struct err *e)
{
	const char *at = strrchr(u, '@'), *from = at ? at + 1 : u;
	size_t query = strcspn(u, "?#"), start = (size_t)(from - u);
	size_t len = query > start ? query - start : 0;

	return err_set(e, -EINVAL,
		       "INFLUX_URL=%s%.*s%s: must be http://host:port or https://host:port, "
		       "without user, query and blank",
		       at ? "...@" : "", (int)(len < 100 ? len : 100), from,
		       u[query] ? "?..." : "");
}

/* The paths and queries of the write APIs are put behind it; a password in it would be logged. */
static int check_url(const struct conf *c, struct err *e)
{
	const char *u = c->influx_url;
	size_t scheme;

	if (!u)
		return 0;
	scheme = !strncmp(u, "http://", 7) ? 7 : !strncmp(u, "https://", 8) ? 8 : 0;
	if (scheme && !strpbrk(u, "@?# ") && authority_ok(u + scheme, strcspn(u + scheme, "/")))
		return 0;
	return refuse_url(u, e);
}

/* Basic authentication, which v1 is given them by, ends the user at the first colon. */
static int check_user(const struct conf *c, struct err *e)
{
	if (!c->influx_user || !strchr(c->influx_user, ':'))
		return 0;
	return err_set(e, -EINVAL, "INFLUX_USER=%.100s: must not hold a colon", c->influx_user);
}

/*
 * A secret's value is never shown: as a text it is wrong only when it holds a control
 * character (a line break would begin another header or log line), and that is said without it.
 */
static int load_values(struct conf *c, const struct dotenv *env, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const char *where, *v = lookup(env, table[i].name, &where);

		if (v && has_control(v, strlen(v)))
			return err_set(e, -EINVAL, "%s: %s: must not hold control characters",
				       where, table[i].name);
		if (v && opt_set(&table[i], c, v, e))
			return err_wrap(e, "%s", where);
	}
	return 0;
}

int conf_load(struct conf *c, const char *dotenv_path, struct err *e)
{
	struct dotenv env = { 0 };
	int rc;

	memset(c, 0, sizeof(*c));
	opt_defaults(table, ARRAY_SIZE(table), c);
	rc = dotenv_load(&env, dotenv_path, e);
	if (!rc)
		rc = load_values(c, &env, e);
	dotenv_release(&env);
	if (!rc)
		rc = check_url(c, e);
	if (!rc)
		rc = check_user(c, e);
	if (!rc)
		rc = read_secret(&c->redis_password, c->redis_password_file, "REDIS_PASSWORD_FILE",
				 e);
	if (!rc)
		rc = read_secret(&c->influx_token, c->influx_token_file, "INFLUX_TOKEN_FILE", e);
	return rc;
}

void conf_release(struct conf *c)
{
	opt_release(table, ARRAY_SIZE(table), c);
}

void conf_help(struct buf *out)
{
	opt_help(table, ARRAY_SIZE(table), false, out);
}
