/* Printing of a response time's parts; see render_split.h.  Nothing is computed here but scaling. */
#include "harness/report/render_split.h"

#include "harness/report/titles.h"

static void add_estimate(struct buf *out, const struct estimate *est)
{
	buf_printf(out, " %.1f", est->value);
	if (est->n >= 2)
		buf_printf(out, " [%.1f, %.1f]", est->low, est->high);
}

static void add_row(struct buf *out, const struct split_row *row)
{
	const struct run *run = row->run;

	buf_printf(out, "| %s | %s |", event_type_names[run->extractor],
		   title_of(run->implementation));
	if (row->why) {
		buf_printf(out, " unavailable: %s | | | | | | | | |\n", row->why);
		return;
	}
	for (int p = 0; p < SPLIT_PARTS; p++) {
		add_estimate(out, &row->part_us[p]);
		buf_printf(out, " (%.0f %%) |", 1e2 * row->share_frac[p]);
	}
	buf_printf(out, " %zu%s |", row->known,
		   run->status == RUN_DISTURBED ? ", host disturbed" : "");
	for (int o = 0; o < SPLIT_OUTCOMES; o++)
		buf_printf(out, "%s%zu", o ? " / " : " ", row->outcomes[o]);
	buf_printf(out, " | %lld |", (long long)run->split.lost);
	add_estimate(out, &row->traced_us);
	buf_add_str(out, " |");
	if (row->scored_us.n)
		add_estimate(out, &row->scored_us);
	else
		buf_add_str(out, " unavailable: no valid run of alone-full");
	buf_add_str(out, " |\n");
}

void render_split_md(const struct split_report *s, struct buf *out)
{
	if (!s->n && !s->why)
		return;
	buf_add_str(out, "\n### Where a response time goes\n\n");
	if (s->why)
		buf_printf(out, "%s\n\n", s->why);
	if (!s->n)
		return;
	buf_printf(
		out,
		"One more run of each subject, alone with a full buffer and **not scored**: tracing makes every "
		"wakeup and system call slower, as its service time beside that of the scored runs shows. A trigger "
		"counts from its actual sending. *Redis*: until the subject is woken; *run queue*: until it runs; "
		"*compute*: until it begins to send the features; *delivery*: until the harness has received them. "
		"Medians [%.0f %%], µs, with the share of all service time in brackets.\n\n"
		"| | | Redis | run queue | compute | delivery | n | whole / was awake / no send | events lost | "
		"service p50, traced | service p50, scored |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
		1e2 * MODEL_LEVEL);
	for (size_t i = 0; i < s->n; i++)
		add_row(out, &s->rows[i]);
}
