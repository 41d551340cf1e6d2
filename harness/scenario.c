/* Scenario files; see scenario.h.  A new key is a new row. */
#include "harness/scenario.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/mem.h"
#include "extractors/base/opt.h"
#include "harness/ini.h"

const char *const profile_names[PROFILES + 1] = { "quick", "standard", "full", NULL };
const char *const scenario_kind_names[SCENARIO_KINDS + 1] = {
	"startup",     "memory", "cpu",	 "latency", "throughput",
	"integration", "tuning", "soak", "aa",	    NULL
};
const double scenario_human_hz[EVENT_TYPES] = { 15, 60, 141.0 / 3600 };
const size_t scenario_buffer_events[EVENT_TYPES] = { 10000, 50000, 1000 };
static const char *const mix_names[] = { "own", "human", NULL };
static const char *const database_names[] = { "none", "influxdb", "victoria-metrics", NULL };

#define ROW(field, type, name, def, min, max, help) \
	OPT_ROW(struct scenario, field, type, name, 0, NULL, def, min, max, help)
#define CHOICE(field, name, def, words, help) \
	OPT_CHOICE_ROW(struct scenario, field, name, 0, def, words, help)

static const struct opt scenario_opts[] = {
	CHOICE(kind, "kind", "throughput", scenario_kind_names, "what is done and measured"),
	ROW(title, OPT_STRING, "title", NULL, 0, 0, "one line for the report"),
	ROW(extractors, OPT_STRING, "extractors", "keystroke mouse app", 0, 0,
	    "which extractors take part"),
	ROW(compare, OPT_STRING, "compare", "python:c null:c c:c", 0, 0,
	    "pairs A:B of implementations; ratios are B/A; A:A measures the noise"),
	ROW(margin_frac, OPT_DOUBLE, "margin_frac", "0.01", 0, 1,
	    "a ratio within 1 +- that does not matter: no more pairs when the interval lies there"),
	CHOICE(database, "database", "influxdb", database_names,
	       "where subjects store their points"),
	ROW(steal_limit_frac, OPT_DOUBLE, "steal_limit_frac", "0.02", 0, 1,
	    "share of CPU time stolen by the hypervisor above which a run counts as disturbed"),
	ROW(foreign_limit_frac, OPT_DOUBLE, "foreign_limit_frac", "0.10", 0, 1,
	    "share of CPU time used by other programs above which a run counts as disturbed"),
};

static const struct opt subject_opts[] = {
	ROW(window_s, OPT_SECONDS, "window_s", "30", 0.001, 86400,
	    "WINDOW_SECONDS of the subjects"),
	ROW(update_interval_s, OPT_SECONDS, "update_interval_s", "0.5", 0.001, 86400,
	    "UPDATE_INTERVAL of the subjects"),
};

static const struct opt load_opts[] = {
	CHOICE(mix[EVENT_KEYSTROKE], "mix_keystroke", "own", mix_names,
	       "for keystroke: own events alone, or all three types as a person makes them"),
	CHOICE(mix[EVENT_MOUSE], "mix_mouse", "own", mix_names, "the same for mouse"),
	CHOICE(mix[EVENT_APP], "mix_app", "human", mix_names, "the same for app"),
	ROW(recording, OPT_STRING, "recording", NULL, 0, 0,
	    "replay this file of events instead of the human model"),
	ROW(outstanding_bytes, OPT_BYTES, "outstanding_bytes", "4MiB", 65536, 16777216,
	    "drain: the generator pauses while Redis holds more than this for a subscriber "
	    "(Redis cuts it off at 32 MiB)"),
	ROW(lag_limit_ms, OPT_DOUBLE, "lag_limit_ms", "100", 1, 60000,
	    "sustained: a rate is held while the subject is less than this behind the plan"),
	ROW(interval_us_per_event, OPT_DOUBLE, "interval_us_per_event", "0.3", 0, 1000,
	    "latency: UPDATE_INTERVAL is so much longer for each event in the window (app keeps "
	    "none): longer than an extraction, or filling would never end; triggers come at twice that"),
	ROW(other_rate_hz, OPT_DOUBLE, "other_events_per_s", "1000", 1, 100000,
	    "latency, busy: events of the other two types, as a person mixes them, Poisson"),
};

#define SIZE(field, type, name, def, min, max, help) \
	OPT_ROW(struct scenario_size, field, type, name, 0, NULL, def, min, max, help)

static const struct opt size_opts[] = {
	SIZE(budget_s, OPT_SECONDS, "budget_s", "0", 0, 604800,
	     "no new pair is begun after that long, but each comparison has one; 0: no bound"),
	SIZE(pairs, OPT_INT, "pairs", "6", 1, 1000, "pairs of each comparison, at most"),
	SIZE(aa_pairs, OPT_INT, "aa_pairs", "8", 0, 1000,
	     "pairs of a subject with itself; fewer than 8 have no interval at 99 %"),
	SIZE(drain_events, OPT_INT, "drain_events", "100000", 1000, 5000000,
	     "events in the plan of a drain"),
	SIZE(searches, OPT_INT, "searches", "1", 0, 100,
	     "searches for the highest sustained rate, for each subject"),
	SIZE(search_trials, OPT_INT, "search_trials", "3", 1, 20, "rates tried in a search"),
	SIZE(hold_s, OPT_SECONDS, "hold_s", "10", 0.1, 3600, "how long a rate must be held"),
	SIZE(idle_s, OPT_SECONDS, "idle_s", "10", 0.1, 3600, "memory, cpu: nothing is sent"),
	SIZE(human_s, OPT_SECONDS, "human_s", "60", 0.1, 86400, "memory, cpu: a person's rates"),
	SIZE(flood_s, OPT_SECONDS, "flood_s", "30", 0, 3600, "cpu: 1,000 events a second"),
	SIZE(settle_s, OPT_SECONDS, "settle_s", "1.5", 0.1, 60,
	     "memory, cpu, duets: between stages, for the last features and their way into the database"),
	SIZE(triggers, OPT_INT, "triggers", "100", 10, 100000,
	     "latency: samples of a run; 100 or more give it a p99"),
	SIZE(phases, OPT_STRING, "phases",
	     "alone-10pct alone-50pct alone-full busy-10pct busy-50pct busy-full", 0, 0,
	     "latency: fill of the buffer, alone or with other events; some of these six"),
	SIZE(survey_phases, OPT_STRING, "survey_phases", "", 0, 0,
	     "latency: further phases, of which each comparison has one pair: values, no verdicts"),
	SIZE(survey_triggers, OPT_INT, "survey_triggers", "370", 10, 100000,
	     "latency: samples of such a run; 368 or more state a p99"),
	SIZE(attribution_triggers, OPT_INT, "attribution_triggers", "0", 0, 100000,
	     "latency: of one traced run of each subject, not scored, which says where the time goes; "
	     "0: none"),
	SIZE(soak_s, OPT_SECONDS, "soak_s", "600", 1, 31536000,
	     "soak: how long people's rates go on (`--duration` wins over it)"),
	SIZE(aa_drain_pairs, OPT_INT, "aa_drain_pairs", "8", 0, 1000,
	     "aa: pairs of the drain; those of the start-up are aa_pairs"),
	SIZE(batch_sizes, OPT_STRING, "batch_sizes", NULL, 0, 0,
	     "tuning: values of INFLUX_BATCH_SIZE set against the default; none: not swept"),
	SIZE(buffer_sizes, OPT_STRING, "buffer_sizes", NULL, 0, 0, "the same of MAX_BUFFER_SIZE"),
	SIZE(pool_sizes, OPT_STRING, "pool_sizes", NULL, 0, 0, "the same of REDIS_POOL_SIZE"),
	SIZE(builds, OPT_STRING, "builds", NULL, 0, 0,
	     "tuning: builds of the C programs set against the default one: O3, Os, lto, native, "
	     "clang"),
	SIZE(store_events, OPT_INT, "store_events", "1000", 100, 100000,
	     "tuning, INFLUX_BATCH_SIZE: events that each bring out a point"),
	SIZE(attribution_events, OPT_INT, "attribution_events", "0", 0, 1000000,
	     "cpu: system calls are counted over so many events, 1,000 a second; 0: not"),
	SIZE(instruction_events, OPT_INT, "instruction_events", "0", 0, 1000000,
	     "cpu: instructions per event are counted by callgrind with so many and twice as many; 0: "
	     "not"),
	SIZE(hyperfine_runs, OPT_INT, "hyperfine_runs", "0", 0, 1000,
	     "startup: runs of each subject by hyperfine, the second opinion; 0: none"),
	SIZE(duet_rate_hz, OPT_DOUBLE, "duet_events_per_s", "20000", 100, 100000,
	     "throughput, `--duet`: events to both sides of a pair at once; a rate that either bears"),
	SIZE(duet_s, OPT_SECONDS, "duet_s", "2", 0.1, 3600,
	     "throughput and cpu, `--duet`: how long (cpu's rate is 1,000 events a second)"),
};

static struct ini_section section(const char *name, const struct opt *opts, size_t n, void *target)
{
	return (struct ini_section){
		.name = name, .flags = INI_OPTIONAL, .opts = opts, .n_opts = n, .target = target
	};
}

/* "a:b" at *p; false at the end of the list.  *bad: what is wrong. */
static bool next_comparison(const char **p, char a[24], char b[24], bool *bad)
{
	int used = 0;

	*bad = false;
	*p += strspn(*p, " ");
	if (!**p)
		return false;
	*bad = sscanf(*p, "%23[a-z0-9_-]:%23[a-z0-9_-]%n", a, b, &used) != 2 || used == 0;
	*p += used;
	if (**p && **p != ' ')
		*bad = true;
	return !*bad;
}

/* The different names seen so far; one more than is allowed is enough to tell. */
struct names {
	size_t n;
	char v[SCENARIO_IMPLEMENTATIONS_MAX + 1][24];
};

static void names_add(struct names *names, const char name[24])
{
	size_t i = 0;

	while (i < names->n && strcmp(names->v[i], name))
		i++;
	if (i == names->n && i < ARRAY_SIZE(names->v))
		memcpy(names->v[names->n++], name, sizeof(names->v[0]));
}

static int check_compare(const struct scenario *sc, struct err *e)
{
	const char *p = sc->compare;
	struct names names = { 0 };
	char a[24] = "", b[24] = "";
	size_t n = 0;
	bool bad;

	for (; next_comparison(&p, a, b, &bad); n++) {
		names_add(&names, a);
		names_add(&names, b);
	}
	if (bad || p == sc->compare)
		return err_set(e, -EINVAL,
			       "compare=%s: must be words A:B of implementation names, as python:c",
			       sc->compare);
	if (n > SCENARIO_COMPARISONS_MAX)
		return err_set(e, -EINVAL, "compare: %zu comparisons, at most %d can be reported",
			       n, SCENARIO_COMPARISONS_MAX);
	if (names.n > SCENARIO_IMPLEMENTATIONS_MAX)
		return err_set(e, -EINVAL,
			       "compare: more than %d different implementations cannot be reported",
			       SCENARIO_IMPLEMENTATIONS_MAX);
	return 0;
}

static int check_lists(const struct scenario *sc, struct err *e)
{
	const char *p;
	char word[24];
	int used, rc = check_compare(sc, e);

	if (rc)
		return rc;
	for (p = sc->extractors; sscanf(p, "%23s%n", word, &used) == 1; p += used) {
		int t = 0;

		while (t < EVENT_TYPES && strcmp(event_type_names[t], word))
			t++;
		if (t == EVENT_TYPES)
			return err_set(e, -EINVAL,
				       "extractors=%s: must be some of keystroke, mouse, app",
				       sc->extractors);
	}
	return 0;
}

/* "scenarios/cpu.ini" -> "cpu" */
static int set_name(struct scenario *sc, struct err *e)
{
	const char *slash = strrchr(sc->path, '/'), *base = slash ? slash + 1 : sc->path;
	size_t n = strcspn(base, ".");

	if (!n || n >= sizeof(sc->name) ||
	    strspn(base, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") < n)
		return err_set(e, -EINVAL,
			       "%s: the file's name is the scenario's: 1 to %zu of A-Z a-z 0-9 _ -",
			       sc->path, sizeof(sc->name) - 1);
	snprintf(sc->name, sizeof(sc->name), "%.*s", (int)n, base);
	return 0;
}

int scenario_load(struct scenario *sc, const char *path, struct err *e)
{
	struct ini_section sections[3 + PROFILES];
	int rc;

	memset(sc, 0, sizeof(*sc));
	sc->path = mem_strdup(path);
	sections[0] = section("scenario", scenario_opts, ARRAY_SIZE(scenario_opts), sc);
	sections[1] = section("subjects", subject_opts, ARRAY_SIZE(subject_opts), sc);
	sections[2] = section("load", load_opts, ARRAY_SIZE(load_opts), sc);
	for (int i = 0; i < PROFILES; i++)
		sections[3 + i] =
			section(profile_names[i], size_opts, ARRAY_SIZE(size_opts), &sc->sizes[i]);
	rc = ini_load(path, sections, ARRAY_SIZE(sections), e);
	if (!rc && check_lists(sc, e))
		rc = err_wrap(e, "%s", path);
	return rc ? rc : set_name(sc, e);
}

bool scenario_is_one(const char *path)
{
	static const char *const rules[] = { "checklist.ini", "decision.ini" };
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (!strcmp(base, rules[i]))
			return false;
	return true;
}

static int by_kind(const void *a, const void *b)
{
	const struct scenario *x = a, *y = b;

	return x->kind != y->kind ? x->kind - y->kind : strcmp(x->name, y->name);
}

int scenario_load_dir(struct scenario **out, size_t *n, const char *dir, struct err *e)
{
	char pattern[4096];
	glob_t found = { 0 };
	int rc = 0;

	*out = NULL;
	*n = 0;
	snprintf(pattern, sizeof(pattern), "%s/*.ini", dir);
	if (!glob(pattern, 0, NULL, &found))
		*out = mem_calloc(found.gl_pathc, sizeof(**out));
	for (size_t i = 0; !rc && i < found.gl_pathc; i++)
		if (scenario_is_one(found.gl_pathv[i]))
			rc = scenario_load(&(*out)[(*n)++], found.gl_pathv[i], e);
	globfree(&found);
	if (!rc && !*n)
		return err_set(e, -ENOENT, "%s: no scenario there", pattern);
	qsort(*out, *n, sizeof(**out), by_kind);
	return rc;
}

void scenario_release(struct scenario *sc)
{
	opt_release(scenario_opts, ARRAY_SIZE(scenario_opts), sc);
	opt_release(load_opts, ARRAY_SIZE(load_opts), sc);
	for (int i = 0; i < PROFILES; i++)
		opt_release(size_opts, ARRAY_SIZE(size_opts), &sc->sizes[i]);
	free(sc->path);
	sc->path = NULL;
}

bool scenario_has_duet(const struct scenario *sc)
{
	return sc->kind == SCENARIO_CPU || sc->kind == SCENARIO_THROUGHPUT;
}

bool scenario_has(const struct scenario *sc, enum event_type extractor)
{
	const char *p = sc->extractors;
	char word[24];
	int used;

	for (; sscanf(p, "%23s%n", word, &used) == 1; p += used)
		if (!strcmp(word, event_type_names[extractor]))
			return true;
	return false;
}

bool scenario_comparison(const struct scenario *sc, size_t i, char a[24], char b[24])
{
	const char *p = sc->compare;
	bool bad;

	do {
		if (!next_comparison(&p, a, b, &bad))
			return false;
	} while (i--);
	return true;
}

size_t scenario_implementations(const struct scenario *sc,
				char names[SCENARIO_IMPLEMENTATIONS_MAX][24])
{
	struct names all = { 0 };
	char a[24], b[24];

	for (size_t i = 0; scenario_comparison(sc, i, a, b); i++) {
		names_add(&all, a);
		names_add(&all, b);
	}
	BUG_ON(all.n > SCENARIO_IMPLEMENTATIONS_MAX); /* check_compare() */
	memcpy(names, all.v, all.n * sizeof(all.v[0]));
	return all.n;
}

static void markdown_section(struct buf *out, const char *name, const char *what,
			     const struct opt *opts, size_t n)
{
	buf_printf(out, "\n### `[%s]` %s\n\n", name, what);
	opt_markdown(opts, n, out);
}

/* A value from more runs is of the same as one from fewer. */
static bool says_how_often(const struct opt *o)
{
	static const char *const names[] = { "budget_s",      "pairs",	       "aa_pairs",
					     "searches",      "search_trials", "aa_drain_pairs",
					     "hyperfine_runs" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(o->name, names[i]))
			return true;
	return false;
}

static void add_settings(const struct opt *opts, size_t n, const void *target, void *defaults,
			 struct buf *out)
{
	opt_defaults(opts, n, defaults);
	for (size_t i = 0; i < n; i++) {
		struct buf value = { 0 }, usual = { 0 };

		opt_value(&opts[i], target, &value);
		opt_value(&opts[i], defaults, &usual);
		if (!says_how_often(&opts[i]) && strcmp(buf_str(&value), buf_str(&usual)))
			buf_printf(out, "%s%s=%s", out->len ? " " : "", opts[i].name,
				   buf_str(&value));
		buf_release(&value);
		buf_release(&usual);
	}
	opt_release(opts, n, defaults);
}

void scenario_settings(const struct scenario *sc, enum profile profile, struct buf *out)
{
	struct scenario usual = { .path = NULL };
	struct scenario_size usual_size = { .pairs = 0 };

	add_settings(subject_opts, ARRAY_SIZE(subject_opts), sc, &usual, out);
	add_settings(load_opts, ARRAY_SIZE(load_opts), sc, &usual, out);
	add_settings(size_opts, ARRAY_SIZE(size_opts), &sc->sizes[profile], &usual_size, out);
}

void scenario_markdown(struct buf *out)
{
	markdown_section(out, "scenario", "what is measured", scenario_opts,
			 ARRAY_SIZE(scenario_opts));
	markdown_section(out, "subjects", "how the subjects are configured", subject_opts,
			 ARRAY_SIZE(subject_opts));
	markdown_section(out, "load", "what they are sent", load_opts, ARRAY_SIZE(load_opts));
	markdown_section(out, "quick]`, `[standard]`, `[full", "how much of it, by profile",
			 size_opts, ARRAY_SIZE(size_opts));
}
