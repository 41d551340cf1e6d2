/*
 * The figures of a session as one list: what every format takes its own from.
 *
 * One entry a figure: the median of an implementation's runs, a ratio B/A of two of them,
 * a percentile of merged latency histograms, a slope of a soak.  Its name is
 * `scenario/phase/extractor/implementation/key`; of a ratio the implementation is `A:B`
 * and the key ends in `_ratio`.  A pair A:A says what noise is and is no figure.  Parts of
 * names are percent-encoded (text.h), so they can be told again.
 * Values are in the key's own unit, not in the report's.  What is not there says why
 * (spec/measurement.md, rule 9); only runs that count give values.
 * Ownership: values_build() allocates, values_release() frees; the model must outlive it.
 * Pure.
 */
#ifndef EXPORT_VALUES_H
#define EXPORT_VALUES_H

#include "harness/report/model.h"

enum value_kind { VALUE_TIME, VALUE_BYTES, VALUE_PERCENT, VALUE_COUNT, VALUE_OTHER };

/* What a key's ending says of its unit. */
struct value_unit {
	const char *suffix;
	const char *name; /* for people: "ns/event" */
	enum value_kind kind;
	double per_base; /* so many are one second, one byte, one (of a percentage) */
	/* OpenMetrics: what stands in the suffix's place, and its unit; NULL: nothing better */
	const char *base_suffix, *base;
};

#define VALUE_KEY_MAX	  56
#define VALUE_SUBJECT_MAX 56

struct export_value {
	const char *scenario, *phase;
	enum event_type type;
	char subject[VALUE_SUBJECT_MAX]; /* the implementation, or A:B */
	char key[VALUE_KEY_MAX];
	size_t group; /* index of the name without the key */
	const struct value_unit *unit;
	enum metric_better better;
	const char *what; /* one sentence: how it is measured */
	const char *why;  /* not NULL: it is not there */
	bool is_bound;	  /* not there, as all that is known is that it is more or less than it */
	struct estimate est; /* finite, but for low, high and level when est.n < 2 */
	/* of each run (or search) that counts, in the order they were made; n_samples = 0: no such */
	size_t n_samples;
	double *samples;
	const struct run **runs; /* of each sample, or NULL */
};

struct export_values {
	size_t n;
	struct export_value *v;
	size_t n_groups;
	char **groups; /* "scenario/phase/extractor/implementation" */
	size_t unavailable, bounds;
};

void values_build(struct export_values *all, const struct model *m);
void values_release(struct export_values *all);

const struct value_unit *value_unit_of(const char *key);
/* Append the whole name. */
void value_name(const struct export_values *all, const struct export_value *v, struct buf *out);
/* Has the estimate an interval? */
bool value_has_interval(const struct export_value *v);
/* Is it the first of the list with its key, among those that are there? */
bool value_is_first_of_key(const struct export_values *all, size_t i);

#endif
