/* The members of results.json; see result_fields.h. */
#include "harness/result_fields.h"

#include <string.h>

#include "extractors/base/mem.h"

#define FIELD(st, member, ty, text)                                                               \
	{                                                                                         \
#member, ty, offsetof(struct st, member), sizeof(((struct st *)0)->member), NULL, \
			0, text                                                                   \
	}
#define WORDS(st, member, list, n, text)                                                        \
	{                                                                                       \
#member, F_ENUM, offsetof(struct st, member), sizeof(((struct st *)0)->member), \
			list, n, text                                                           \
	}
#define TABLE(rows)                    \
	{                              \
		rows, ARRAY_SIZE(rows) \
	}

static const char scenario_help[] = "name of the scenario: its file's";
static const char extractor_help[] = "the extractor that takes part";
static const char implementation_help[] = "name of the implementation: c, python, null ...";

static const struct field session_rows[] = {
	FIELD(result, id, F_TEXT, "name of the session and of its folder"),
	FIELD(result, profile, F_TEXT, "how much was done: quick, standard or full"),
	FIELD(result, started_wall_us, F_I64, "wall clock at the beginning, µs since the epoch"),
	FIELD(result, finished_wall_us, F_I64, "and when this was written, µs since the epoch"),
	FIELD(result, seed, F_U64_TEXT, "of plans, orders and the report's bootstrap"),
	FIELD(result, complete, F_BOOL, "every planned run was made"),
	FIELD(result, stopped_by, F_TEXT, "why not complete; else empty"),
};
static const struct field comparison_rows[] = {
	FIELD(comparison, scenario, F_TEXT, scenario_help),
	FIELD(comparison, phase, F_TEXT, "phase of the scenario"),
	WORDS(comparison, extractor, event_type_names, EVENT_TYPES, extractor_help),
	FIELD(comparison, a, F_TEXT, "implementation that ratios are divided by"),
	FIELD(comparison, b, F_TEXT, "implementation whose ratio it is; the same as a: A/A"),
	FIELD(comparison, pairs_planned, F_INT, "pairs that were planned at most"),
	WORDS(comparison, end, comparison_end_names, COMPARISON_ENDS,
	      "why there are no more pairs"),
};
static const struct field run_rows[] = {
	FIELD(run, id, F_TEXT, "name of the run, unique in the session"),
	FIELD(run, scenario, F_TEXT, scenario_help),
	FIELD(run, phase, F_TEXT, "phase of the scenario"),
	FIELD(run, subject, F_TEXT, "name of the subject"),
	FIELD(run, implementation, F_TEXT, implementation_help),
	WORDS(run, extractor, event_type_names, EVENT_TYPES, extractor_help),
	FIELD(run, comparison, F_INT, "index into comparisons; -1: of none"),
	FIELD(run, pair, F_INT, "number of the pair within the comparison, from 0; -1: of none"),
	FIELD(run, side, F_SIDE, "side of the pair; empty: of none"),
	FIELD(run, started_wall_us, F_I64, "wall clock at the start, µs since the epoch"),
	FIELD(run, seconds, F_DOUBLE, "from start to stop, s"),
	FIELD(run, plan_events, F_I64, "events in its plan"),
	FIELD(run, plan_own_events, F_I64, "of these, of the extractor's own type"),
	FIELD(run, plan_checksum, F_U64_TEXT, "of the plan's times and messages"),
	FIELD(run, plan_seed, F_U64_TEXT, "that the plan was made from"),
	FIELD(run, books_until_s, F_DOUBLE,
	      "of a soak: rows of its series that elapsed later are in no book, s; null: all are in"),
	WORDS(run, status, run_status_names, RUN_STATUSES,
	      "ok: ledger closed, oracle satisfied, its metrics count"),
	FIELD(run, why, F_TEXT, "when not ok: the reason; else empty"),
};
static const struct field ledger_line_rows[] = {
	FIELD(ledger_line, name, F_TEXT, "what must be equal"),
	WORDS(ledger_line, state, ledger_state_names, LEDGER_STATES, "closed: it is"),
	FIELD(ledger_line, expected, F_I64, "count"),
	FIELD(ledger_line, got, F_I64, "count"),
	FIELD(ledger_line, note, F_TEXT, "why unavailable, or what more is known of the gap"),
};
static const struct field oracle_rows[] = {
	FIELD(oracle_summary, checked, F_I64, "feature messages compared, every member"),
	FIELD(oracle_summary, wrong, F_I64, "of these, not as they must be"),
	FIELD(oracle_summary, unchecked, F_I64, "messages whose expected value cannot be told"),
	FIELD(oracle_summary, note, F_TEXT, "the first difference, or why unchecked"),
};
static const struct field instrument_rows[] = {
	FIELD(instrument, generator_cpu_ns_per_event, F_DOUBLE, "CPU time of the generator, ns"),
	FIELD(instrument, tap_cpu_ns_per_event, F_DOUBLE, "CPU time of the tap, ns"),
	FIELD(instrument, pacing_p50_us, F_DOUBLE,
	      "how late events were sent, µs; null: nothing was paced"),
	FIELD(instrument, pacing_p99_us, F_DOUBLE, "the same, 99th percentile, µs"),
	FIELD(instrument, pacing_max_us, F_DOUBLE, "the same, largest, µs"),
	FIELD(instrument, little_ratio, F_DOUBLE,
	      "mean outstanding / (rate * mean latency); 1: Little's law closes; null: unknown"),
	FIELD(instrument, held_back_frac, F_DOUBLE,
	      "share of the drain in which the bound on outstanding data held the generator"),
	FIELD(instrument, outstanding_max_bytes, F_I64,
	      "largest output buffer that Redis held for the subject, bytes"),
	FIELD(instrument, stats_asked, F_I64, "questions for counters (SIGUSR1) to the subject"),
	FIELD(instrument, prober_cpu_us, F_DOUBLE, "CPU time of sampling, in all, µs"),
	FIELD(instrument, prober_samples, F_I64, "samples taken"),
	FIELD(instrument, ebpf_cpu_us_per_10s, F_DOUBLE,
	      "CPU time by eBPF minus by /proc, µs per 10 s; null, as what follows: not measured"),
	FIELD(instrument, ebpf_cpu_and_wait_us_per_10s, F_DOUBLE,
	      "CPU time and run-queue wait together, eBPF minus /proc, µs per 10 s"),
	FIELD(instrument, ebpf_switches, F_DOUBLE, "context switches, eBPF minus /proc, count"),
	FIELD(instrument, ebpf_faults, F_DOUBLE, "page faults, eBPF minus /proc, count"),
	FIELD(instrument, ebpf_cpu_within, F_DOUBLE,
	      "1: CPU time within the goal of 0.5 % or 1 ms per 10 s; 0: not"),
	FIELD(instrument, ebpf_cpu_and_wait_within, F_DOUBLE, "the same of both together"),
	FIELD(instrument, ebpf_unseen_frac, F_DOUBLE,
	      "share of time slices whose beginning eBPF missed"),
	FIELD(instrument, ebpf_why, F_TEXT, "why not measured; empty: it was not to be"),
	FIELD(instrument, generator_work_ns_per_event, F_DOUBLE,
	      "CPU time of the generator without spinning for due times, ns"),
	FIELD(instrument, wake_p50_us, F_DOUBLE,
	      "how late the generator's sleeps ended, µs; null: none did"),
	FIELD(instrument, wake_p99_us, F_DOUBLE, "the same, 99th percentile, µs"),
	FIELD(instrument, generator_behind_ms, F_DOUBLE,
	      "how long an event was due for more than 0.1 ms, ms; null: not paced"),
	FIELD(instrument, generator_connections, F_I64, "connections of the generator"),
	FIELD(instrument, generator_writes, F_I64, "system calls that wrote"),
	FIELD(instrument, generator_batched_events, F_I64, "events in writes of several"),
	FIELD(instrument, generator_largest_batch, F_I64, "events in the largest write"),
};
static const struct field noise_rows[] = {
	FIELD(host_noise, steal_frac, F_DOUBLE, "share of CPU time stolen by the hypervisor"),
	FIELD(host_noise, foreign_frac, F_DOUBLE, "share of CPU time used by other programs"),
};
static const struct field trial_rows[] = {
	FIELD(trial, scenario, F_TEXT, scenario_help),
	FIELD(trial, subject, F_TEXT, "name of the subject"),
	FIELD(trial, implementation, F_TEXT, implementation_help),
	WORDS(trial, extractor, event_type_names, EVENT_TYPES, extractor_help),
	FIELD(trial, search, F_INT, "which search, from 0"),
	FIELD(trial, rate_per_s, F_DOUBLE, "rate that was tried, events/s"),
	FIELD(trial, max_lag_ms, F_DOUBLE, "how far the subject fell behind, ms; null: unknown"),
	FIELD(trial, hold_s, F_DOUBLE, "how long the rate had to be held, s"),
	FIELD(trial, pacing_p99_us, F_DOUBLE,
	      "how late the generator was, 99th percentile, µs; null: nothing was sent"),
	FIELD(trial, run, F_INT, "index into runs; -1: it has none"),
	FIELD(trial, held, F_BOOL, "the rate was held"),
	FIELD(trial, why, F_TEXT, "why not; else empty"),
};
static const struct field item_rows[] = {
	FIELD(item_result, scenario, F_TEXT, scenario_help),
	WORDS(item_result, extractor, event_type_names, EVENT_TYPES, extractor_help),
	FIELD(item_result, implementation, F_TEXT, implementation_help),
	FIELD(item_result, item, F_TEXT, "name of the item of the contract"),
	FIELD(item_result, what, F_TEXT, "what is checked, one sentence"),
	WORDS(item_result, outcome, item_outcome_names, ITEM_OUTCOMES, "what came out"),
	FIELD(item_result, value, F_TEXT,
	      "fail: the offending value; unavailable: the reason; pass: what was seen, or empty"),
	FIELD(item_result, run, F_TEXT, "id of the run that shows it"),
};
static const struct field setting_rows[] = {
	FIELD(setting, scenario, F_TEXT, scenario_help),
	FIELD(setting, phase, F_TEXT, "phase of the comparison of default and value"),
	WORDS(setting, extractor, event_type_names, EVENT_TYPES, extractor_help),
	FIELD(setting, base, F_TEXT, "the implementation that is tuned"),
	FIELD(setting, parameter, F_TEXT, "INFLUX_BATCH_SIZE, MAX_BUFFER_SIZE ... or build"),
	FIELD(setting, value, F_TEXT, "the value that was tried"),
	FIELD(setting, reference, F_TEXT, "the default's value"),
	FIELD(setting, implementation, F_TEXT,
	      "name of the value in runs and comparisons; empty: not measured"),
	FIELD(setting, against, F_TEXT, "name of the default there"),
	FIELD(setting, primary, F_TEXT, "key of the metric that decides"),
	FIELD(setting, other_work, F_BOOL, "the subject does not do the same work under it"),
	FIELD(setting, note, F_TEXT, "what the parameter means, where that bears on the choice"),
	FIELD(setting, why, F_TEXT, "not measured: the reason; else empty"),
};
static const struct field opinion_rows[] = {
	FIELD(opinion, scenario, F_TEXT, scenario_help),
	FIELD(opinion, implementation, F_TEXT, implementation_help),
	WORDS(opinion, extractor, event_type_names, EVENT_TYPES, extractor_help),
	FIELD(opinion, tool, F_TEXT, "the tool, with its version"),
	FIELD(opinion, metric, F_TEXT, "what it measured; ends in the unit of the figures"),
	FIELD(opinion, n, F_I64, "its runs; 0: unavailable"),
	FIELD(opinion, median, F_DOUBLE, "in the metric's unit; null, as what follows: unknown"),
	FIELD(opinion, mean, F_DOUBLE, "in the metric's unit"),
	FIELD(opinion, stddev, F_DOUBLE, "in the metric's unit"),
	FIELD(opinion, min, F_DOUBLE, "in the metric's unit"),
	FIELD(opinion, max, F_DOUBLE, "in the metric's unit"),
	FIELD(opinion, why, F_TEXT, "unavailable: the reason; else empty"),
};

const struct fields session_fields = TABLE(session_rows),
		    comparison_fields = TABLE(comparison_rows), run_fields = TABLE(run_rows),
		    ledger_line_fields = TABLE(ledger_line_rows),
		    oracle_fields = TABLE(oracle_rows), instrument_fields = TABLE(instrument_rows),
		    noise_fields = TABLE(noise_rows), trial_fields = TABLE(trial_rows),
		    item_fields = TABLE(item_rows), setting_fields = TABLE(setting_rows),
		    opinion_fields = TABLE(opinion_rows);

#define PART(member, element, text)                                          \
	{                                                                    \
#member, &element##_fields, offsetof(struct result, member), \
			offsetof(struct result, n_##member),                 \
			sizeof(*((struct result *)0)->member), text          \
	}

const struct result_part result_parts[RESULT_PARTS] = {
	[PART_COMPARISONS] = PART(comparisons, comparison, "what was compared in pairs of runs"),
	[PART_RUNS] = PART(runs, run, "every run, with its raw values"),
	[PART_TRIALS] = PART(trials, trial, "of searches for the highest sustained rate"),
	[PART_ITEMS] = PART(items, item, "what the integration checks found"),
	[PART_SETTINGS] = PART(settings, setting, "values of parameters in scenario tuning"),
	[PART_OPINIONS] = PART(opinions, opinion, "what another tool says of the same"),
};

size_t result_part_count(const struct result *r, const struct result_part *part)
{
	size_t n;

	memcpy(&n, (const char *)r + part->n, sizeof(n));
	return n;
}

/* The pointer by its bytes: its type differs from part to part. */
static char *array_of(const struct result *r, const struct result_part *part)
{
	char *array;

	memcpy(&array, (const char *)r + part->array, sizeof(array));
	return array;
}

const void *result_part_at(const struct result *r, const struct result_part *part, size_t i)
{
	return array_of(r, part) + i * part->size;
}

void *result_part_add(struct result *r, const struct result_part *part)
{
	size_t n = result_part_count(r, part);
	char *array = mem_realloc(array_of(r, part), n + 1, part->size);

	memset(array + n * part->size, 0, part->size);
	memcpy((char *)r + part->array, &array, sizeof(array));
	n++;
	memcpy((char *)r + part->n, &n, sizeof(n));
	return array + (n - 1) * part->size;
}
