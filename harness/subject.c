/* Subject files; see subject.h.  A new key is a new row. */
#include "harness/subject.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "extractors/base/opt.h"
#include "harness/ini.h"

static const char *const extractor_names[] = { "keystroke", "mouse", "app", "any", NULL };
static const char *const readiness_names[] = { "notify", "numsub", "auto", NULL };
static const char *const answer_names[] = { "no", "yes", "auto", NULL };

#define ROW(field, type, name, def, min, max, help) \
	OPT_ROW(struct subject, field, type, name, 0, NULL, def, min, max, help)
#define CHOICE(field, name, def, words, help) \
	OPT_CHOICE_ROW(struct subject, field, name, 0, def, words, help)

static const struct opt opts[] = {
	ROW(name, OPT_STRING, "name", NULL, 0, 0, "in reports; the file's name when absent"),
	ROW(description, OPT_STRING, "description", NULL, 0, 0, "one line for people"),
	CHOICE(extractor, "extractor", NULL, extractor_names,
	       "whose work it does; any: stands in for each, as the floor does"),
	ROW(implementation, OPT_STRING, "implementation", NULL, 0, 0,
	    "label in comparisons such as python:c; lower-case letters, digits, - and _"),
	ROW(command, OPT_STRING, "command", NULL, 0, 0,
	    "program and arguments; quotes as in a shell, no shell; ${root} is the repository, "
	    "${bin} its release programs"),
	CHOICE(readiness, "readiness", "auto", readiness_names,
	       "how it says that it is subscribed: READY=1 on NOTIFY_SOCKET; PUBSUB NUMSUB of Redis; "
	       "whichever comes first"),
	CHOICE(has_counters, "has_counters", "auto", answer_names,
	       "prints `stats {…}` on stderr for SIGUSR1 and at its end; auto: if it handles SIGUSR1"),
	ROW(has_trace, OPT_BOOL, "has_trace", "no", 0, 0, "adds `trace` when SECLYZER_TRACE=1"),
	ROW(influx, OPT_BOOL, "influx", "no", 0, 0, "writes points when INFLUX_URL is set"),
	ROW(ready_timeout_s, OPT_SECONDS, "ready_timeout", "10", 0.01, 3600,
	    "how long it may take to be ready"),
};

#define IMPLEMENTATION_MAX 23 /* bytes; scenario.h reads as many */

static int expand(char **text, const struct subject_dirs *dirs, struct err *e)
{
	const struct {
		const char *name, *value;
	} known[] = { { "${root}", dirs->root }, { "${bin}", dirs->bin } };
	struct buf out = { 0 };

	for (const char *p = *text; *p;) {
		size_t i = 0;

		while (i < ARRAY_SIZE(known) && strncmp(p, known[i].name, strlen(known[i].name)))
			i++;
		if (i < ARRAY_SIZE(known)) {
			buf_add_str(&out, known[i].value);
			p += strlen(known[i].name);
		} else if (p[0] == '$' && p[1] == '{') {
			buf_release(&out);
			return err_set(e, -EINVAL, "%.*s}: must be ${root} or ${bin}",
				       (int)strcspn(p, "}"), p);
		} else {
			buf_add_char(&out, *p++);
		}
	}
	free(*text);
	*text = mem_strdup(buf_str(&out));
	buf_release(&out);
	return 0;
}

/* `any` is for the floors: it makes no features and is asked for none, so no claim may hide behind it. */
static int check_any(const struct subject *s, struct err *e)
{
	if (s->extractor != SUBJECT_ANY || !strcmp(s->implementation, "null") ||
	    !strcmp(s->implementation, "relay"))
		return 0;
	return err_set(
		e, -EINVAL,
		"%s: extractor=any: is for the floors, implementation null or relay; a subject "
		"names its extractor",
		s->path);
}

/* What the harness sets for every subject alike: a file that changed it would change the work. */
static int check_env(const struct subject *s, struct err *e)
{
	static const char *const kept[] = { "WINDOW_SECONDS", "UPDATE_INTERVAL", "SECLYZER_TRACE",
					    "REDIS_",	      "INFLUX_URL",	 "INFLUX_BUCKET",
					    "INFLUX_API",     "NOTIFY_SOCKET" };

	for (size_t i = 0; i < s->env.n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(kept); k++)
			if (!strncmp(s->env.v[i], kept[k], strlen(kept[k])))
				return err_set(e, -EINVAL,
					       "%s: [environment] %.*s: is the harness' to set",
					       s->path, (int)strcspn(s->env.v[i], "="),
					       s->env.v[i]);
	return 0;
}

static int set_argv(struct subject *s, const struct subject_dirs *dirs, struct err *e)
{
	int rc = strv_split(&s->argv, s->command, e);

	for (size_t i = 0; i < s->argv.n && !rc; i++)
		rc = expand(&s->argv.v[i], dirs, e);
	if (!rc && !s->argv.n)
		rc = err_set(e, -EINVAL, "is empty");
	return rc ? err_wrap(e, "%s: command", s->path) : 0;
}

static bool is_env_name(const char *name)
{
	if (!isalpha((unsigned char)*name) && *name != '_')
		return false;
	while (isalnum((unsigned char)*name) || *name == '_')
		name++;
	return !*name;
}

static int set_env(struct subject *s, const struct ini_pairs *env, const struct subject_dirs *dirs,
		   struct err *e)
{
	for (size_t i = 0; i < env->n; i++) {
		if (!is_env_name(env->v[i].key))
			return err_set(e, -EINVAL,
				       "%s:%d: \"%s\" is no name of an environment variable",
				       s->path, env->v[i].line, env->v[i].key);
		if (expand(&env->v[i].value, dirs, e))
			return err_wrap(e, "%s:%d", s->path, env->v[i].line);
		strv_set_env(&s->env, env->v[i].key, env->v[i].value);
	}
	return 0;
}

static int check_names(struct subject *s, struct err *e)
{
	size_t len = strlen(s->implementation);

	if (!len || len > IMPLEMENTATION_MAX ||
	    strspn(s->implementation, "abcdefghijklmnopqrstuvwxyz0123456789-_") != len)
		return err_set(
			e, -EINVAL,
			"%s: implementation=%s: must be 1 to %d lower-case letters, digits, - or _",
			s->path, s->implementation, IMPLEMENTATION_MAX);
	return 0;
}

/* "dir/c-mouse.ini" is "c-mouse". */
static char *stem(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');

	return mem_strndup(base, dot ? (size_t)(dot - base) : strlen(base));
}

int subject_load(struct subject *s, const char *path, const struct subject_dirs *dirs,
		 struct err *e)
{
	static const char *const required[] = { "extractor", "implementation", "command", NULL };
	struct ini_pairs env = { 0 };
	struct ini_section sections[] = {
		INI_SECTION("subject", opts, ARRAY_SIZE(opts), s, required),
		{ .name = "environment", .flags = INI_OPEN | INI_OPTIONAL, .target = &env },
	};
	int rc;

	memset(s, 0, sizeof(*s));
	rc = ini_load(path, sections, ARRAY_SIZE(sections), e);
	if (!rc) {
		s->path = mem_strdup(path);
		if (!s->name)
			s->name = stem(path);
		rc = check_names(s, e);
	}
	if (!rc)
		rc = set_argv(s, dirs, e);
	if (!rc)
		rc = set_env(s, &env, dirs, e);
	if (!rc)
		rc = check_any(s, e);
	if (!rc)
		rc = check_env(s, e);
	ini_pairs_release(&env);
	if (rc)
		subject_release(s);
	return rc;
}

void subject_release(struct subject *s)
{
	opt_release(opts, ARRAY_SIZE(opts), s);
	strv_release(&s->argv);
	strv_release(&s->env);
	free(s->path);
	s->path = NULL;
}

static int is_ini(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return n > 4 && d->d_name[0] != '.' && !strcmp(d->d_name + n - 4, ".ini");
}

/* Two for the same work under one label: a comparison could mean either. */
static int check_unique(const struct subjects *all, const struct subject *s, struct err *e)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct subject *o = &all->v[i];

		if (!strcmp(o->name, s->name))
			return err_set(e, -EINVAL, "%s: the name %s is that of %s", s->path,
				       s->name, o->path);
		if (!strcmp(o->implementation, s->implementation) && o->extractor == s->extractor)
			return err_set(e, -EINVAL,
				       "%s: %s has the same extractor and implementation \"%s\"",
				       s->path, o->path, s->implementation);
	}
	return 0;
}

static int load_next(struct subjects *all, const char *dir, const char *name,
		     const struct subject_dirs *dirs, struct err *e)
{
	struct subject *s = &all->v[all->n];
	struct buf path = { 0 };
	int rc;

	buf_printf(&path, "%s/%s", dir, name);
	rc = subject_load(s, buf_str(&path), dirs, e);
	buf_release(&path);
	if (rc)
		return rc;
	rc = check_unique(all, s, e);
	if (rc)
		subject_release(s);
	else
		all->n++;
	return rc;
}

int subjects_load(struct subjects *all, const char *dir, const struct subject_dirs *dirs,
		  struct err *e)
{
	struct dirent **names;
	int n = scandir(dir, &names, is_ini, alphasort), rc = 0;

	memset(all, 0, sizeof(*all));
	if (n < 0)
		return err_set(e, -errno, "%s: %s", dir, strerror(errno));
	all->v = mem_calloc((size_t)n, sizeof(*all->v));
	for (int i = 0; i < n; i++) {
		if (!rc)
			rc = load_next(all, dir, names[i]->d_name, dirs, e);
		free(names[i]);
	}
	free(names);
	if (rc)
		subjects_release(all);
	return rc;
}

void subjects_release(struct subjects *all)
{
	for (size_t i = 0; i < all->n; i++)
		subject_release(&all->v[i]);
	free(all->v);
	memset(all, 0, sizeof(*all));
}

const struct subject *subjects_find(const struct subjects *all, const char *implementation,
				    enum event_type extractor, struct err *e)
{
	struct buf names = { 0 };

	for (size_t i = 0; i < all->n; i++) {
		const struct subject *s = &all->v[i];

		if (!strcmp(s->implementation, implementation) &&
		    (s->extractor == (int)extractor || s->extractor == SUBJECT_ANY)) {
			buf_release(&names);
			return s;
		}
		buf_printf(&names, "%s%s (%s)", names.len ? ", " : "", s->name, s->implementation);
	}
	err_set(e, -ENOENT, "no subject of implementation \"%s\" for %s; there are: %s",
		implementation, extractor_names[extractor], names.len ? buf_str(&names) : "none");
	buf_release(&names);
	return NULL;
}

void subject_markdown(struct buf *out)
{
	opt_markdown(opts, ARRAY_SIZE(opts), out);
}
