/* The instrument's own cost (spec/measurement.md, rule 10); see render_instrument.h. */
#include "harness/report/render_instrument.h"

#include <math.h>

#include "harness/report/render_words.h"
#include "harness/report/titles.h"

static void row(struct doc *d, const char *what, const struct estimate *e, double scale,
		int decimals, const char *unit)
{
	doc_row(d);
	doc_text_cell(d, "%s", what);
	doc_cell(d);
	doc_sort_key(d, e->n ? e->value * scale : NAN);
	if (e->n)
		render_estimate(d, e, scale, decimals);
	else
		doc_text(d, "unavailable: nothing of the kind in this session");
	doc_text_cell(d, "%s", unit);
	doc_cell(d);
	render_method(d, e);
}

static void share_row(struct doc *d, const char *what, const struct model_share *x)
{
	doc_row(d);
	doc_text_cell(d, "%s", what);
	doc_number_cell(d, (double)x->k, "%zu of %zu [%.0f, %.0f]", x->k, x->n, 100 * x->low,
			100 * x->high);
	doc_text_cell(d, "runs [%%]");
	doc_text_cell(d, "95 %% by Clopper-Pearson");
}

/* Two instruments on one process: how far they differ. */
static void ebpf_rows(struct doc *d, const struct model *m)
{
	if (!m->ebpf_cpu_us.n) {
		doc_row(d);
		doc_text_cell(d, "eBPF against /proc");
		doc_number_cell(d, NAN, "unavailable: %s",
				m->ebpf_why ? m->ebpf_why : "nothing of the kind in this session");
		doc_cell(d);
		doc_cell(d);
		return;
	}
	row(d, "eBPF − /proc, CPU time, per 10 s", &m->ebpf_cpu_us, 1, 1, "µs");
	share_row(d, "within 0.5 % or 1 ms per 10 s", &m->ebpf_cpu_within);
	row(d, "eBPF − /proc, CPU time and run-queue wait together, per 10 s",
	    &m->ebpf_cpu_and_wait_us, 1, 1, "µs");
	share_row(d, "within 0.5 % or 1 ms per 10 s", &m->ebpf_cpu_and_wait_within);
	row(d, "eBPF − /proc, context switches a run", &m->ebpf_switches, 1, 1, "");
	row(d, "eBPF − /proc, page faults a run", &m->ebpf_faults, 1, 1, "");
	row(d, "time slices whose beginning eBPF did not see", &m->ebpf_unseen_frac, 100, 2, "%");
}

static void rows(struct doc *d, const struct model *m)
{
	row(d, "generator CPU per event", &m->generator_cpu_ns, 1, 0, "ns");
	row(d, "tap CPU per event", &m->tap_cpu_ns, 1, 0, "ns");
	row(d, "prober, samples a run", &m->prober_samples, 1, 0, "");
	row(d, "prober CPU per sample", &m->prober_cpu_us_per_sample, 1, 1, "µs");
	row(d, "questions asked to the subject a run", &m->stats_asked, 1, 0, "");
	row(d, "share of a drain in which the generator was held back", &m->held_back_frac, 100, 1,
	    "%");
	row(d, "pacing error, p99 of paced runs and trials", &m->pacing_p99_us, 1, 1, "µs");
	row(d, "Little's law, outstanding / (rate × latency)", &m->little_ratio, 1, 3, "");
	row(d, "generator CPU per event without spinning", &m->generator_work_ns, 1, 0, "ns");
	row(d, "generator, late wake-ups, p99", &m->wake_p99_us, 1, 1, "µs");
	row(d, "generator, time behind the plan a run", &m->behind_ms, 1, 1, "ms");
	row(d, "generator, events a write", &m->events_per_write, 1, 1, "");
	row(d, "generator, connections", &m->connections, 1, 0, "");
	ebpf_rows(d, m);
	row(d, "stolen CPU time", &m->steal_frac, 100, 2, "%");
	row(d, "CPU time of foreign programs", &m->foreign_frac, 100, 2, "%");
}

/* What the oracle could not pin down (rule 4). */
static void untraced_paragraphs(struct doc *d, const struct model *m)
{
	for (size_t i = 0; i < m->n_untraced; i++) {
		const struct model_untraced *u = &m->untraced[i];

		doc_paragraph(d);
		doc_text(
			d,
			"%s, %zu run%s without trace: every possible cut-off was allowed, %lld messages "
			"unchecked%s%s.",
			title_of(u->implementation), u->runs, plural(u->runs),
			(long long)u->unchecked, u->note[0] ? ": " : "", u->note);
	}
}

void render_instrument(const struct model *m, struct doc *d)
{
	doc_table(d);
	doc_column(d, DOC_TEXT, "what");
	doc_column(d, DOC_NUMBER, "value [interval]");
	doc_column(d, DOC_TEXT, "unit");
	doc_column(d, DOC_TEXT, "n, method");
	rows(d, m);
	doc_paragraph(d);
	doc_text(d,
		 "Largest output that Redis held for a subject: %.2f MB (it cuts off at 32 MiB).",
		 (double)m->outstanding_max_bytes / 1e6);
	untraced_paragraphs(d, m);
}
