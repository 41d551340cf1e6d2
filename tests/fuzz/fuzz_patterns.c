/* Saved usage patterns are read from a database that anybody may have written. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "extractors/base/compiler.h"
#include "extractors/feature/patterns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was accepted must be written, read and written again as the same bytes. */
static void check_round_trip(const struct patterns *first, size_t max)
{
	struct buf once = { 0 }, twice = { 0 };
	struct patterns again;

	patterns_write_json(first, false, true, &once);
	patterns_init(&again, max);
	BUG_ON(patterns_read_json(&again, once.data, once.len, NULL));
	patterns_write_json(&again, false, true, &twice);
	BUG_ON(once.len != twice.len || memcmp(once.data, twice.data, once.len));
	patterns_release(&again);
	buf_release(&once);
	buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t max = size % 7 + 1;     /* small tables push rows out */
	char *text = malloc(size + 1); /* of its own, so that a read past the end is seen */
	struct patterns p;

	BUG_ON(!text);
	if (size)
		memcpy(text, data, size);
	patterns_init(&p, max);
	if (!patterns_read_json(&p, text, size, NULL))
		check_round_trip(&p, max);
	patterns_release(&p);
	free(text);
	return 0;
}
