/*
 * Summaries; see summary.h.
 *
 * Every figure is a row of figures[]: a name for JSON, words for people, a unit
 * and the function that works it out, so that both forms say the same.
 */
#include "harness/loadgen/summary.h"

#include <math.h>

#include "extractors/base/clock.h"

const char *summary_open_line(const struct summary *s)
{
	const struct gen_result *r = s->result;

	if (!r->stopped && r->sent != r->planned)
		return "not everything planned was sent";
	if (r->replies != r->sent)
		return "not everything sent was answered by Redis";
	if (!s->tap)
		return NULL;
	if (s->tap->seen != r->sent)
		return "not everything sent was delivered to the tap";
	if (s->tap->unknown)
		return "the tap received messages that are not the plan's";
	return s->tap->duplicates ? "the tap received events twice" : NULL;
}

/* ---- figures: NaN is "unavailable" ------------------------------------------------ */

static double plan_seconds(const struct summary *s)
{
	const struct plan *p = s->plan;

	return (double)(p->entries[p->n - 1].due_ns - p->entries[0].due_ns) / (double)NS_PER_S;
}

static double sent_seconds(const struct summary *s)
{
	return (double)(s->result->last_sent_ns - s->result->first_sent_ns) / (double)NS_PER_S;
}

/* Of n events over the n - 1 intervals between them. */
static double rate(uint64_t n, double seconds)
{
	return n > 1 && seconds > 0 ? (double)(n - 1) / seconds : (double)NAN;
}

static double planned_hz(const struct summary *s)
{
	return rate(s->plan->n, plan_seconds(s));
}

static double sent_hz(const struct summary *s)
{
	return rate(s->result->sent, sent_seconds(s));
}

static double answered_hz(const struct summary *s)
{
	const struct gen_result *r = s->result;

	return rate(r->replies, (double)(r->end_ns - r->first_sent_ns) / (double)NS_PER_S);
}

static double rate_error_pct(const struct summary *s)
{
	bool comparable = s->conf->mode == GEN_OPEN_LOOP && s->result->sent == s->plan->n;

	return comparable ? (sent_hz(s) / planned_hz(s) - 1) * 100 : (double)NAN;
}

static double late_pct(const struct summary *s)
{
	const struct hist *h = s->result->pacing;

	return (double)hist_count_above(h, NS_PER_MS) * 100 / (double)hist_count(h);
}

static double receivers_mean(const struct summary *s)
{
	return (double)s->result->receivers_sum / (double)s->result->replies;
}

static double outstanding_mean(const struct summary *s)
{
	return s->result->outstanding_mean;
}

static double littles_law(const struct summary *s)
{
	return s->result->littles_law;
}

static double cpu_us_per_event(const struct summary *s)
{
	return (double)s->result->cpu_ns / (double)NS_PER_US / (double)s->result->sent;
}

static double cpu_pct(const struct summary *s)
{
	const struct gen_result *r = s->result;

	return (double)r->cpu_ns * 100 / (double)(r->end_ns - r->start_ns);
}

static double events_per_write(const struct summary *s)
{
	return (double)s->result->sent / (double)s->result->writes;
}

/* Without the spinning for due times, which is there to be burnt. */
static double work_us_per_event(const struct summary *s)
{
	const struct gen_result *r = s->result;

	return (double)(r->cpu_ns - r->spin_ns) / (double)NS_PER_US / (double)r->sent;
}

static double spin_pct(const struct summary *s)
{
	const struct gen_result *r = s->result;

	return (double)r->spin_ns * 100 / (double)(r->end_ns - r->start_ns);
}

static double events_per_batch(const struct summary *s)
{
	return (double)s->result->batched / (double)s->result->batches;
}

static double largest_batch(const struct summary *s)
{
	return (double)s->result->largest_batch;
}

static double behind_ms(const struct summary *s)
{
	return s->conf->mode == GEN_OPEN_LOOP ? (double)s->result->behind_ns / (double)NS_PER_MS
					      : (double)NAN;
}

static double connections(const struct summary *s)
{
	return s->result->connections;
}

static double spin_margin_us(const struct summary *s)
{
	return s->conf->mode == GEN_OPEN_LOOP
		       ? (double)s->result->spin_margin_ns / (double)NS_PER_US
		       : (double)NAN;
}

static const struct {
	const char *name, *words, *unit;
	double (*work_out)(const struct summary *s);
} figures[] = {
	{ "planned_seconds", "planned, first to last", "s", plan_seconds },
	{ "planned_hz", "planned rate", "events/s", planned_hz },
	{ "sent_hz", "sent rate", "events/s", sent_hz },
	{ "rate_error_pct", "sent against planned rate", "%", rate_error_pct },
	{ "answered_hz", "answered rate", "events/s", answered_hz },
	{ "late_over_1ms_pct", "sent over 1 ms late", "%", late_pct },
	{ "receivers_mean", "receivers of an event", "", receivers_mean },
	{ "outstanding_mean", "outstanding, mean", "events", outstanding_mean },
	{ "littles_law", "Little's law, outstanding / (rate * reply time)", "", littles_law },
	{ "cpu_us_per_event", "own CPU", "us/event", cpu_us_per_event },
	{ "work_us_per_event", "own CPU without spinning", "us/event", work_us_per_event },
	{ "cpu_pct", "own CPU, of a core", "%", cpu_pct },
	{ "spin_pct", "of that, spinning for due times", "%", spin_pct },
	{ "connections", "connections used", "", connections },
	{ "events_per_write", "events a write", "", events_per_write },
	{ "events_per_batch", "events a write of several", "", events_per_batch },
	{ "largest_batch", "largest write", "events", largest_batch },
	{ "behind_ms", "catching up: events due for over 0.1 ms unsent", "ms", behind_ms },
	{ "spin_margin_us", "spin margin at the end", "us", spin_margin_us },
};

static const struct {
	const char *name;
	double q;
} quantiles[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p99_9", 0.999 } };

#define TAIL_LEAST 10 /* samples beyond a percentile, for it to be told */

static bool is_told(const struct hist *h, double q)
{
	return (double)hist_count(h) * (1 - q) >= TAIL_LEAST;
}

/* ---- text ------------------------------------------------------------------------- */

static void text_number(struct buf *out, double v, const char *unit)
{
	if (isfinite(v))
		buf_printf(out, "%.*f%s%s\n", fabs(v) < 100 ? 4 : 1, v, unit[0] ? " " : "", unit);
	else
		buf_add_str(out, "unavailable: not in this run\n");
}

static void text_hist(struct buf *out, const char *words, const struct hist *h)
{
	buf_printf(out, "%-46s ", words);
	if (!hist_count(h)) {
		buf_add_str(out, "unavailable: not in this run\n");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(quantiles); i++)
		if (is_told(h, quantiles[i].q))
			buf_printf(out, "%s %.1f  ", quantiles[i].name,
				   (double)hist_quantile(h, quantiles[i].q) / (double)NS_PER_US);
	buf_printf(out, "max %.1f us  (n %llu)\n", (double)hist_max(h) / (double)NS_PER_US,
		   (unsigned long long)hist_count(h));
}

static bool is_lazy(const struct summary *s)
{
	return s->conf->mode == GEN_OPEN_LOOP && !s->conf->exact_replies;
}

static const char *reply_words(const struct summary *s)
{
	return is_lazy(s) ? "reply time (read lazily: too long)" : "reply time";
}

static const char *scheduling(const struct summary *s)
{
	const struct gen_result *r = s->result;

	if (s->conf->realtime && !r->realtime)
		return r->no_realtime;
	return r->realtime ? "real time" : "normal";
}

static void text_ledger(const struct summary *s, struct buf *out)
{
	const struct gen_result *r = s->result;
	const char *open_line = summary_open_line(s);

	buf_printf(out, "%-46s planned %llu, sent %llu, answered %llu", "ledger",
		   (unsigned long long)r->planned, (unsigned long long)r->sent,
		   (unsigned long long)r->replies);
	if (s->tap) {
		buf_printf(out, ", seen %llu, unknown %llu, twice %llu",
			   (unsigned long long)s->tap->seen, (unsigned long long)s->tap->unknown,
			   (unsigned long long)s->tap->duplicates);
		if (s->first_missing != MATCH_NONE && s->first_missing < r->sent + r->dropped)
			buf_printf(out, ", first missing %zu", s->first_missing);
	}
	buf_printf(out, ": %s%s\n", open_line ? "OPEN: " : "closed", open_line ? open_line : "");
	if (r->stopped)
		buf_printf(out, "%-46s before the end of the plan, on request\n", "stopped");
}

void summary_text(const struct summary *s, struct buf *out)
{
	const struct plan *p = s->plan;

	buf_printf(
		out,
		"%-46s %zu events (%zu keystroke, %zu mouse, %zu app), seed %llu, checksum %016llx\n",
		"plan", p->n, p->per_type[EVENT_KEYSTROKE], p->per_type[EVENT_MOUSE],
		p->per_type[EVENT_APP], (unsigned long long)s->seed,
		(unsigned long long)p->checksum);
	text_ledger(s, out);
	text_hist(out, "pacing error, sent - due", s->result->pacing);
	text_hist(out, "wake-up error of sleeps", s->result->wake);
	text_hist(out, reply_words(s), s->result->reply);
	text_hist(out, "response time, reply - due", s->result->response);
	buf_printf(out, "%-46s %s\n", "scheduling", scheduling(s));
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
		buf_printf(out, "%-46s ", figures[i].words);
		text_number(out, figures[i].work_out(s), figures[i].unit);
	}
}

/* ---- JSON ------------------------------------------------------------------------- */

static void json_number(struct buf *out, const char *name, double v)
{
	buf_printf(out, ",\"%s\":", name);
	if (isfinite(v))
		buf_add_double(out, v);
	else
		buf_add_str(out, "\"unavailable: not in this run\"");
}

static void json_count(struct buf *out, const char *name, uint64_t v)
{
	buf_printf(out, "%s\"%s\":%llu", out->data[out->len - 1] == '{' ? "" : ",", name,
		   (unsigned long long)v);
}

static void json_hist(struct buf *out, const char *name, const struct hist *h)
{
	buf_printf(out, ",\"%s\":{", name);
	json_count(out, "n", hist_count(h));
	for (size_t i = 0; i < ARRAY_SIZE(quantiles); i++) {
		buf_printf(out, ",\"%s\":", quantiles[i].name);
		if (is_told(h, quantiles[i].q))
			buf_add_double(out, (double)hist_quantile(h, quantiles[i].q) /
						    (double)NS_PER_US);
		else
			buf_printf(out, "\"unavailable: fewer than %d samples beyond it\"",
				   TAIL_LEAST);
	}
	if (hist_count(h))
		json_number(out, "max", (double)hist_max(h) / (double)NS_PER_US);
	json_count(out, "over_range", hist_overflow(h));
	json_count(out, "negative", hist_negative(h));
	buf_add_char(out, '}');
}

static void json_ledger(const struct summary *s, struct buf *out)
{
	const struct gen_result *r = s->result;
	const char *open_line = summary_open_line(s);

	buf_add_str(out, ",\"ledger\":{");
	json_count(out, "planned", r->planned);
	json_count(out, "sent", r->sent);
	json_count(out, "replies", r->replies);
	if (s->tap) {
		json_count(out, "seen", s->tap->seen);
		json_count(out, "unknown", s->tap->unknown);
		json_count(out, "duplicates", s->tap->duplicates);
		json_count(out, "order_breaks", s->tap->order_breaks);
	}
	buf_printf(out, ",\"stopped\":%s,\"closed\":%s", r->stopped ? "true" : "false",
		   open_line ? "false" : "true");
	if (open_line)
		buf_printf(out, ",\"open\":\"%s\"", open_line);
	buf_add_char(out, '}');
}

void summary_json(const struct summary *s, struct buf *out)
{
	const struct plan *p = s->plan;

	buf_add_str(out, "{\"plan\":{");
	json_count(out, "events", p->n);
	for (int t = 0; t < EVENT_TYPES; t++)
		json_count(out, event_type_names[t], p->per_type[t]);
	json_count(out, "seed", s->seed);
	buf_printf(out, ",\"checksum\":\"%016llx\"},\"mode\":\"%s\"",
		   (unsigned long long)p->checksum,
		   s->conf->mode == GEN_DRAIN ? "drain" : "open-loop");
	json_ledger(s, out);
	json_hist(out, "pacing_error_us", s->result->pacing);
	json_hist(out, "wake_error_us", s->result->wake);
	json_hist(out, "reply_us", s->result->reply);
	json_hist(out, "response_us", s->result->response);
	buf_printf(out, ",\"replies_read\":\"%s\",\"scheduling\":\"%s\"",
		   is_lazy(s) ? "lazily" : "as they come", scheduling(s));
	json_count(out, "waits_not_spun", s->result->unspun);
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		json_number(out, figures[i].name, figures[i].work_out(s));
	buf_add_str(out, "}\n");
}
