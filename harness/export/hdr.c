/*
 * HdrHistogram: the merged latencies as percentile text (.hgrm) and as a log (.hlog).
 *
 * Sources: loadgen/hist.h and loadgen/hist_log.h, which write both.  A histogram holds the
 * samples of all valid runs of one implementation in one phase; in the text in us, in the
 * log in ns.  A log's line has the time from the first of those runs to the end of the last,
 * and the figure's name as its tag, where that is a tag.
 */
#include <math.h>
#include <string.h>

#include "extractors/base/clock.h"
#include "harness/export/export_form.h"
#include "harness/loadgen/hist_log.h"
#include "harness/report/latency.h"
#include "harness/report/sample.h"

/* One histogram, and whose it is. */
struct one {
	const struct model_section *section;
	const struct latency_cell *cell;
	enum latency_time time;
};

typedef void one_fn(const struct export_session *s, const struct one *one, struct hist_log *log,
		    struct export *out);

/* Those that hold something. */
static void for_each(const struct export_session *s, struct hist_log *log, struct export *out,
		     one_fn *fn)
{
	const struct latency_report *l = s->model->latency;

	for (size_t i = 0; l && i < l->n; i++)
		for (size_t k = 0; k < l->sections[i].n_cells; k++)
			for (int t = 0; t < LATENCY_TIMES; t++) {
				struct one one = { l->sections[i].section, &l->sections[i].cells[k],
						   (enum latency_time)t };

				if (hist_count(one.cell->hist[t]))
					fn(s, &one, log, out);
			}
}

static void add_hgrm(const struct export_session *s UNUSED, const struct one *one,
		     struct hist_log *log UNUSED, struct export *out)
{
	const struct model_section *x = one->section;
	struct buf name = { 0 };

	text_file_part(&name, x->scenario);
	buf_add_char(&name, '-');
	text_file_part(&name, x->phase);
	buf_printf(&name, "-%s-", event_type_names[x->type]);
	text_file_part(&name, one->cell->implementation);
	hist_write_hgrm(
		one->cell->hist[one->time], 1e3,
		export_file(out, "hgrm/%s.%s.hgrm", buf_str(&name), latency_time_names[one->time]));
	out->exported++;
	buf_release(&name);
}

void export_hgrm(const struct export_format *f UNUSED, const struct export_session *s,
		 size_t n UNUSED, struct export *out)
{
	for_each(s, NULL, out, add_hgrm);
}

/* Of the runs that the histogram is made of. */
static void span_of(const struct result *r, const struct one *one, double *start_s,
		    double *length_s)
{
	const struct model_section *x = one->section;
	double from = INFINITY, to = -INFINITY;

	for (size_t i = 0; i < r->n_runs; i++) {
		const struct run *run = &r->runs[i];
		double at = (double)(run->started_wall_us - r->started_wall_us) / (double)US_PER_S;

		if (run->extractor != x->type || strcmp(run->phase, x->phase) ||
		    strcmp(run->scenario, x->scenario) ||
		    strcmp(run->implementation, one->cell->implementation) ||
		    !run_counts(run, false))
			continue;
		from = fmin(from, at);
		to = fmax(to, at + (isfinite(run->seconds) ? run->seconds : 0));
	}
	*start_s = isfinite(from) && from > 0 ? from : 0;
	*length_s = isfinite(to) && to > *start_s ? to - *start_s : 0;
}

static void add_line(const struct export_session *s, const struct one *one, struct hist_log *log,
		     struct export *out)
{
	const struct model_section *x = one->section;
	struct buf tag = { 0 };
	struct err no_tag = ERR_INIT;
	double start_s, length_s;

	text_part(&tag, x->scenario);
	buf_add_char(&tag, '/');
	text_part(&tag, x->phase);
	buf_printf(&tag, "/%s/", event_type_names[x->type]);
	text_part(&tag, one->cell->implementation);
	buf_printf(&tag, "/%s", latency_time_names[one->time]);
	span_of(s->result, one, &start_s, &length_s);
	if (hist_log_add(log, buf_str(&tag), start_s, length_s, one->cell->hist[one->time],
			 &no_tag))
		out->unfit++;
	else
		out->exported++;
	buf_release(&tag);
}

void export_hlog(const struct export_format *f, const struct export_session *s, size_t n UNUSED,
		 struct export *out)
{
	struct buf *text = export_file(out, "%s", f->file);
	struct hist_log log;

	hist_log_begin(&log, s->result->started_wall_us);
	for_each(s, &log, out, add_line);
	hist_log_end(&log, text);
}
