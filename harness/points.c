/* Points against messages; see points.h. */
#include "harness/points.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "harness/oracle/oracle.h"

/* Strings of an app message that are tags, not fields. */
static const char *const labels[] = { "from_app", "to_app" };

/* `2026-11-23T19:10:34.278528+00:00` in ns; false when it is nothing of the kind. */
static bool message_time(const cJSON *msg, int64_t *ns)
{
	const cJSON *t = cJSON_GetObjectItemCaseSensitive(msg, "timestamp");
	char text[48];
	size_t len;

	if (!cJSON_IsString(t))
		return false;
	len = strlen(t->valuestring);
	if (len < 6 || len >= sizeof(text) || strcmp(t->valuestring + len - 6, "+00:00"))
		return false;
	snprintf(text, sizeof(text), "%.*sZ", (int)(len - 6), t->valuestring);
	return !influx_parse_time(text, ns);
}

/* The first row that is not before the time: rows are sorted. */
static size_t lower_bound(const struct influx_rows *rows, int64_t time_ns)
{
	size_t low = 0, high = rows->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (rows->v[mid].time_ns < time_ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool same_tags(const cJSON *msg, const struct influx_row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(msg, labels[i]);
		const char *tag = influx_row_tag(row, labels[i]);

		if (cJSON_IsString(v) && (!tag || strcmp(tag, v->valuestring)))
			return false;
	}
	return true;
}

/* NULL when the row has every number of the message and no other field. */
static const char *field_that_differs(const cJSON *msg, const struct influx_row *row)
{
	const cJSON *v;
	size_t n = 0;

	cJSON_ArrayForEach(v, msg)
	{
		const struct influx_field *f;
		double expected = cJSON_IsBool(v) ? cJSON_IsTrue(v) : v->valuedouble;

		if (!cJSON_IsNumber(v) && !cJSON_IsBool(v))
			continue;
		n++;
		f = influx_row_field(row, v->string);
		if (!f || !oracle_equal(f->value, expected))
			return v->string;
	}
	return n == row->n_fields ? NULL : "a field that the message does not have";
}

/* NULL when the message has its point, else what is wrong. */
static const char *look_up(const cJSON *msg, const struct influx_rows *rows, bool *missing)
{
	const char *wrong = "no point of its time";
	int64_t time_ns;

	*missing = true;

	if (!message_time(msg, &time_ns))
		return "no timestamp";
	for (size_t i = lower_bound(rows, time_ns); i < rows->n && rows->v[i].time_ns == time_ns;
	     i++) {
		if (!same_tags(msg, &rows->v[i])) {
			wrong = "no point of its tags";
			continue;
		}
		*missing = false;
		wrong = field_that_differs(msg, &rows->v[i]);
		if (!wrong)
			return NULL;
	}
	return wrong;
}

bool points_find(const struct check_message *m, const struct influx_rows *rows, bool *missing,
		 char *wrong, size_t size)
{
	cJSON *msg = cJSON_ParseWithLength(m->json, m->len);
	const char *what = "no JSON";

	*missing = false;
	if (msg)
		what = look_up(msg, rows, missing);
	if (what)
		snprintf(wrong, size, "%s", what); /* it may be a name inside the message */
	cJSON_Delete(msg);
	return !what;
}

bool points_time(const struct check_message *m, int64_t *ns)
{
	cJSON *msg = cJSON_ParseWithLength(m->json, m->len);
	bool there = msg && message_time(msg, ns);

	cJSON_Delete(msg);
	return there;
}

int64_t points_compare(const struct check_message *messages, size_t n,
		       const struct influx_rows *rows, char *first, size_t size)
{
	int64_t differ = 0;

	first[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		char wrong[64];
		bool missing;

		if (!points_find(&messages[i], rows, &missing, wrong, sizeof(wrong)) && !differ++)
			snprintf(first, size, "message %zu: %s", i + 1, wrong);
	}
	return differ;
}
