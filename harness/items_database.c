/* The points against the messages; see items_look.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/wire/feature.h"
#include "harness/items_look.h"
#include "harness/points.h"

static bool has_rows(const struct visit_seen *v, struct item_result *out)
{
	if (!v->has_rows)
		item_untold(out, "%s", v->rows_why);
	return v->has_rows;
}

void look_points(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	size_t n;

	if (!has_rows(v, out))
		return;
	free(evidence_on(v, items_channel(x), &n));
	if (v->rows.n == n && n)
		item_passed(out, "%zu points", n);
	else
		item_failed(out, "%zu points in %s, %zu messages", v->rows.n,
			    feature_routes[x->type].measurement, n);
}

/* Neither a batch was full nor a minute over: what is there was written because of the end. */
void look_last_points(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	size_t n;

	if (!has_rows(v, out))
		return;
	free(evidence_on(v, items_channel(x), &n));
	if (v->rows.n < n)
		item_failed(out, "%zu of %zu points were written, %" PRId64 " before the end",
			    v->rows.n, n, v->rows_before_end);
	else if (v->rows_before_end >= (int64_t)n)
		item_untold(out,
			    "all points were there before the end, whatever INFLUX_FLUSH_MS said");
	else
		item_passed(out, "%zu points, %" PRId64 " of them before the end", n,
			    v->rows_before_end);
}

void look_measurement(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	const char *want = feature_routes[x->type].measurement;
	size_t len = strlen(want);

	if (!v->measurements)
		item_untold(out, "%s",
			    v->rows_why[0] ? v->rows_why : "the database tells no names");
	else if (!strncmp(v->measurements, want, len) && !strcmp(v->measurements + len, "\n"))
		item_passed(out, "%s", want);
	else
		item_failed(out, "the database has %.*s, expected %s",
			    (int)strcspn(v->measurements, "\n"),
			    v->measurements[0] ? v->measurements : "nothing", want);
}

static bool tags_are(const struct evidence *x, const struct influx_row *row, struct err *why)
{
	const struct feature_route *route = &feature_routes[x->type];
	size_t more = 0;

	for (size_t i = 0; i < route->n_tags; i++) {
		const char *got = influx_row_tag(row, route->tags[i].name);

		if (!got || strcmp(got, route->tags[i].value))
			return !err_set(why, -1, "%s is %.60s, expected %s", route->tags[i].name,
					got ? got : "absent", route->tags[i].value);
	}
	if (x->type == EVENT_APP)
		more = (influx_row_tag(row, "from_app") != NULL) +
		       (size_t)(influx_row_tag(row, "to_app") != NULL);
	if (x->type == EVENT_APP && more < 2)
		return !err_set(why, -1, "from_app or to_app is absent");
	if (row->n_tags != route->n_tags + more)
		return !err_set(why, -1, "%zu tags, expected %zu", row->n_tags,
				route->n_tags + more);
	return true;
}

void look_tags(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	struct err why = ERR_INIT;

	if (!has_rows(v, out))
		return;
	for (size_t i = 0; i < v->rows.n; i++)
		if (!tags_are(x, &v->rows.v[i], &why)) {
			item_failed(out, "point %zu: %s", i + 1, why.text);
			return;
		}
	if (v->rows.n)
		item_passed(out, "%zu points", v->rows.n);
	else
		item_failed(out, "no point in %s", feature_routes[x->type].measurement);
}

void look_fields(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_TRACED];
	char first[160];
	int64_t differ;
	size_t n;
	struct check_message *msgs;

	if (!has_rows(v, out))
		return;
	msgs = evidence_on(v, items_channel(x), &n);
	differ = points_compare(msgs, n, &v->rows, first, sizeof(first));
	free(msgs);
	if (differ)
		item_failed(out, "%" PRId64 " of %zu messages: %s", differ, n, first);
	else if (n)
		item_passed(out, "%zu points", n);
	else
		item_failed(out, "no message came");
}

void look_away(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *v = &x->visits[VISIT_AWAY];
	int64_t expected = items_expected(x, v);
	size_t n;

	free(evidence_on(v, items_channel(x), &n));
	if ((int64_t)n == expected)
		item_passed(out, "%zu messages", n);
	else
		item_failed(out, "%zu messages, expected %" PRId64, n, expected);
}

void look_back(const struct evidence *x, struct item_result *out)
{
	const struct visit_seen *away = &x->visits[VISIT_AWAY], *v = &x->visits[VISIT_BACK];
	char first[160];
	int64_t differ;
	size_t n;
	struct check_message *msgs;

	if (!has_rows(v, out))
		return;
	msgs = evidence_on(away, items_channel(x), &n);
	differ = points_compare(msgs, n, &v->rows, first, sizeof(first));
	free(msgs);
	if (v->rows.n != n || !n)
		item_failed(out, "%zu points, %zu messages while it was away", v->rows.n, n);
	else if (differ)
		item_failed(out, "%" PRId64 " of %zu points: %s", differ, n, first);
	else
		item_passed(out, "%zu points", n);
}
