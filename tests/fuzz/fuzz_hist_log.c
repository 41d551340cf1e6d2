/* Any bytes as a histogram log, and as one histogram: read or refused, and what was read is written again. */
#include <stdint.h>
#include <stdlib.h>

#include "harness/loadgen/hist_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int write_again(const struct hist_log_entry *entry, void *ctx)
{
	if (hist_log_add(ctx, entry->tag, entry->start_s, entry->length_s, entry->hist, NULL) &&
	    entry->tag[0] == 0)
		abort(); /* without a tag nothing can be wrong with it */
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hist_log out = { 0 };
	struct buf text = { 0 };
	struct hist *h = NULL;
	struct err e = ERR_INIT;

	if (hist_log_read((const char *)data, size, write_again, &out, &e) && !e.text[0])
		abort();
	if (!hist_decode(&h, (const char *)data, size, NULL)) {
		if (hist_quantile(h, 0.5) < HIST_NONE)
			abort();
		hist_free(h);
	}
	hist_log_end(&out, &text);
	buf_release(&text);
	return 0;
}
