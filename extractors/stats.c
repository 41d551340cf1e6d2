/* The stats line; see stats.h.  The order of the members is extractors/README.md's. */
#include "extractors/stats.h"

#include "extractors/base/log.h"

static void add(struct buf *b, const char *name, uint64_t value)
{
	buf_printf(b, ",\"%s\":%llu", name, (unsigned long long)value);
}

void stats_print(const struct engine *en, const struct stats_outside *out)
{
	const struct engine_counters *c = &en->count;
	struct buf b = { 0 };

	buf_printf(&b, "stats {\"received\":%llu", (unsigned long long)c->received);
	add(&b, "accepted", c->verdicts[EVENT_OWN]);
	add(&b, "other_type", c->verdicts[EVENT_OTHER]);
	buf_add_str(&b, ",\"rejected\":{");
	for (int v = EVENT_REJECTED; v < EVENT_VERDICTS; v++)
		buf_printf(&b, "%s\"%s\":%llu", v == EVENT_REJECTED ? "" : ",",
			   event_verdict_names[v], (unsigned long long)c->verdicts[v]);
	buf_add_char(&b, '}');
	add(&b, "evicted", en->ops->evicted(en->core));
	add(&b, "features", c->features);
	buf_printf(&b, ",\"no_features\":{\"too_few\":%llu}",
		   (unsigned long long)c->no_features_too_few);
	add(&b, "publish_errors", out->publish_errors);
	add(&b, "points_queued", out->points_queued);
	add(&b, "points_written", out->points_written);
	add(&b, "points_spooled", out->points_spooled);
	add(&b, "points_dropped", out->points_dropped);
	add(&b, "points_pending", out->points_pending);
	add(&b, "points_refused", out->points_refused);
	add(&b, "reconnects", out->reconnects);
	add(&b, "uptime_ms", (uint64_t)out->uptime_ms);
	buf_add_str(&b, "}\n");
	log_raw(b.data, b.len);
	buf_release(&b);
}
