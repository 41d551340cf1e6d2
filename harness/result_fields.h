/*
 * The members of results.json: one table row each, which writes it, reads it and describes it.
 *
 * For result_json_write.c, result_json_read.c and result_json_schema.c alone.  A new
 * member of a struct in result.h is a new row here (and then: make docs).  What has no row: metrics
 * (metric.h has their table), facts, and the samples of latency and split.
 * Pure.
 */
#ifndef HARNESS_RESULT_FIELDS_H
#define HARNESS_RESULT_FIELDS_H

#include <stdint.h>

#include "harness/result.h"

#define RESULT_FORMAT	   "seclyzer-bench-results"
#define RESULT_INTEGER_MAX 9007199254740992 /* 2^53: what every reader of JSON keeps */

enum field_type {
	F_TEXT,	    /* char[size], at most size - 1 bytes */
	F_SIDE,	    /* char: 'a', 'b', or '\0', which is "" */
	F_BOOL,	    /* bool */
	F_INT,	    /* int */
	F_I64,	    /* int64_t within +-RESULT_INTEGER_MAX */
	F_U64_TEXT, /* uint64_t as decimal digits in a string: above 2^53 most readers round */
	F_DOUBLE,   /* double; NaN and infinite: null */
	F_ENUM	    /* an enum, as its word */
};

struct field {
	const char *name;
	enum field_type type;
	size_t offset, size;	  /* in the struct; size: of F_TEXT */
	const char *const *words; /* of F_ENUM */
	int n_words;
	const char *help; /* what it is, with its unit */
};

struct fields {
	const struct field *v;
	size_t n;
};

extern const struct fields session_fields, comparison_fields, run_fields, ledger_line_fields,
	oracle_fields, instrument_fields, noise_fields, trial_fields, item_fields, setting_fields,
	opinion_fields;

/* The arrays of a result, in the order in which they are written. */
enum result_part_id {
	PART_COMPARISONS, /* first: runs refer to them */
	PART_RUNS,	  /* have more members than their fields */
	PART_TRIALS,
	PART_ITEMS,
	PART_SETTINGS,
	PART_OPINIONS,
	RESULT_PARTS
};

struct result_part {
	const char *name; /* the member of the root */
	const struct fields *fields;
	size_t array, n; /* offsets in struct result: of the pointer, of the count */
	size_t size;	 /* of an element */
	const char *help;
};
extern const struct result_part result_parts[RESULT_PARTS];

size_t result_part_count(const struct result *r, const struct result_part *part);
const void *result_part_at(const struct result *r, const struct result_part *part, size_t i);
/* A new element at the end, zeroed; valid until the next. */
void *result_part_add(struct result *r, const struct result_part *part);

#endif
