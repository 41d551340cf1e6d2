/*
 * Any bytes as a timeline and as a soak's series: read or refused; what was read is
 * written so that it reads back as the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "harness/series.h"
#include "harness/timeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_timeline(const char *text, size_t len)
{
	struct timeline t = { 0 }, back = { 0 };
	struct buf first = { 0 }, second = { 0 };

	if (!timeline_parse(&t, text, len, NULL)) {
		timeline_write(&t, &first);
		if (timeline_parse(&back, first.data, first.len, NULL) || back.n != t.n ||
		    back.n_stages != t.n_stages)
			abort();
		timeline_write(&back, &second);
		if (first.len != second.len || memcmp(first.data, second.data, first.len))
			abort();
	}
	timeline_release(&t);
	timeline_release(&back);
	buf_release(&first);
	buf_release(&second);
}

static void try_series(const char *text, size_t len)
{
	struct series s = { 0 }, back = { 0 };
	struct buf written = { 0 };

	if (!series_parse(&s, text, len, NULL)) {
		s.page_bytes = 4096; /* what is written of it is whole */
		series_write_head(&s, &written);
		for (size_t i = 0; i < s.n; i++)
			series_write_row(&s.v[i], &written);
		if (series_parse(&back, written.data, written.len, NULL) || back.n != s.n)
			abort();
	}
	series_release(&s);
	series_release(&back);
	buf_release(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = ERR_INIT;
	struct timeline t = { 0 };

	if (timeline_parse(&t, (const char *)data, size, &e) && !e.text[0])
		abort();
	timeline_release(&t);
	try_timeline((const char *)data, size);
	try_series((const char *)data, size);
	return 0;
}
