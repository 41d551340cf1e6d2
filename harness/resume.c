/* Going on with a session; see resume.h. */
#include "harness/resume.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "harness/report_files.h"

#define SAME_KEY "harness build" /* must not have changed */

static int check(const struct session *s, const struct result *old, struct err *e)
{
	const char *was = result_fact(old, SAME_KEY), *is = result_fact(&s->result, SAME_KEY);

	if (strcmp(old->profile, s->result.profile))
		return err_set(e, -EINVAL, "it was of profile %s: say --profile %s", old->profile,
			       old->profile);
	if (!s->conf.anyway && (!was || strcmp(was, is)))
		return err_set(e, -EINVAL,
			       "it was measured by another build (%.120s), or say --anyway",
			       was ? was : "unknown");
	return 0;
}

/* Facts of now that are not those of then, under a name of their own. */
static void add_changes(struct session *s, const struct result *now)
{
	char key[160], iso[CLOCK_ISO_MAX];

	clock_format_iso(iso, now->started_wall_us);
	for (size_t i = 0; i < now->n_facts; i++) {
		const struct fact *f = &now->facts[i];
		const char *was = result_fact(&s->result, f->key);

		if (!was) {
			result_add_fact(&s->result, f->key, "%s", f->value);
		} else if (strcmp(was, f->value)) {
			snprintf(key, sizeof(key), "%.80s, resumed %.19s", f->key, iso);
			result_add_fact(&s->result, key, "%s", f->value);
		}
	}
}

int resume_take_up(struct session *s, const char *dir, struct err *e)
{
	struct result old, now;
	int rc = report_load_results(&old, dir, e);

	if (!rc && check(s, &old, e))
		rc = err_wrap(e, "%s: cannot be gone on with", dir);
	if (rc) {
		result_release(&old);
		return rc;
	}
	now = s->result;
	s->result = old;
	s->result.complete = false;
	s->result.stopped_by[0] = '\0';
	add_changes(s, &now);
	result_release(&now);
	buf_add_str(&s->out_dir, dir);
	return 0;
}
