/* The shape of results.json; see result_json.h.  Start at the field tables. */
#include "harness/result_json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "extractors/base/mem.h"

#define FORMAT_NAME "seclyzer-bench-results"

enum field_type { F_TEXT, F_CHAR, F_BOOL, F_INT, F_I64, F_U64_TEXT, F_DOUBLE, F_ENUM };

struct field {
	const char *name;
	enum field_type type;
	size_t offset, size;	  /* size: F_TEXT's room */
	const char *const *words; /* F_ENUM */
	int n_words;
};

#define FIELD(st, member, ty)                                                                     \
	{                                                                                         \
#member, ty, offsetof(struct st, member), sizeof(((struct st *)0)->member), NULL, \
			0                                                                         \
	}
#define WORDS(st, member, list, n)                                                              \
	{                                                                                       \
#member, F_ENUM, offsetof(struct st, member), sizeof(((struct st *)0)->member), \
			list, n                                                                 \
	}

static const struct field session_fields[] = {
	FIELD(result, id, F_TEXT),
	FIELD(result, profile, F_TEXT),
	FIELD(result, started_wall_us, F_I64),
	FIELD(result, finished_wall_us, F_I64),
	FIELD(result, seed, F_U64_TEXT),
	FIELD(result, complete, F_BOOL),
	FIELD(result, stopped_by, F_TEXT),
};
static const struct field comparison_fields[] = {
	FIELD(comparison, scenario, F_TEXT),
	FIELD(comparison, phase, F_TEXT),
	WORDS(comparison, extractor, event_type_names, EVENT_TYPES),
	FIELD(comparison, a, F_TEXT),
	FIELD(comparison, b, F_TEXT),
	FIELD(comparison, pairs_planned, F_INT),
	WORDS(comparison, end, comparison_end_names, COMPARISON_ENDS),
};
static const struct field run_fields[] = {
	FIELD(run, id, F_TEXT),
	FIELD(run, scenario, F_TEXT),
	FIELD(run, phase, F_TEXT),
	FIELD(run, subject, F_TEXT),
	FIELD(run, implementation, F_TEXT),
	WORDS(run, extractor, event_type_names, EVENT_TYPES),
	FIELD(run, comparison, F_INT),
	FIELD(run, pair, F_INT),
	FIELD(run, side, F_CHAR),
	FIELD(run, started_wall_us, F_I64),
	FIELD(run, seconds, F_DOUBLE),
	FIELD(run, plan_events, F_I64),
	FIELD(run, plan_own_events, F_I64),
	FIELD(run, plan_checksum, F_U64_TEXT),
	FIELD(run, plan_seed, F_U64_TEXT),
	FIELD(run, books_until_s, F_DOUBLE),
	WORDS(run, status, run_status_names, RUN_STATUSES),
	FIELD(run, why, F_TEXT),
};
static const struct field line_fields[] = {
	FIELD(ledger_line, name, F_TEXT),
	WORDS(ledger_line, state, ledger_state_names, LEDGER_STATES),
	FIELD(ledger_line, expected, F_I64),
	FIELD(ledger_line, got, F_I64),
	FIELD(ledger_line, note, F_TEXT),
};
static const struct field oracle_fields[] = {
	FIELD(oracle_summary, checked, F_I64),
	FIELD(oracle_summary, wrong, F_I64),
	FIELD(oracle_summary, unchecked, F_I64),
	FIELD(oracle_summary, note, F_TEXT),
};
static const struct field instrument_fields[] = {
	FIELD(instrument, generator_cpu_ns_per_event, F_DOUBLE),
	FIELD(instrument, tap_cpu_ns_per_event, F_DOUBLE),
	FIELD(instrument, pacing_p50_us, F_DOUBLE),
	FIELD(instrument, pacing_p99_us, F_DOUBLE),
	FIELD(instrument, pacing_max_us, F_DOUBLE),
	FIELD(instrument, little_ratio, F_DOUBLE),
	FIELD(instrument, held_back_frac, F_DOUBLE),
	FIELD(instrument, outstanding_max_bytes, F_I64),
	FIELD(instrument, stats_asked, F_I64),
	FIELD(instrument, prober_cpu_us, F_DOUBLE),
	FIELD(instrument, prober_samples, F_I64),
	FIELD(instrument, ebpf_cpu_us_per_10s, F_DOUBLE),
	FIELD(instrument, ebpf_cpu_and_wait_us_per_10s, F_DOUBLE),
	FIELD(instrument, ebpf_switches, F_DOUBLE),
	FIELD(instrument, ebpf_faults, F_DOUBLE),
	FIELD(instrument, ebpf_cpu_within, F_DOUBLE),
	FIELD(instrument, ebpf_cpu_and_wait_within, F_DOUBLE),
	FIELD(instrument, ebpf_unseen_frac, F_DOUBLE),
	FIELD(instrument, ebpf_why, F_TEXT),
	FIELD(instrument, generator_work_ns_per_event, F_DOUBLE),
	FIELD(instrument, wake_p50_us, F_DOUBLE),
	FIELD(instrument, wake_p99_us, F_DOUBLE),
	FIELD(instrument, generator_behind_ms, F_DOUBLE),
	FIELD(instrument, generator_connections, F_I64),
	FIELD(instrument, generator_writes, F_I64),
	FIELD(instrument, generator_batched_events, F_I64),
	FIELD(instrument, generator_largest_batch, F_I64),
};
static const struct field noise_fields[] = {
	FIELD(host_noise, steal_frac, F_DOUBLE),
	FIELD(host_noise, foreign_frac, F_DOUBLE),
};
static const struct field trial_fields[] = {
	FIELD(trial, scenario, F_TEXT),
	FIELD(trial, subject, F_TEXT),
	FIELD(trial, implementation, F_TEXT),
	WORDS(trial, extractor, event_type_names, EVENT_TYPES),
	FIELD(trial, search, F_INT),
	FIELD(trial, rate_per_s, F_DOUBLE),
	FIELD(trial, max_lag_ms, F_DOUBLE),
	FIELD(trial, hold_s, F_DOUBLE),
	FIELD(trial, pacing_p99_us, F_DOUBLE),
	FIELD(trial, run, F_INT),
	FIELD(trial, held, F_BOOL),
	FIELD(trial, why, F_TEXT),
};
static const struct field setting_fields[] = {
	FIELD(setting, scenario, F_TEXT),
	FIELD(setting, phase, F_TEXT),
	WORDS(setting, extractor, event_type_names, EVENT_TYPES),
	FIELD(setting, base, F_TEXT),
	FIELD(setting, parameter, F_TEXT),
	FIELD(setting, value, F_TEXT),
	FIELD(setting, reference, F_TEXT),
	FIELD(setting, implementation, F_TEXT),
	FIELD(setting, against, F_TEXT),
	FIELD(setting, primary, F_TEXT),
	FIELD(setting, other_work, F_BOOL),
	FIELD(setting, note, F_TEXT),
	FIELD(setting, why, F_TEXT),
};
static const struct field item_fields[] = {
	FIELD(item_result, scenario, F_TEXT),
	WORDS(item_result, extractor, event_type_names, EVENT_TYPES),
	FIELD(item_result, implementation, F_TEXT),
	FIELD(item_result, item, F_TEXT),
	FIELD(item_result, what, F_TEXT),
	WORDS(item_result, outcome, item_outcome_names, ITEM_OUTCOMES),
	FIELD(item_result, value, F_TEXT),
	FIELD(item_result, run, F_TEXT),
};

static const struct field opinion_fields[] = {
	FIELD(opinion, scenario, F_TEXT),
	FIELD(opinion, implementation, F_TEXT),
	WORDS(opinion, extractor, event_type_names, EVENT_TYPES),
	FIELD(opinion, tool, F_TEXT),
	FIELD(opinion, metric, F_TEXT),
	FIELD(opinion, n, F_I64),
	FIELD(opinion, median, F_DOUBLE),
	FIELD(opinion, mean, F_DOUBLE),
	FIELD(opinion, stddev, F_DOUBLE),
	FIELD(opinion, min, F_DOUBLE),
	FIELD(opinion, max, F_DOUBLE),
	FIELD(opinion, why, F_TEXT),
};

/* ---- writing ----------------------------------------------------------------- */

static void write_text(struct buf *out, const char *s)
{
	buf_add_json_string(out, s, strlen(s));
}

static void write_double(struct buf *out, double v)
{
	if (isfinite(v))
		buf_add_double(out, v);
	else
		buf_add_str(out, "null");
}

static void write_field(struct buf *out, const struct field *f, const void *from)
{
	const char *p = (const char *)from + f->offset;

	switch (f->type) {
	case F_TEXT:
		write_text(out, p);
		break;
	case F_CHAR:
		buf_add_json_string(out, p, *p != '\0');
		break;
	case F_BOOL:
		buf_add_str(out, *(const bool *)p ? "true" : "false");
		break;
	case F_INT:
		buf_add_i64(out, *(const int *)p);
		break;
	case F_I64:
		buf_add_i64(out, *(const int64_t *)p);
		break;
	case F_U64_TEXT: /* above 2^53 a JSON number would be rounded by most readers */
		buf_printf(out, "\"%llu\"", (unsigned long long)*(const uint64_t *)p);
		break;
	case F_DOUBLE:
		write_double(out, *(const double *)p);
		break;
	case F_ENUM:
		write_text(out, f->words[*(const int *)p]);
		break;
	}
}

static void write_fields(struct buf *out, const struct field *fields, size_t n, const void *from)
{
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "%s\"%s\":", i ? "," : "", fields[i].name);
		write_field(out, &fields[i], from);
	}
}

#define WRITE(out, table, from) write_fields(out, table, ARRAY_SIZE(table), from)

static void write_metrics(struct buf *out, const struct run *run)
{
	bool first = true;

	buf_add_str(out, ",\"metrics\":{");
	for (int i = 0; i < METRICS; i++)
		if (run->metrics[i].there) {
			buf_printf(out, "%s\"%s\":", first ? "" : ",", metrics[i].key);
			write_double(out, run->metrics[i].value);
			first = false;
		}
	buf_add_str(out, "},\"unavailable\":{");
	first = true;
	for (int i = 0; i < METRICS; i++)
		if (!run->metrics[i].there && run->metrics[i].why[0]) {
			buf_printf(out, "%s\"%s\":", first ? "" : ",", metrics[i].key);
			write_text(out, run->metrics[i].why);
			first = false;
		}
	buf_add_char(out, '}');
}

static void write_ns(struct buf *out, const char *name, const int64_t *ns, size_t n)
{
	buf_printf(out, "\"%s\":[", name);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_char(out, ',');
		buf_add_i64(out, ns[i]);
	}
	buf_add_char(out, ']');
}

static void write_latency(struct buf *out, const struct latency_samples *s)
{
	if (!s->n)
		return;
	buf_add_str(out, ",\"latency\":{");
	write_ns(out, "response_ns", s->response_ns, s->n);
	buf_add_char(out, ',');
	write_ns(out, "service_ns", s->service_ns, s->n);
	buf_add_char(out, '}');
}

/* A part that is not known is null. */
static void write_part(struct buf *out, const struct split_samples *s, enum split_part p)
{
	buf_printf(out, ",\"%s_ns\":[", split_part_names[p]);
	for (size_t i = 0; i < s->n; i++) {
		buf_add_str(out, i ? "," : "");
		if (s->outcome[i] == SPLIT_NO_SEND)
			buf_add_str(out, "null");
		else
			buf_add_i64(out, s->part_ns[p][i]);
	}
	buf_add_char(out, ']');
}

static void write_split(struct buf *out, const struct split_samples *s)
{
	if (!s->n)
		return;
	buf_printf(out, ",\"split\":{\"lost\":%lld,\"outcome\":[", (long long)s->lost);
	for (size_t i = 0; i < s->n; i++) {
		buf_add_str(out, i ? "," : "");
		write_text(out, split_outcome_names[s->outcome[i]]);
	}
	buf_add_char(out, ']');
	for (int p = 0; p < SPLIT_PARTS; p++)
		write_part(out, s, (enum split_part)p);
	buf_add_char(out, '}');
}

static void write_run(struct buf *out, const struct run *run)
{
	buf_add_str(out, "\n  {");
	WRITE(out, run_fields, run);
	write_metrics(out, run);
	buf_add_str(out, ",\"ledger\":[");
	for (size_t i = 0; i < run->ledger.n; i++) {
		buf_add_str(out, i ? ",{" : "{");
		WRITE(out, line_fields, &run->ledger.lines[i]);
		buf_add_char(out, '}');
	}
	buf_add_str(out, "],\"oracle\":{");
	WRITE(out, oracle_fields, &run->oracle);
	buf_add_str(out, "},\"instrument\":{");
	WRITE(out, instrument_fields, &run->instrument);
	buf_add_str(out, "},\"noise\":{");
	WRITE(out, noise_fields, &run->noise);
	buf_add_char(out, '}');
	write_latency(out, &run->latency);
	write_split(out, &run->split);
	buf_add_char(out, '}');
}

void result_write_json(const struct result *r, struct buf *out)
{
	buf_printf(out, "{\"format\":\"%s\",\"version\":%d,\n\"session\":{", FORMAT_NAME,
		   RESULT_VERSION);
	WRITE(out, session_fields, r);
	buf_add_str(out, "},\n\"facts\":{");
	for (size_t i = 0; i < r->n_facts; i++) {
		buf_add_str(out, i ? ",\n  " : "\n  ");
		write_text(out, r->facts[i].key);
		buf_add_char(out, ':');
		write_text(out, r->facts[i].value);
	}
	buf_add_str(out, "},\n\"comparisons\":[");
	for (size_t i = 0; i < r->n_comparisons; i++) {
		buf_add_str(out, i ? ",\n  {" : "\n  {");
		WRITE(out, comparison_fields, &r->comparisons[i]);
		buf_add_char(out, '}');
	}
	buf_add_str(out, "],\n\"runs\":[");
	for (size_t i = 0; i < r->n_runs; i++) {
		buf_add_str(out, i ? "," : "");
		write_run(out, &r->runs[i]);
	}
	buf_add_str(out, "],\n\"trials\":[");
	for (size_t i = 0; i < r->n_trials; i++) {
		buf_add_str(out, i ? ",\n  {" : "\n  {");
		WRITE(out, trial_fields, &r->trials[i]);
		buf_add_char(out, '}');
	}
	buf_add_str(out, "],\n\"items\":[");
	for (size_t i = 0; i < r->n_items; i++) {
		buf_add_str(out, i ? ",\n  {" : "\n  {");
		WRITE(out, item_fields, &r->items[i]);
		buf_add_char(out, '}');
	}
	buf_add_str(out, "],\n\"settings\":[");
	for (size_t i = 0; i < r->n_settings; i++) {
		buf_add_str(out, i ? ",\n  {" : "\n  {");
		WRITE(out, setting_fields, &r->settings[i]);
		buf_add_char(out, '}');
	}
	buf_add_str(out, "],\n\"opinions\":[");
	for (size_t i = 0; i < r->n_opinions; i++) {
		buf_add_str(out, i ? ",\n  {" : "\n  {");
		WRITE(out, opinion_fields, &r->opinions[i]);
		buf_add_char(out, '}');
	}
	buf_add_str(out, "]}\n");
}

/* ---- reading ------------------------------------------------------------------- */

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
	    fabs(v->valuedouble) > 9007199254740992.0)
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

static bool read_field(const struct field *f, const cJSON *v, void *into)
{
	char *p = (char *)into + f->offset;
	int64_t i64;

	switch (f->type) {
	case F_TEXT:
		return read_text(v, p, f->size);
	case F_CHAR:
		if (!cJSON_IsString(v))
			return false;
		*p = v->valuestring[0];
		return true;
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

static int read_fields(const struct field *fields, size_t n, const cJSON *object, void *into,
		       const char *what, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, fields[i].name);

		if (!v || !read_field(&fields[i], v, into))
			return err_set(e, -EINVAL, "%s: member \"%s\" is %s", what, fields[i].name,
				       v ? "not of the right form" : "missing");
	}
	return 0;
}

#define READ(table, object, into, what, e) \
	read_fields(table, ARRAY_SIZE(table), object, into, what, e)

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
		rc = READ(line_fields, v, &l->lines[l->n++], "ledger", e);
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
static int read_part(const cJSON *object, enum split_part p, struct split_samples *s, struct err *e)
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
		rc = read_part(object, (enum split_part)p, s, e);
	return rc;
}

static int read_run(const cJSON *v, struct result *r, struct err *e)
{
	struct run *run = result_add_run(r, &(struct run){ 0 });
	int rc = READ(run_fields, v, run, "run", e);

	rc = rc ? rc : read_metrics(v, run, e);
	rc = rc ? rc : read_ledger(v, &run->ledger, e);
	rc = rc ? rc
		: READ(oracle_fields, cJSON_GetObjectItemCaseSensitive(v, "oracle"), &run->oracle,
		       "oracle", e);
	rc = rc ? rc
		: READ(instrument_fields, cJSON_GetObjectItemCaseSensitive(v, "instrument"),
		       &run->instrument, "instrument", e);
	rc = rc ? rc
		: READ(noise_fields, cJSON_GetObjectItemCaseSensitive(v, "noise"), &run->noise,
		       "noise", e);
	if (!rc && run->pair >= RESULT_PAIRS_MAX)
		rc = err_set(e, -EINVAL, "pair %d is not below %d", run->pair, RESULT_PAIRS_MAX);
	rc = rc ? rc : read_latency(v, &run->latency, e);
	rc = rc ? rc : read_split(v, run, e);
	if (!rc && run->comparison >= (int)r->n_comparisons)
		rc = err_set(e, -EINVAL, "comparison %d is not in comparisons", run->comparison);
	return rc ? err_wrap(e, "runs[%zu]", r->n_runs - 1) : 0;
}

static int read_comparison(const cJSON *v, struct result *r, struct err *e)
{
	struct comparison c = { 0 };
	int rc = READ(comparison_fields, v, &c, "comparison", e);

	if (!rc && (c.pairs_planned < 0 || c.pairs_planned > RESULT_PAIRS_MAX))
		rc = err_set(e, -EINVAL, "comparison: pairs_planned is not 0 to %d",
			     RESULT_PAIRS_MAX);
	if (!rc) {
		int i = result_add_comparison(r, c.scenario, c.phase, c.extractor, c.a, c.b);

		r->comparisons[i] = c;
	}
	return rc;
}

static int read_trial(const cJSON *v, struct result *r, struct err *e)
{
	return READ(trial_fields, v, result_add_trial(r, &(struct trial){ 0 }), "trial", e);
}

static int read_item(const cJSON *v, struct result *r, struct err *e)
{
	return READ(item_fields, v, result_add_item(r, &(struct item_result){ 0 }), "item", e);
}

static int read_setting(const cJSON *v, struct result *r, struct err *e)
{
	return READ(setting_fields, v, result_add_setting(r, &(struct setting){ 0 }), "setting", e);
}

static int read_opinion(const cJSON *v, struct result *r, struct err *e)
{
	return READ(opinion_fields, v, result_add_opinion(r, &(struct opinion){ 0 }), "opinion", e);
}

static int read_each(const cJSON *root, const char *name,
		     int (*read)(const cJSON *v, struct result *r, struct err *e), struct result *r,
		     struct err *e)
{
	const cJSON *array = cJSON_GetObjectItemCaseSensitive(root, name), *v;
	int rc = cJSON_IsArray(array) ? 0
				      : err_set(e, -EINVAL, "member \"%s\" is not an array", name);

	cJSON_ArrayForEach(v, array)
	{
		if (!rc)
			rc = read(v, r, e);
	}
	return rc;
}

static int read_root(const cJSON *root, struct result *r, struct err *e)
{
	const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(root, "version"), *v;
	int rc;

	if (!cJSON_IsString(format) || strcmp(format->valuestring, FORMAT_NAME))
		return err_set(e, -EINVAL, "not a results.json: \"format\" is not \"%s\"",
			       FORMAT_NAME);
	if (!cJSON_IsNumber(version) || version->valueint != RESULT_VERSION)
		return err_set(e, -EINVAL, "version is not %d, the one this program knows",
			       RESULT_VERSION);
	rc = READ(session_fields, cJSON_GetObjectItemCaseSensitive(root, "session"), r, "session",
		  e);
	cJSON_ArrayForEach(v, cJSON_GetObjectItemCaseSensitive(root, "facts"))
	{
		if (cJSON_IsString(v))
			result_add_fact(r, v->string, "%s", v->valuestring);
	}
	rc = rc ? rc : read_each(root, "comparisons", read_comparison, r, e);
	rc = rc ? rc : read_each(root, "runs", read_run, r, e);
	rc = rc ? rc : read_each(root, "trials", read_trial, r, e);
	rc = rc ? rc : read_each(root, "items", read_item, r, e);
	rc = rc ? rc : read_each(root, "settings", read_setting, r, e);
	return rc ? rc : read_each(root, "opinions", read_opinion, r, e);
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
