/*
 * Values gathered for an estimate, and which runs give them; of the model's files only.
 *
 * Ownership: zeroed is empty, sample_release() frees.
 */
#ifndef REPORT_SAMPLE_H
#define REPORT_SAMPLE_H

#include <stdlib.h>

#include "extractors/base/mem.h"
#include "harness/result.h"

/* One side, or two of pairs. */
struct sample {
	double *a, *b;
	size_t n;
};

static inline void sample_add(struct sample *s, double a, double b)
{
	s->a = mem_realloc(s->a, s->n + 1, sizeof(*s->a));
	s->b = mem_realloc(s->b, s->n + 1, sizeof(*s->b));
	s->a[s->n] = a;
	s->b[s->n++] = b;
}

static inline void sample_release(struct sample *s)
{
	free(s->a);
	free(s->b);
}

static inline bool run_counts(const struct run *run, bool with_disturbed)
{
	return run->status == RUN_OK || (with_disturbed && run->status == RUN_DISTURBED);
}

#endif
