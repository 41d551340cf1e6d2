/* Response and service times; see respond.h. */
#include "harness/selfcheck/respond.h"

#include <stdlib.h>

#include "extractors/base/mem.h"
#include "harness/oracle/oracle.h"

/* Which own event the message answers, or SIZE_MAX. */
static size_t answered_event(const struct live *lv, const struct tap_feature *f, size_t number)
{
	struct feature_trace t;

	if (!lv->subject->has_trace)
		return number < lv->n_own ? number : SIZE_MAX;
	if (!oracle_read_trace(f->payload.p, f->payload.len, &t) || t.events < 1 ||
	    t.events > lv->n_own)
		return SIZE_MAX;
	return (size_t)t.events - 1;
}

static void add(struct respond *r, const struct live *lv, size_t event, int64_t recv_ns,
		int64_t before_ns)
{
	int64_t sent_ns = gen_result(lv->gen)->sent_ns[event];
	int64_t due_ns = lv->gen_start_ns + lv->plan->entries[event].due_ns;

	r->response_ms[r->n] = (double)(recv_ns - due_ns) / 1e6;
	r->service_ms[r->n++] =
		(double)(recv_ns - (sent_ns > before_ns ? sent_ns : before_ns)) / 1e6;
}

void respond_collect(struct live *lv, struct respond *out)
{
	struct tap_counts counts;
	struct tap_feature f;
	int64_t before_ns = 0;
	int wanted = lv->is_floor ? FEATURE_OF_RELAY : (int)lv->run->extractor;
	size_t number = 0;

	tap_counts(lv->tap, &counts);
	*out = (struct respond){
		.response_ms = mem_calloc(counts.features + 1, sizeof(double)),
		.service_ms = mem_calloc(counts.features + 1, sizeof(double)),
	};
	for (size_t i = 0; i < counts.features && tap_feature(lv->tap, i, &f); i++) {
		size_t own;

		if ((int)f.type != wanted)
			continue;
		own = answered_event(lv, &f, number++);
		if (own == SIZE_MAX)
			out->unmatched++;
		else
			add(out, lv, lv->own_index[own], f.recv_ns, before_ns);
		before_ns = f.recv_ns;
	}
}

void respond_release(struct respond *r)
{
	free(r->response_ms);
	free(r->service_ms);
	*r = (struct respond){ 0 };
}
