/*
 * Sweeps; see tuning.h.  The table of parameters comes first; sweep() is one of them
 * for one implementation.
 */
#include "harness/tuning.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "extractors/base/mem.h"
#include "harness/pairs.h"
#include "harness/store.h"
#include "harness/throughput.h"
#include "harness/tuning_build.h"

#define VALUES_MAX 7 /* with the default as many as a report's table has room for */

/* What is swept.  The defaults are the contract's, by extractor. */
struct parameter {
	const char *tag;  /* in labels and phases: "c+batch=500", "c batch" */
	const char *name; /* in settings: the variable, or "build" */
	const char *defaults[EVENT_TYPES];
	enum metric_id primary;
	const char *note;   /* what it means for the choice */
	const char *env[3]; /* what both sides get besides */
	bool every_event;   /* UPDATE_INTERVAL=0 */
	bool needs_database;
	bool other_work;		 /* see struct setting */
	const struct pairs_phase *phase; /* its runs */
	size_t values;			 /* offset of the list in struct scenario_size */
};

static const struct pairs_phase store_phase = {
	.does = "stores",
	.cost_s = 1.5,
	.plan = store_plan,
	.run = store_run,
};

static const struct parameter parameters[] = {
	{
		.tag = "batch",
		.name = "INFLUX_BATCH_SIZE",
		.defaults = { "50", "50", "50" },
		.primary = METRIC_CPU_PER_EVENT,
		.note = "measured with a point at every event (UPDATE_INTERVAL=0, "
			"MAX_BUFFER_SIZE=100); at one every few seconds a batch goes out by its age "
			"(INFLUX_FLUSH_MS) before it is full",
		.env = { "MAX_BUFFER_SIZE=100" },
		.every_event = true,
		.needs_database = true,
		.phase = &store_phase,
		.values = offsetof(struct scenario_size, batch_sizes),
	},
	{
		.tag = "buffer",
		.name = "MAX_BUFFER_SIZE",
		.defaults = { "10000", "50000", "1000" },
		.primary = METRIC_RSS,
		.note = "it also bounds the window: features change where a window holds more events "
			"than that, as here, so a smaller one is a choice of the product and no tuning",
		.env = { "INFLUX_FLUSH_MS=20" },
		.other_work = true,
		.phase = &throughput_drain_phase,
		.values = offsetof(struct scenario_size, buffer_sizes),
	},
	{
		.tag = "pool",
		.name = "REDIS_POOL_SIZE",
		.defaults = { "1", "1", "1" },
		.primary = METRIC_CPU_PER_EVENT,
		.note = "messages take the connections in turn (extractors/README.md), at most one for "
			"each UPDATE_INTERVAL: no effect on features is promised, and more than one gives "
			"up their order",
		.env = { "INFLUX_FLUSH_MS=20" },
		.phase = &throughput_drain_phase,
		.values = offsetof(struct scenario_size, pool_sizes),
	},
	{
		.tag = "build",
		.name = "build",
		.defaults = { TUNING_BUILD_DEFAULT, TUNING_BUILD_DEFAULT, TUNING_BUILD_DEFAULT },
		.primary = METRIC_CPU_PER_EVENT,
		.note = "compiler flags of the C programs, O2 being the release variant, made anew; what each "
			"build says of itself is under \"Host and configuration\"",
		.env = { "INFLUX_FLUSH_MS=20" },
		.phase = &throughput_drain_phase,
		.values = offsetof(struct scenario_size, builds),
	},
};

static bool is_build(const struct parameter *p)
{
	return !strcmp(p->name, "build");
}

static const char *list_of(const struct session *s, const struct parameter *p)
{
	const char *list;

	memcpy(&list, (const char *)s->size + p->values, sizeof(list));
	return list ? list : "";
}

/* ---- one value as a subject --------------------------------------------------------- */

static int make_label(char label[24], const char *base, const struct parameter *p,
		      const char *value, struct err *e)
{
	if (snprintf(label, 24, "%.23s+%s=%.23s", base, p->tag, value) < 24)
		return 0;
	return err_set(e, -EINVAL, "tuning: \"%s+%s=%s\" is longer than the 23 bytes of a label",
		       base, p->tag, value);
}

/* ${bin}/keystroke_extractor becomes the same program of another build. */
static void set_program(struct session *s, struct subject *to, const char *bin)
{
	size_t n = strlen(s->conf.bin);
	struct buf path = { 0 };

	buf_printf(&path, "%s%s", bin, to->argv.v[0] + n);
	free(to->argv.v[0]);
	to->argv.v[0] = mem_strdup(buf_str(&path));
	buf_release(&path);
}

static bool is_ours(const struct session *s, const struct subject *subject)
{
	size_t n = strlen(s->conf.bin);

	return !strncmp(subject->argv.v[0], s->conf.bin, n) && subject->argv.v[0][n] == '/';
}

/* The subject with that value, among the session's subjects from now on. */
static int add_subject(struct session *s, const struct subject *base, const char *label,
		       const struct parameter *p, const char *value, const char *bin, struct err *e)
{
	struct subject copy = *base, *to;

	copy.path = mem_strdup(base->path);
	copy.implementation = mem_strdup(label);
	copy.description = NULL;
	copy.command = mem_strdup(base->command);
	copy.argv = copy.env = (struct strv){ 0 };
	for (size_t i = 0; i < base->argv.n; i++)
		strv_add(&copy.argv, base->argv.v[i]);
	for (size_t i = 0; i < base->env.n; i++)
		strv_add(&copy.env, base->env.v[i]);
	for (size_t i = 0; i < ARRAY_SIZE(p->env) && p->env[i]; i++)
		strv_put_env(&copy.env, p->env[i]);
	if (!is_build(p))
		strv_set_env(&copy.env, p->name, value);
	else if (bin)
		set_program(s, &copy, bin);
	copy.name = NULL;
	s->subjects.v = mem_realloc(s->subjects.v, s->subjects.n + 1, sizeof(*s->subjects.v));
	to = &s->subjects.v[s->subjects.n++];
	*to = copy;
	to->name = mem_calloc(1, 64);
	snprintf(to->name, 64, "%s-%s", label, event_type_names[copy.extractor]);
	return session_add_subject(s, to, e);
}

/* ---- one parameter of one implementation ---------------------------------------------- */

struct sweep {
	struct session *s;
	const struct parameter *p;
	const char *base;
	char name[16];		  /* of the phase */
	struct pairs_phase phase; /* the parameter's, with that name */
	enum event_type type;
	char values[VALUES_MAX][24];
	size_t n;
};

static int read_values(struct sweep *w, struct err *e)
{
	const char *p = list_of(w->s, w->p);
	const char *known;
	int used;

	w->n = 0;
	for (char word[24]; sscanf(p, "%23s%n", word, &used) == 1; p += used) {
		if (is_build(w->p) && !tuning_build_known(word, &known))
			return err_set(e, -EINVAL, "%s: builds=%s: must be some of %s",
				       w->s->scenario.path, word, known);
		if (!is_build(w->p) && strspn(word, "0123456789") != strlen(word))
			return err_set(e, -EINVAL, "%s: %s=%s: must be whole numbers",
				       w->s->scenario.path, w->p->name, word);
		if (!strcmp(word, w->p->defaults[w->type]))
			continue; /* it is measured anyway */
		if (w->n == VALUES_MAX)
			return err_set(e, -EINVAL, "%s: %s: more than %d values cannot be reported",
				       w->s->scenario.path, w->p->name, VALUES_MAX);
		memcpy(w->values[w->n++], word, sizeof(word));
	}
	return 0;
}

static struct setting setting_of(const struct sweep *w, const char *value)
{
	struct setting st = { .extractor = w->type };

	snprintf(st.scenario, sizeof(st.scenario), "%s", w->s->scenario.name);
	snprintf(st.phase, sizeof(st.phase), "%s", w->name);
	snprintf(st.base, sizeof(st.base), "%.23s", w->base);
	snprintf(st.parameter, sizeof(st.parameter), "%s", w->p->name);
	snprintf(st.value, sizeof(st.value), "%s", value);
	snprintf(st.reference, sizeof(st.reference), "%s", w->p->defaults[w->type]);
	snprintf(st.primary, sizeof(st.primary), "%s", metrics[w->p->primary].key);
	st.other_work = w->p->other_work;
	snprintf(st.note, sizeof(st.note), "%s", w->p->note);
	return st;
}

/* Why no value of the parameter can be measured for the base, or NULL. */
static const char *cannot(const struct sweep *w, const struct subject *base)
{
	if (w->p->needs_database && (!session_database(w->s) || !base->influx))
		return "no database, or the subject writes no points";
	if (is_build(w->p) && !is_ours(w->s, base))
		return "its program is not one that the Makefile builds";
	return NULL;
}

/* The value's subject and its comparison with the default; or a setting that says why not. */
static int add_value(struct sweep *w, const struct subject *base, const char *against,
		     const char *value, struct err *e)
{
	struct setting st = setting_of(w, value);
	struct buf bin = { 0 };
	int rc = 0;

	if (is_build(w->p)) {
		rc = tuning_build(w->s, value, &bin, e);
		if (rc && rc != -EINTR) {
			snprintf(st.why, sizeof(st.why), "%.159s", e->text);
			err_reset(e);
			result_add_setting(&w->s->result, &st);
			buf_release(&bin);
			return 0;
		}
	}
	rc = rc ? rc : make_label(st.implementation, w->base, w->p, value, e);
	rc = rc ? rc
		: add_subject(w->s, base, st.implementation, w->p, value,
			      is_build(w->p) ? buf_str(&bin) : NULL, e);
	buf_release(&bin);
	if (rc)
		return rc;
	snprintf(st.against, sizeof(st.against), "%s", against);
	result_add_setting(&w->s->result, &st);
	pairs_plan(w->s, &w->phase, w->type, against, st.implementation);
	return 0;
}

static void add_reason(struct sweep *w, const char *why)
{
	for (size_t i = 0; i < w->n; i++) {
		struct setting st = setting_of(w, w->values[i]);

		snprintf(st.why, sizeof(st.why), "%s", why);
		result_add_setting(&w->s->result, &st);
	}
}

/*
 * The subject that all values are set against.  1: its build cannot be made, and every
 * value says why.
 */
static int add_default(struct sweep *w, const struct subject *base, char against[24], struct err *e)
{
	const char *value = w->p->defaults[w->type];
	struct buf bin = { 0 };
	int rc = is_build(w->p) ? tuning_build(w->s, value, &bin, e) : 0;

	if (rc && rc != -EINTR) {
		add_reason(w, e->text);
		err_reset(e);
		buf_release(&bin);
		return 1;
	}
	rc = rc ? rc : make_label(against, w->base, w->p, value, e);
	rc = rc ? rc
		: add_subject(w->s, base, against, w->p, value,
			      is_build(w->p) ? buf_str(&bin) : NULL, e);
	buf_release(&bin);
	return rc;
}

/* Default, values and A/A of one extractor into the result. */
static int add_sweep(struct sweep *w, struct err *e)
{
	const struct subject *found = subjects_find(&w->s->subjects, w->base, w->type, e);
	struct subject base;
	char against[24];
	int rc = found ? read_values(w, e) : err_wrap(e, "%s: compare", w->s->scenario.path);

	if (rc || !w->n)
		return rc;
	base = *found; /* the list of subjects grows and moves */
	if (cannot(w, &base)) {
		add_reason(w, cannot(w, &base));
		return 0;
	}
	rc = add_default(w, &base, against, e);
	if (rc > 0)
		return 0;
	for (size_t i = 0; !rc && i < w->n; i++)
		rc = add_value(w, &base, against, w->values[i], e);
	if (!rc)
		pairs_plan(w->s, &w->phase, w->type, against, against);
	return rc;
}

static int run_sweep(struct session *s, const struct parameter *p, const char *base,
		     int64_t deadline_ns, struct err *e)
{
	struct sweep w = { .s = s, .p = p, .base = base, .phase = *p->phase };
	double interval_s = s->scenario.update_interval_s;
	int first = (int)s->result.n_comparisons, rc = 0;

	if (snprintf(w.name, sizeof(w.name), "%.15s %s", base, p->tag) >= (int)sizeof(w.name))
		return err_set(e, -EINVAL, "tuning: \"%s\" is too long a name to be tuned", base);
	w.phase.name = w.name;
	w.phase.primary = p->primary;
	for (int t = 0; !rc && t < EVENT_TYPES; t++) {
		w.type = (enum event_type)t;
		if (scenario_has(&s->scenario, w.type))
			rc = add_sweep(&w, e);
	}
	if (p->every_event)
		s->scenario.update_interval_s = 0;
	if (!rc && (int)s->result.n_comparisons > first)
		rc = pairs_run_from(s, &w.phase, first, deadline_ns, e);
	s->scenario.update_interval_s = interval_s;
	return rc;
}

/* ---- all ---------------------------------------------------------------------------------- */

/* The implementations that `compare` names, floors left out: they have no parameters. */
static size_t list_bases(const struct session *s, char bases[SCENARIO_IMPLEMENTATIONS_MAX][24])
{
	char names[SCENARIO_IMPLEMENTATIONS_MAX][24];
	size_t all = scenario_implementations(&s->scenario, names), n = 0;

	for (size_t i = 0; i < all; i++)
		if (strcmp(names[i], "null") && strcmp(names[i], "relay"))
			memcpy(bases[n++], names[i], sizeof(bases[0]));
	return n;
}

static size_t count_words(const char *list)
{
	size_t n = 0;

	for (const char *p = list; *(p += strspn(p, " ")); p += strcspn(p, " "))
		n++;
	return n;
}

/* What a sweep takes, in s, about: for the progress line and its share of the budget. */
static double sweep_cost(const struct session *s, const struct parameter *p)
{
	double runs = 2.0 * ((double)count_words(list_of(s, p)) * (double)s->size->pairs +
			     (double)s->size->aa_pairs);

	return *list_of(s, p) ? runs * p->phase->cost_s : 0;
}

int tuning_run(struct session *s, struct err *e)
{
	char bases[SCENARIO_IMPLEMENTATIONS_MAX][24];
	size_t n = list_bases(s, bases);
	double left_s = 0;
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parameters); i++)
		left_s += sweep_cost(s, &parameters[i]) * (double)n;
	s->progress.total += left_s;
	for (size_t i = 0; !rc && i < ARRAY_SIZE(parameters); i++)
		for (size_t k = 0; !rc && k < n; k++) {
			double cost_s = sweep_cost(s, &parameters[i]);
			int64_t now_ns = clock_mono_ns(), left_ns = s->deadline_ns - now_ns;
			double share_ns =
				left_ns > 0 && left_s > 0 ? (double)left_ns * cost_s / left_s : 0;

			if (!(cost_s > 0))
				continue;
			/* No bound stays none: the sum would not fit. */
			rc = run_sweep(s, &parameters[i], bases[k],
				       s->deadline_ns == INT64_MAX ? INT64_MAX
								   : now_ns + (int64_t)share_ns,
				       e);
			left_s -= cost_s;
		}
	return rc;
}
