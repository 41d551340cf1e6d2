/* Kept working memory; see scratch.h. */
#include "extractors/feature/scratch.h"

#include <stdlib.h>

#include "extractors/base/mem.h"

void *scratch_fit(struct scratch *s, size_t n, size_t width_bytes)
{
	size_t bytes = n * width_bytes; /* at most 10^6 events of 32 bytes: no overflow */

	if (!s->p || s->bytes < bytes) {
		size_t twice = s->bytes * 2;

		free(s->p); /* not realloc(): nothing is worth copying */
		s->bytes = bytes > twice ? bytes : twice;
		s->p = mem_realloc(NULL, s->bytes, 1);
	}
	return s->p;
}

void scratch_release(struct scratch *s)
{
	free(s->p);
	s->p = NULL;
	s->bytes = 0;
}
