/* The figures of rules; see figure.h. */
#include "harness/judge/figure.h"

#include <string.h>

#include "extractors/base/opt.h"

#define PERCENTILE(ky, ti, tm, pc)                                                               \
	{                                                                                        \
		.key = ky, .title = ti, .unit = "ms", .scale = 1e-3, .decimals = 3,              \
		.better = LOWER_IS_BETTER, .source = FIGURE_PERCENTILE, .time = tm,              \
		.percentile = pc,                                                                \
		.what = "of all valid runs' samples together, with the interval of the ordered " \
			"samples"                                                                \
	}

static const struct figure derived[] = {
	PERCENTILE("merged_response_p50_ms", "response time p50", LATENCY_RESPONSE, LATENCY_P50),
	PERCENTILE("merged_response_p90_ms", "response time p90", LATENCY_RESPONSE, LATENCY_P90),
	PERCENTILE("merged_response_p99_ms", "response time p99", LATENCY_RESPONSE, LATENCY_P99),
	PERCENTILE("merged_response_p999_ms", "response time p99.9", LATENCY_RESPONSE,
		   LATENCY_P999),
	PERCENTILE("merged_service_p50_ms", "service time p50", LATENCY_SERVICE, LATENCY_P50),
	PERCENTILE("merged_service_p99_ms", "service time p99", LATENCY_SERVICE, LATENCY_P99),
	{ .key = "seconds_per_1000_events",
	  .title = "time of 1,000 events",
	  .unit = "s",
	  .scale = 1000,
	  .decimals = 5,
	  .better = LOWER_IS_BETTER,
	  .source = FIGURE_PER_1000,
	  .metric = METRIC_DRAIN_RATE,
	  .what = "1,000 / drain_events_per_s: of a long drain, its last features included, by the "
		  "thousand" },
};

static struct figure of_metric(int id)
{
	const struct metric_info *m = &metrics[id];

	return (struct figure){
		.key = m->key,
		.title = m->title,
		.unit = m->unit,
		.what = m->what,
		.scale = m->scale,
		.decimals = m->decimals,
		.better = m->better,
		.source = FIGURE_METRIC,
		.metric = (enum metric_id)id,
	};
}

bool figure_find(const char *key, struct figure *out)
{
	int id = metric_find(key);

	if (id >= 0) {
		*out = of_metric(id);
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(derived); i++)
		if (!strcmp(derived[i].key, key)) {
			*out = derived[i];
			return true;
		}
	return false;
}

const char *figure_nearest(const char *key)
{
	struct opt names[METRICS + ARRAY_SIZE(derived)] = { { 0 } }; /* it looks at names only */

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		names[i].name = i < METRICS ? metrics[i].key : derived[i - METRICS].key;
	return opt_nearest(names, ARRAY_SIZE(names), key);
}

static void markdown_row(struct buf *out, const struct figure *f)
{
	buf_printf(out, "| `%s` | %s | %s: %s |\n", f->key, f->unit[0] ? f->unit : "–", f->title,
		   f->what);
}

void figure_markdown(struct buf *out)
{
	buf_add_str(out, "| figure | unit | meaning |\n|---|---|---|\n");
	for (int i = 0; i < METRICS; i++) {
		struct figure f = of_metric(i);

		markdown_row(out, &f);
	}
	for (size_t i = 0; i < ARRAY_SIZE(derived); i++)
		markdown_row(out, &derived[i]);
}
