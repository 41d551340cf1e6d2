/* A feature message as line protocol; see line_protocol.h. */
#include "extractors/io/line_protocol.h"

#include <math.h>
#include <stdlib.h>

#define TAGS_MAX 16 /* the route's and the message's together; the contract needs four */

/* What stands behind the backslash; 0: the byte stands for itself. */
static const char escapes[256] = {
	['\n'] = 'n', ['\t'] = 't', ['\r'] = 'r', [','] = ',', ['='] = '=', [' '] = ' ',
};

static void write_tag_value(struct buf *out, struct span v)
{
	/* Every byte may double, and a space may follow. */
	char *p = buf_reserve(out, 2 * v.len + 1), *start = p;

	for (size_t i = 0; i < v.len; i++) {
		char c = v.p[i], code = escapes[(unsigned char)c];

		if (code) {
			*p++ = '\\';
			c = code;
		}
		*p++ = c;
	}
	if (v.len && v.p[v.len - 1] == '\\')
		*p++ = ' '; /* else it would escape the comma or space behind the value */
	out->len += (size_t)(p - start);
}

/* Insertion keeps them sorted by name: a handful, and the route's come sorted. */
static size_t insert_tag(struct feature_label *tags, size_t n, struct feature_label tag)
{
	size_t i = n;

	if (!tag.value.len) /* line protocol has no empty tag */
		return n;
	BUG_ON(n == TAGS_MAX);
	for (; i && strcmp(tags[i - 1].name, tag.name) > 0; i--)
		tags[i] = tags[i - 1];
	tags[i] = tag;
	return n + 1;
}

static void write_tags(struct buf *out, const struct feature_msg *m,
		       const struct feature_route *route)
{
	struct feature_label tags[TAGS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < route->n_tags; i++) {
		const struct feature_tag *t = &route->tags[i];
		struct feature_label tag = { t->name, { t->value, strlen(t->value) } };

		n = insert_tag(tags, n, tag);
	}
	for (size_t i = 0; i < m->n_labels; i++)
		n = insert_tag(tags, n, m->labels[i]);
	for (size_t i = 0; i < n; i++) {
		buf_add_char(out, ',');
		buf_add_str(out, tags[i].name);
		buf_add_char(out, '=');
		write_tag_value(out, tags[i].value);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct feature_value *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static void write_field(struct buf *out, const struct feature_value *v, char before)
{
	buf_add_char(out, before);
	buf_add_str(out, v->name);
	buf_add_char(out, '=');
	if (v->kind == FEATURE_BOOL)
		buf_add_str(out, v->value != 0 ? "1.0" : "0.0");
	else
		buf_add_double(out, v->value);
}

bool line_protocol_write(struct buf *out, const struct feature_msg *m,
			 const struct feature_route *route, int64_t time_ns)
{
	const struct feature_value *fields[FEATURE_VALUES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < m->n_values; i++)
		if (isfinite(m->values[i].value))
			fields[n++] = &m->values[i];
	if (!n)
		return false;
	if (n > 1)
		qsort(fields, n, sizeof(fields[0]), by_name);
	buf_add_str(out, route->measurement);
	write_tags(out, m, route);
	for (size_t i = 0; i < n; i++)
		write_field(out, fields[i], i ? ',' : ' ');
	buf_add_char(out, ' ');
	buf_add_i64(out, time_ns);
	buf_add_char(out, '\n');
	return true;
}
