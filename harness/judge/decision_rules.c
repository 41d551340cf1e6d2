/* The rules file; see decision_rules.h.  A new key is a new row. */
#include "harness/judge/decision_rules.h"

#include <errno.h>
#include <string.h>

#include "extractors/base/opt.h"
#include "harness/ini.h"

const char *const decision_slot_names[DECISION_SLOTS] = { "startup",   "memory",  "cpu_event",
							  "cpu_human", "latency", "throughput" };
static const char *const want_names[] = { "required", "if_measured", "ignored", NULL };

/* What can be weighed: metrics of which less (or more) is better and that come in pairs. */
static const char *const metric_names[] = {
	"ready_ms",	      "first_feature_ms",   "exec_cpu_ms",	  "rss_idle_bytes",
	"uss_idle_bytes",     "rss_bytes",	    "pss_bytes",	  "uss_bytes",
	"rss_after_bytes",    "cpu_ns_per_event",   "cpu_idle_pct",	  "cpu_human_pct",
	"cpu_1000_per_s_pct", "cpu_us_per_trigger", "response_p50_us",	  "response_p99_us",
	"service_p50_us",     "service_p99_us",	    "drain_events_per_s", NULL
};

#define ROW(field, type, name, def, min, max, help) \
	OPT_ROW(struct decision_rules, field, type, name, 0, NULL, def, min, max, help)
#define CHOICE(field, name, def, words, help) \
	OPT_CHOICE_ROW(struct decision_rules, field, name, 0, def, words, help)

static const struct opt decision_opts[] = {
	ROW(from, OPT_STRING, "from", "python", 0, 0, "the implementation that runs now"),
	ROW(to, OPT_STRING, "to", "c", 0, 0, "the one that may replace it"),
	ROW(hybrid, OPT_BOOL, "hybrid", "yes", 0, 0,
	    "whether one extractor may be switched and another kept; no: then all are kept"),
};

static const struct opt correct_opts[] = {
	ROW(wrong_messages_max, OPT_INT, "wrong_messages_max", "0", 0, 1e9,
	    "feature messages of the new one that the oracle may call wrong; more: keep (of trials of "
	    "searches, too, where their ledger closed)"),
	ROW(open_lines_max, OPT_INT, "open_lines_max", "0", 0, 1e9,
	    "ledger lines of the new one's runs that may stay open; more: keep"),
	ROW(failed_runs_max, OPT_INT, "failed_runs_max", "0", 0, 1e9,
	    "runs of the new one that may be void or failed; more: keep (trials of searches look "
	    "for the rate that is too high and are not counted)"),
	ROW(failed_items_max, OPT_INT, "failed_items_max", "0", 0, 1e9,
	    "items of the integration checklist that the new one may fail; more: keep"),
	CHOICE(integration, "integration", "required", want_names,
	       "whether a session without scenario integration can decide"),
	CHOICE(soak, "soak", "if_measured", want_names,
	       "a leak is keep; required: and nothing is decided before a soak has shown none"),
	ROW(unchecked_messages_max, OPT_INT, "unchecked_messages_max", "0", 0, 1e9,
	    "feature messages of either that the oracle may have been unable to check; more: undecided"),
};

static const struct opt session_opts[] = {
	ROW(accept_unfit, OPT_BOOL, "accept_unfit_host", "no", 0, 0,
	    "decide from a host that `bench doctor` calls unfit"),
	ROW(accept_incomplete, OPT_BOOL, "accept_incomplete", "no", 0, 0,
	    "decide from a session that was stopped"),
	ROW(accept_untraced, OPT_BOOL, "accept_untraced", "no", 0, 0,
	    "decide although one sends no trace, so that the oracle had to allow every cut-off of "
	    "the window"),
};

static const struct opt gain_opts[] = {
	ROW(threshold_frac, OPT_DOUBLE, "threshold_frac", "0.25", 0, 1,
	    "the weighted mean of the savings must be at least that: its whole interval above: "
	    "switch, below: keep"),
};

/* One table a section: they differ in their defaults. */
#define METRIC_ROW(field, type, name, def, min, max, help) \
	OPT_ROW(struct decision_metric, field, type, name, 0, NULL, def, min, max, help)
#define METRIC_OPTS(sc, ph, metric, w, loss)                                                        \
	{                                                                                           \
		METRIC_ROW(scenario, OPT_STRING, "scenario", sc, 0, 0, "where it is measured"),     \
			METRIC_ROW(phase, OPT_STRING, "phase", ph, 0, 0,                            \
				   "and in which phase of it"),                                     \
			OPT_CHOICE_ROW(struct decision_metric, key, "metric", 0, metric,            \
				       metric_names, "which metric"),                               \
			METRIC_ROW(weight, OPT_DOUBLE, "weight", w, 0, 1000,                        \
				   "its part in the weighted mean; only proportions matter"),       \
			METRIC_ROW(                                                                 \
				gain_frac, OPT_DOUBLE, "gain_frac", "0.10", 0, 1,                   \
				"a saving of a smaller share of the present cost counts as none"),  \
			METRIC_ROW(                                                                 \
				loss_frac, OPT_DOUBLE, "loss_frac", loss, 0, 1000,                  \
				"a cost that grows by a larger share is keep, whatever the others " \
				"save; of weight 0 too, where there is a verdict"),                 \
	}
#define METRIC_KEYS 6

static const struct opt metric_opts[DECISION_SLOTS][METRIC_KEYS] = {
	[DECISION_STARTUP] = METRIC_OPTS("startup", "warm", "first_feature_ms", "0.05", "0.50"),
	[DECISION_MEMORY] = METRIC_OPTS("memory", "memory", "uss_bytes", "0.25", "0.10"),
	[DECISION_CPU_EVENT] = METRIC_OPTS("cpu", "cpu", "cpu_ns_per_event", "0.20", "0.10"),
	[DECISION_CPU_HUMAN] = METRIC_OPTS("cpu", "cpu", "cpu_human_pct", "0.30", "0.10"),
	[DECISION_LATENCY] =
		METRIC_OPTS("latency", "alone-full", "response_p50_us", "0.15", "0.10"),
	[DECISION_THROUGHPUT] =
		METRIC_OPTS("throughput", "drain", "drain_events_per_s", "0.05", "0.25"),
};

static const struct opt cost_opts[] = {
	ROW(days_each, OPT_DOUBLE, "days_each", "3", 0, 1e6,
	    "engineer-days to switch one extractor: roll-out, watching, the way back"),
	ROW(days_once, OPT_DOUBLE, "days_once", "5", 0, 1e6,
	    "engineer-days once, however many are switched: build, packaging, training"),
	ROW(day_price, OPT_DOUBLE, "day_price", "600", 0, 1e9, "price of an engineer-day"),
	ROW(two_languages_days_a_year, OPT_DOUBLE, "two_languages_days_a_year", "4", 0, 1e6,
	    "engineer-days a year on top while not all extractors are switched"),
	ROW(machines, OPT_DOUBLE, "machines", "1000", 1, 1e9, "how many will run it"),
	ROW(payback_months_max, OPT_DOUBLE, "payback_months_max", "60", 0, 1e6,
	    "an extractor's savings on all machines must have paid its days_each within that, and "
	    "those of all that are switched days_once and the upkeep of two languages as well; "
	    "later: keep; 0: not asked"),
};

static const struct opt load_opts[] = {
	ROW(events_a_day, OPT_DOUBLE, "events_a_day", "400000", 0, 1e12,
	    "events of all types on one machine on one day; every extractor reads all of them"),
	ROW(active_h, OPT_DOUBLE, "active_hours_a_day", "8", 0, 24,
	    "hours a day in which they come; in the others an extractor idles"),
};

static const struct opt price_opts[] = {
	ROW(core_hour_price, OPT_DOUBLE, "core_hour", "0.04", 0, 1e6, "one CPU core for one hour"),
	ROW(gb_month_price, OPT_DOUBLE, "gb_month", "3.00", 0, 1e6,
	    "one GB (1e9 bytes) of memory for one month"),
	ROW(currency, OPT_STRING, "currency", "EUR", 0, 0, "what the prices are in"),
};

/* Sections of the whole struct; those of the metrics follow. */
static const struct {
	const char *name, *what;
	const struct opt *opts;
	size_t n;
} plain[] = {
	{ "decision", "who may replace whom", decision_opts, ARRAY_SIZE(decision_opts) },
	{ "correct", "first: it must be right", correct_opts, ARRAY_SIZE(correct_opts) },
	{ "session", "and the session must be able to tell", session_opts,
	  ARRAY_SIZE(session_opts) },
	{ "gain", "then it must be worth it", gain_opts, ARRAY_SIZE(gain_opts) },
	{ "cost", "what the change costs (assumptions: edit them)", cost_opts,
	  ARRAY_SIZE(cost_opts) },
	{ "load", "what a machine does in a day (assumptions)", load_opts, ARRAY_SIZE(load_opts) },
	{ "prices", "of what is saved (assumptions)", price_opts, ARRAY_SIZE(price_opts) },
};

static int check_name(const char *key, const char *value, struct err *e)
{
	size_t n = value ? strlen(value) : 0;

	if (!n || n > 23 || strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_+=.-") < n)
		return err_set(e, -EINVAL,
			       "%s=%.60s: must be an implementation's name: 1 to 23 of a-z 0-9 _ + "
			       "= . -",
			       key, value ? value : "");
	return 0;
}

static int check(const struct decision_rules *r, struct err *e)
{
	double weights = 0;
	int rc = check_name("from", r->from, e);

	rc = rc ? rc : check_name("to", r->to, e);
	if (rc)
		return rc;
	if (!strcmp(r->from, r->to))
		return err_set(e, -EINVAL, "from and to are both %s: must differ", r->to);
	for (int i = 0; i < DECISION_SLOTS; i++)
		weights += r->metrics[i].weight;
	if (!(weights > 0))
		return err_set(e, -EINVAL, "no metric has a weight above 0");
	return 0;
}

int decision_rules_parse(struct decision_rules *r, const char *text, size_t len, const char *name,
			 struct err *e)
{
	struct ini_section sections[ARRAY_SIZE(plain) + DECISION_SLOTS];
	size_t n = 0;
	int rc;

	memset(r, 0, sizeof(*r));
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		sections[n++] = (struct ini_section){ .name = plain[i].name,
						      .flags = INI_OPTIONAL,
						      .opts = plain[i].opts,
						      .n_opts = plain[i].n,
						      .target = r };
	for (int i = 0; i < DECISION_SLOTS; i++)
		sections[n++] = (struct ini_section){ .name = decision_slot_names[i],
						      .flags = INI_OPTIONAL,
						      .opts = metric_opts[i],
						      .n_opts = METRIC_KEYS,
						      .target = &r->metrics[i] };
	rc = ini_parse(text, len, name, sections, n, e);
	if (!rc && check(r, e))
		rc = err_wrap(e, "%s", name);
	return rc;
}

void decision_rules_release(struct decision_rules *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		opt_release(plain[i].opts, plain[i].n, r);
	for (int i = 0; i < DECISION_SLOTS; i++)
		opt_release(metric_opts[i], METRIC_KEYS, &r->metrics[i]);
}

enum metric_id decision_metric_id(const struct decision_metric *m)
{
	int id = metric_find(metric_names[m->key]);

	BUG_ON(id < 0);
	return (enum metric_id)id;
}

/* The k-th number of a table, counting down *k. */
static bool nth_number(const struct opt *opts, size_t n, size_t *k, const struct opt **found)
{
	for (size_t i = 0; i < n; i++)
		if (opts[i].type == OPT_DOUBLE && !(*k)--) {
			*found = &opts[i];
			return true;
		}
	return false;
}

/* Of a number for which 0 means "not asked" the smallest that asks. */
static double smallest(const struct opt *o)
{
	return o->offset == offsetof(struct decision_rules, payback_months_max) ? 1e-6 : o->min;
}

static void set_key(struct decision_key *key, const char *section, const struct opt *o, size_t base)
{
	*key = (struct decision_key){ .section = section,
				      .name = o->name,
				      .help = o->help,
				      .offset = base + o->offset,
				      .min = base ? o->min : smallest(o),
				      .max = o->max };
}

bool decision_rules_key(size_t i, struct decision_key *key)
{
	const struct opt *o;

	for (size_t k = 0; k < ARRAY_SIZE(plain); k++)
		if (nth_number(plain[k].opts, plain[k].n, &i, &o)) {
			set_key(key, plain[k].name, o, 0);
			return true;
		}
	for (size_t k = 0; k < DECISION_SLOTS; k++)
		if (nth_number(metric_opts[k], METRIC_KEYS, &i, &o)) {
			set_key(key, decision_slot_names[k], o,
				offsetof(struct decision_rules, metrics) +
					k * sizeof(struct decision_metric));
			return true;
		}
	return false;
}

/* The sections of the metrics have the same keys: what they mean once, then their defaults. */
static void metrics_markdown(struct buf *out)
{
	buf_add_str(out, "\n### ");
	for (int i = 0; i < DECISION_SLOTS; i++)
		buf_printf(out, "%s`[%s]`", i ? ", " : "", decision_slot_names[i]);
	buf_add_str(out, " one metric each\n\n| name | allowed | meaning |\n|---|---|---|\n");
	for (int k = 0; k < METRIC_KEYS; k++) {
		buf_printf(out, "| `%s` | ", metric_opts[0][k].name);
		opt_allowed(&metric_opts[0][k], out);
		buf_printf(out, " | %s |\n", metric_opts[0][k].help);
	}
	buf_add_str(out, "\n| default of |");
	for (int k = 0; k < METRIC_KEYS; k++)
		buf_printf(out, " `%s` |", metric_opts[0][k].name);
	buf_add_str(out, "\n|---|");
	for (int k = 0; k < METRIC_KEYS; k++)
		buf_add_str(out, "---|");
	for (int i = 0; i < DECISION_SLOTS; i++) {
		buf_printf(out, "\n| `[%s]` |", decision_slot_names[i]);
		for (int k = 0; k < METRIC_KEYS; k++)
			buf_printf(out, " %s |", metric_opts[i][k].def);
	}
	buf_add_char(out, '\n');
}

void decision_rules_markdown(struct buf *out)
{
	buf_add_str(out, "\n## Keys of decision.ini: when C replaces Python\n");
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
		buf_printf(out, "\n### `[%s]` %s\n\n", plain[i].name, plain[i].what);
		opt_markdown(plain[i].opts, plain[i].n, out);
		if (plain[i].opts == gain_opts)
			metrics_markdown(out);
	}
}
