/* hyperfine over a scenario's subjects; see opinions.h. */
#include "harness/opinions.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "harness/hyperfine.h"
#include "harness/live.h"

#define WARMUP	1
#define ONCE_NS (15 * NS_PER_S)

static void set_times(struct opinion *o, const struct hyperfine_times *t)
{
	o->n = (int64_t)t->n;
	o->median = t->median_ms;
	o->mean = t->mean_ms;
	o->stddev = t->stddev_ms;
	o->min = t->min_ms;
	o->max = t->max_ms;
}

static int time_subject(struct session *s, const struct subject *subject, struct opinion *o,
			struct err *e)
{
	struct hyperfine_times times;
	struct strv env = { 0 };
	struct err why = ERR_INIT;
	const struct hyperfine_conf conf = {
		.argv = &subject->argv,
		.env = &env,
		.dir = s->dir,
		.cpus = &s->cpus.subject,
		.hooks = &s->hooks,
		.loop = s->loop,
		.warmup = WARMUP,
		.runs = s->size->hyperfine_runs,
		.once_ns = ONCE_NS,
	};
	int rc;

	progress_step(&s->progress, "%s by hyperfine", subject->name);
	live_env(s, s->sut, subject, o->extractor, &env);
	rc = hyperfine_run(&conf, &times, &why);
	strv_release(&env);
	if (rc == -EINTR)
		return err_set(e, rc, "%s", why.text);
	if (rc)
		snprintf(o->why, sizeof(o->why), "%.159s", why.text);
	else
		set_times(o, &times);
	return s->stopped ? err_set(e, -EINTR, "stopped by a signal") : 0;
}

static bool has_opinion(const struct session *s, enum event_type type, const char *implementation)
{
	for (size_t i = 0; i < s->result.n_opinions; i++) {
		const struct opinion *o = &s->result.opinions[i];

		if (o->extractor == type && !strcmp(o->implementation, implementation) &&
		    !strcmp(o->scenario, s->scenario.name))
			return true;
	}
	return false;
}

/* `tool`: its name and version, or NULL with the reason in `why`. */
static int add_opinion(struct session *s, enum event_type type, const char *implementation,
		       const char *tool, const char *why, struct err *e)
{
	const struct subject *subject = subjects_find(&s->subjects, implementation, type, e);
	struct opinion o = { .extractor = type };
	int rc = 0;

	if (!subject)
		return err_wrap(e, "%s: compare", s->scenario.path);
	if (has_opinion(s, type, implementation))
		return 0;
	o.median = o.mean = o.stddev = o.min = o.max = NAN;
	snprintf(o.scenario, sizeof(o.scenario), "%s", s->scenario.name);
	snprintf(o.implementation, sizeof(o.implementation), "%.23s", implementation);
	snprintf(o.tool, sizeof(o.tool), "%.47s", tool ? tool : "hyperfine");
	snprintf(o.metric, sizeof(o.metric), "exec_to_exit_ms");
	if (tool)
		rc = time_subject(s, subject, &o, e);
	else
		snprintf(o.why, sizeof(o.why), "%.159s", why);
	if (!rc)
		result_add_opinion(&s->result, &o);
	return rc;
}

int opinions_run(struct session *s, struct err *e)
{
	struct err why = ERR_INIT;
	struct buf version = { 0 };
	const char *tool;
	char sides[2][24];
	int rc = 0;

	if (!s->size->hyperfine_runs)
		return 0;
	tool = hyperfine_version(&version, &why) ? NULL : buf_str(&version);
	for (int t = 0; t < EVENT_TYPES; t++) {
		if (!scenario_has(&s->scenario, (enum event_type)t))
			continue;
		for (size_t i = 0; !rc && scenario_comparison(&s->scenario, i, sides[0], sides[1]);
		     i++)
			for (int k = 0; !rc && k < 2; k++)
				rc = add_opinion(s, (enum event_type)t, sides[k], tool, why.text,
						 e);
	}
	buf_release(&version);
	return rc ? rc : session_save(s, e);
}
