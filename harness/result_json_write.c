/* results.json, written; see result_json.h.  result_fields.c has the members. */
#include <math.h>
#include <string.h>

#include "harness/result_fields.h"
#include "harness/result_json.h"

static void write_text(struct buf *out, const char *s)
{
	buf_add_json_string(out, s, strlen(s));
}

static void write_double(struct buf *out, double v)
{
	if (isfinite(v))
		buf_add_double(out, v);
	else
		buf_add_str(out, "null");
}

static void write_field(struct buf *out, const struct field *f, const void *from)
{
	const char *p = (const char *)from + f->offset;

	switch (f->type) {
	case F_TEXT:
		write_text(out, p);
		break;
	case F_SIDE:
		buf_add_json_string(out, p, *p != '\0');
		break;
	case F_BOOL:
		buf_add_str(out, *(const bool *)p ? "true" : "false");
		break;
	case F_INT:
		buf_add_i64(out, *(const int *)p);
		break;
	case F_I64:
		buf_add_i64(out, *(const int64_t *)p);
		break;
	case F_U64_TEXT: /* above 2^53 a JSON number would be rounded by most readers */
		buf_printf(out, "\"%llu\"", (unsigned long long)*(const uint64_t *)p);
		break;
	case F_DOUBLE:
		write_double(out, *(const double *)p);
		break;
	case F_ENUM:
		write_text(out, f->words[*(const int *)p]);
		break;
	}
}

static void write_fields(struct buf *out, const struct fields *fields, const void *from)
{
	for (size_t i = 0; i < fields->n; i++) {
		buf_printf(out, "%s\"%s\":", i ? "," : "", fields->v[i].name);
		write_field(out, &fields->v[i], from);
	}
}

static void write_metrics(struct buf *out, const struct run *run)
{
	bool first = true;

	buf_add_str(out, ",\"metrics\":{");
	for (int i = 0; i < METRICS; i++)
		if (run->metrics[i].there) {
			buf_printf(out, "%s\"%s\":", first ? "" : ",", metrics[i].key);
			write_double(out, run->metrics[i].value);
			first = false;
		}
	buf_add_str(out, "},\"unavailable\":{");
	first = true;
	for (int i = 0; i < METRICS; i++)
		if (!run->metrics[i].there && run->metrics[i].why[0]) {
			buf_printf(out, "%s\"%s\":", first ? "" : ",", metrics[i].key);
			write_text(out, run->metrics[i].why);
			first = false;
		}
	buf_add_char(out, '}');
}

static void write_ns(struct buf *out, const char *name, const int64_t *ns, size_t n)
{
	buf_printf(out, "\"%s\":[", name);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_char(out, ',');
		buf_add_i64(out, ns[i]);
	}
	buf_add_char(out, ']');
}

static void write_latency(struct buf *out, const struct latency_samples *s)
{
	if (!s->n)
		return;
	buf_add_str(out, ",\"latency\":{");
	write_ns(out, "response_ns", s->response_ns, s->n);
	buf_add_char(out, ',');
	write_ns(out, "service_ns", s->service_ns, s->n);
	buf_add_char(out, '}');
}

/* A part that is not known is null. */
static void write_split_part(struct buf *out, const struct split_samples *s, enum split_part p)
{
	buf_printf(out, ",\"%s_ns\":[", split_part_names[p]);
	for (size_t i = 0; i < s->n; i++) {
		buf_add_str(out, i ? "," : "");
		if (s->outcome[i] == SPLIT_NO_SEND)
			buf_add_str(out, "null");
		else
			buf_add_i64(out, s->part_ns[p][i]);
	}
	buf_add_char(out, ']');
}

static void write_split(struct buf *out, const struct split_samples *s)
{
	if (!s->n)
		return;
	buf_printf(out, ",\"split\":{\"lost\":%lld,\"outcome\":[", (long long)s->lost);
	for (size_t i = 0; i < s->n; i++) {
		buf_add_str(out, i ? "," : "");
		write_text(out, split_outcome_names[s->outcome[i]]);
	}
	buf_add_char(out, ']');
	for (int p = 0; p < SPLIT_PARTS; p++)
		write_split_part(out, s, (enum split_part)p);
	buf_add_char(out, '}');
}

/* What a run has besides its fields. */
static void write_rest_of_run(struct buf *out, const struct run *run)
{
	write_metrics(out, run);
	buf_add_str(out, ",\"ledger\":[");
	for (size_t i = 0; i < run->ledger.n; i++) {
		buf_add_str(out, i ? ",{" : "{");
		write_fields(out, &ledger_line_fields, &run->ledger.lines[i]);
		buf_add_char(out, '}');
	}
	buf_add_str(out, "],\"oracle\":{");
	write_fields(out, &oracle_fields, &run->oracle);
	buf_add_str(out, "},\"instrument\":{");
	write_fields(out, &instrument_fields, &run->instrument);
	buf_add_str(out, "},\"noise\":{");
	write_fields(out, &noise_fields, &run->noise);
	buf_add_char(out, '}');
	write_latency(out, &run->latency);
	write_split(out, &run->split);
}

static void write_part(struct buf *out, const struct result *r, enum result_part_id id)
{
	const struct result_part *part = &result_parts[id];

	buf_printf(out, ",\n\"%s\":[", part->name);
	for (size_t i = 0; i < result_part_count(r, part); i++) {
		const void *element = result_part_at(r, part, i);

		buf_add_str(out, i ? ",\n  {" : "\n  {");
		write_fields(out, part->fields, element);
		if (id == PART_RUNS)
			write_rest_of_run(out, element);
		buf_add_char(out, '}');
	}
	buf_add_char(out, ']');
}

void result_write_json(const struct result *r, struct buf *out)
{
	buf_printf(out, "{\"format\":\"%s\",\"version\":%d,\n\"session\":{", RESULT_FORMAT,
		   RESULT_VERSION);
	write_fields(out, &session_fields, r);
	buf_add_str(out, "},\n\"facts\":{");
	for (size_t i = 0; i < r->n_facts; i++) {
		buf_add_str(out, i ? ",\n  " : "\n  ");
		write_text(out, r->facts[i].key);
		buf_add_char(out, ':');
		write_text(out, r->facts[i].value);
	}
	buf_add_char(out, '}');
	for (int id = 0; id < RESULT_PARTS; id++)
		write_part(out, r, (enum result_part_id)id);
	buf_add_str(out, "}\n");
}
