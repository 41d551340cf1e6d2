/* results.json, read: hostile until it is; see result_json.h.  result_fields.c has the members. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "extractors/base/mem.h"
#include "harness/result_fields.h"
#include "harness/result_json.h"

static bool read_text(const cJSON *v, char *to, size_t size)
{
	if (!cJSON_IsString(v) || strlen(v->valuestring) >= size)
		return false;
	snprintf(to, size, "%s", v->valuestring);
	return true;
}

static bool read_i64(const cJSON *v, int64_t *to)
{
	if (!cJSON_IsNumber(v) || v->valuedouble != floor(v->valuedouble) ||
	    fabs(v->valuedouble) > (double)RESULT_INTEGER_MAX)
		return false;
	*to = (int64_t)v->valuedouble;
	return true;
}

static bool read_word(const cJSON *v, const struct field *f, int *to)
{
	for (int i = 0; cJSON_IsString(v) && i < f->n_words; i++)
		if (!strcmp(f->words[i], v->valuestring)) {
			*to = i;
			return true;
		}
	return false;
}

static bool read_u64_text(const cJSON *v, uint64_t *to)
{
	char *end;

	if (!cJSON_IsString(v))
		return false;
	*to = strtoull(v->valuestring, &end, 10);
	return end != v->valuestring && !*end;
}

static bool read_side(const cJSON *v, char *to)
{
	static const char *const sides[] = { "", "a", "b" };

	for (size_t i = 0; cJSON_IsString(v) && i < ARRAY_SIZE(sides); i++)
		if (!strcmp(v->valuestring, sides[i])) {
			*to = sides[i][0];
			return true;
		}
	return false;
}

static bool read_field(const struct field *f, const cJSON *v, void *into)
{
	char *p = (char *)into + f->offset;
	int64_t i64;

	switch (f->type) {
	case F_TEXT:
		return read_text(v, p, f->size);
	case F_SIDE:
		return read_side(v, p);
	case F_BOOL:
		*(bool *)p = cJSON_IsTrue(v);
		return cJSON_IsBool(v);
	case F_INT:
		if (!read_i64(v, &i64) || i64 < INT32_MIN || i64 > INT32_MAX)
			return false;
		*(int *)p = (int)i64;
		return true;
	case F_I64:
		return read_i64(v, (int64_t *)p);
	case F_U64_TEXT:
		return read_u64_text(v, (uint64_t *)p);
	case F_DOUBLE:
		*(double *)p = cJSON_IsNumber(v) ? v->valuedouble : NAN;
		return cJSON_IsNumber(v) || cJSON_IsNull(v);
	case F_ENUM:
		return read_word(v, f, (int *)p);
	}
	return false;
}

/* `what` stands before a member's name: "ledger: "; "" where the caller says it. */
static int read_fields(const struct fields *fields, const cJSON *object, void *into,
		       const char *what, struct err *e)
{
	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->v[i];
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, f->name);

		if (!v || !read_field(f, v, into))
			return err_set(e, -EINVAL, "%smember \"%s\" is %s", what, f->name,
				       v ? "not of the right form" : "missing");
	}
	return 0;
}

static int read_object(const struct fields *fields, const cJSON *parent, const char *name,
		       void *into, struct err *e)
{
	int rc = read_fields(fields, cJSON_GetObjectItemCaseSensitive(parent, name), into, "", e);

	return rc ? err_wrap(e, "%s", name) : 0;
}

static int read_metrics(const cJSON *object, struct run *run, struct err *e)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, cJSON_GetObjectItemCaseSensitive(object, "metrics"))
	{
		int id = metric_find(v->string);

		if (id < 0 || !cJSON_IsNumber(v))
			return err_set(e, -EINVAL,
				       "metrics: \"%s\" is not a metric of this version",
				       v->string);
		run_set(run, (enum metric_id)id, v->valuedouble);
	}
	cJSON_ArrayForEach(v, cJSON_GetObjectItemCaseSensitive(object, "unavailable"))
	{
		int id = metric_find(v->string);

		if (id < 0 || !cJSON_IsString(v))
			return err_set(e, -EINVAL,
				       "unavailable: \"%s\" is not a metric of this version",
				       v->string);
		run_unavailable(run, (enum metric_id)id, v->valuestring);
	}
	return 0;
}

static int read_ledger(const cJSON *object, struct ledger *l, struct err *e)
{
	const cJSON *v;
	int rc = 0;

	cJSON_ArrayForEach(v, cJSON_GetObjectItemCaseSensitive(object, "ledger"))
	{
		if (l->n == LEDGER_LINES_MAX)
			return err_set(e, -EINVAL, "ledger: more than %d lines", LEDGER_LINES_MAX);
		rc = read_fields(&ledger_line_fields, v, &l->lines[l->n++], "ledger: ", e);
		if (rc)
			return rc;
	}
	return 0;
}

static int read_ns(const cJSON *object, const char *name, int64_t **out, size_t *n, struct err *e)
{
	const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, name), *v;

	*n = 0;
	if (!cJSON_IsArray(array))
		return err_set(e, -EINVAL, "latency: \"%s\" is not an array", name);
	*out = mem_calloc((size_t)cJSON_GetArraySize(array) + 1, sizeof(**out));
	cJSON_ArrayForEach(v, array)
	{
		if (!read_i64(v, &(*out)[(*n)++]))
			return err_set(e, -EINVAL, "latency: \"%s\" holds no whole number", name);
	}
	return 0;
}

static int read_latency(const cJSON *run, struct latency_samples *s, struct err *e)
{
	const cJSON *object = cJSON_GetObjectItemCaseSensitive(run, "latency");
	size_t n;
	int rc;

	if (!object)
		return 0;
	rc = read_ns(object, "response_ns", &s->response_ns, &s->n, e);
	rc = rc ? rc : read_ns(object, "service_ns", &s->service_ns, &n, e);
	if (!rc && s->n != n)
		rc = err_set(e, -EINVAL, "latency: %zu response times and %zu service times", s->n,
			     n);
	return rc;
}

static int read_outcomes(const cJSON *array, struct split_samples *s, struct err *e)
{
	const struct field word = { .words = split_outcome_names, .n_words = SPLIT_OUTCOMES };
	const cJSON *v;

	if (!cJSON_IsArray(array))
		return err_set(e, -EINVAL, "split: \"outcome\" is not an array");
	s->outcome = mem_calloc((size_t)cJSON_GetArraySize(array) + 1, sizeof(*s->outcome));
	cJSON_ArrayForEach(v, array)
	{
		if (!read_word(v, &word, &s->outcome[s->n++]))
			return err_set(e, -EINVAL, "split: \"outcome\" holds no outcome");
	}
	return 0;
}

/* A number stands where the outcome says that there is one. */
static int read_split_part(const cJSON *object, enum split_part p, struct split_samples *s,
			   struct err *e)
{
	char name[16];
	const cJSON *array, *v;
	size_t i = 0;

	snprintf(name, sizeof(name), "%s_ns", split_part_names[p]);
	array = cJSON_GetObjectItemCaseSensitive(object, name);
	if (!cJSON_IsArray(array) || (size_t)cJSON_GetArraySize(array) != s->n)
		return err_set(e, -EINVAL, "split: \"%s\" is not an array of %zu", name, s->n);
	s->part_ns[p] = mem_calloc(s->n + 1, sizeof(*s->part_ns[p]));
	cJSON_ArrayForEach(v, array)
	{
		bool known = s->outcome[i] != SPLIT_NO_SEND;

		if (known ? !read_i64(v, &s->part_ns[p][i]) : !cJSON_IsNull(v))
			return err_set(e, -EINVAL, "split: \"%s\"[%zu] is not %s", name, i,
				       known ? "a whole number" : "null");
		i++;
	}
	return 0;
}

/* After read_latency(): it divides those samples. */
static int read_split(const cJSON *v, struct run *run, struct err *e)
{
	const cJSON *object = cJSON_GetObjectItemCaseSensitive(v, "split");
	struct split_samples *s = &run->split;
	int rc;

	if (!object)
		return 0;
	if (!read_i64(cJSON_GetObjectItemCaseSensitive(object, "lost"), &s->lost))
		return err_set(e, -EINVAL, "split: \"lost\" is no whole number");
	rc = read_outcomes(cJSON_GetObjectItemCaseSensitive(object, "outcome"), s, e);
	if (!rc && s->n != run->latency.n)
		rc = err_set(e, -EINVAL, "split: %zu outcomes and %zu latencies", s->n,
			     run->latency.n);
	for (int p = 0; !rc && p < SPLIT_PARTS; p++)
		rc = read_split_part(object, (enum split_part)p, s, e);
	return rc;
}

/* What a run has besides its fields. */
static int read_rest_of_run(const cJSON *v, struct result *r, void *element, struct err *e)
{
	struct run *run = element;
	int rc = read_metrics(v, run, e);

	rc = rc ? rc : read_ledger(v, &run->ledger, e);
	rc = rc ? rc : read_object(&oracle_fields, v, "oracle", &run->oracle, e);
	rc = rc ? rc : read_object(&instrument_fields, v, "instrument", &run->instrument, e);
	rc = rc ? rc : read_object(&noise_fields, v, "noise", &run->noise, e);
	if (!rc && run->pair >= RESULT_PAIRS_MAX)
		rc = err_set(e, -EINVAL, "pair %d is not below %d", run->pair, RESULT_PAIRS_MAX);
	if (!rc && run->comparison >= (int)r->n_comparisons)
		rc = err_set(e, -EINVAL, "comparison %d is not in comparisons", run->comparison);
	rc = rc ? rc : read_latency(v, &run->latency, e);
	return rc ? rc : read_split(v, run, e);
}

static int check_comparison(const cJSON *v UNUSED, struct result *r UNUSED, void *element,
			    struct err *e)
{
	const struct comparison *c = element;

	if (c->pairs_planned >= 0 && c->pairs_planned <= RESULT_PAIRS_MAX)
		return 0;
	return err_set(e, -EINVAL, "pairs_planned is not 0 to %d", RESULT_PAIRS_MAX);
}

/* What is left to do with an element when its fields are read. */
static int (*const rest[RESULT_PARTS])(const cJSON *v, struct result *r, void *element,
				       struct err *e) = {
	[PART_COMPARISONS] = check_comparison,
	[PART_RUNS] = read_rest_of_run,
};

static int read_part(const cJSON *root, enum result_part_id id, struct result *r, struct err *e)
{
	const struct result_part *part = &result_parts[id];
	const cJSON *array = cJSON_GetObjectItemCaseSensitive(root, part->name), *v;

	if (!cJSON_IsArray(array))
		return err_set(e, -EINVAL, "member \"%s\" is not an array", part->name);
	cJSON_ArrayForEach(v, array)
	{
		void *element = result_part_add(r, part);
		int rc = read_fields(part->fields, v, element, "", e);

		if (!rc && rest[id])
			rc = rest[id](v, r, element, e);
		if (rc)
			return err_wrap(e, "%s[%zu]", part->name, result_part_count(r, part) - 1);
	}
	return 0;
}

/* "unfit" is one of them: what is not understood must not be left out. */
static int read_facts(const cJSON *object, struct result *r, struct err *e)
{
	const cJSON *v;

	if (!cJSON_IsObject(object))
		return err_set(e, -EINVAL, "member \"facts\" is not an object");
	cJSON_ArrayForEach(v, object)
	{
		if (!cJSON_IsString(v))
			return err_set(e, -EINVAL, "facts: \"%s\" is not text", v->string);
		result_add_fact(r, v->string, "%s", v->valuestring);
	}
	return 0;
}

static int read_root(const cJSON *root, struct result *r, struct err *e)
{
	const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(root, "version");
	int rc;

	if (!cJSON_IsString(format) || strcmp(format->valuestring, RESULT_FORMAT))
		return err_set(e, -EINVAL, "not a results.json: \"format\" is not \"%s\"",
			       RESULT_FORMAT);
	if (!cJSON_IsNumber(version) || version->valueint != RESULT_VERSION)
		return err_set(e, -EINVAL, "version is not %d, the one this program knows",
			       RESULT_VERSION);
	rc = read_object(&session_fields, root, "session", r, e);
	rc = rc ? rc : read_facts(cJSON_GetObjectItemCaseSensitive(root, "facts"), r, e);
	for (int id = 0; !rc && id < RESULT_PARTS; id++)
		rc = read_part(root, (enum result_part_id)id, r, e);
	return rc;
}

int result_read_json(struct result *r, const char *text, size_t len, struct err *e)
{
	cJSON *root = cJSON_ParseWithLength(text, len);
	int rc;

	memset(r, 0, sizeof(*r));
	if (!root)
		return err_set(e, -EINVAL, "not JSON");
	rc = read_root(root, r, e);
	cJSON_Delete(root);
	return rc;
}
