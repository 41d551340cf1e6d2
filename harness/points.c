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
static const char *look_up(const cJSON *msg, const struct influx_rows *rows)
{
	const char *wrong = "no point of its time";
	int64_t time_ns;

	if (!message_time(msg, &time_ns))
		return "no timestamp";
	for (size_t i = lower_bound(rows, time_ns); i < rows->n && rows->v[i].time_ns == time_ns;
	     i++) {
		if (!same_tags(msg, &rows->v[i])) {
			wrong = "no point of its tags";
			continue;
		}
		wrong = field_that_differs(msg, &rows->v[i]);
		if (!wrong)
			return NULL;
	}
	return wrong;
}

int64_t points_compare(const struct check_message *messages, size_t n,
		       const struct influx_rows *rows, char *first, size_t size)
{
	int64_t differ = 0;

	first[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		cJSON *msg = cJSON_ParseWithLength(messages[i].json, messages[i].len);
		const char *wrong = msg ? look_up(msg, rows) : "no JSON";

		if (wrong && !differ++)
			snprintf(first, size, "message %zu: %s", i + 1, wrong);
		cJSON_Delete(msg);
	}
	return differ;
}
