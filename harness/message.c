/* A feature message's members; see message.h. */
#include "harness/message.h"

#include <errno.h>
#include <string.h>

#include "extractors/wire/utf8.h"

static bool is_named(const struct message_member *m, const char *name, size_t len)
{
	return m->name.len == len && !memcmp(m->name.p, name, len);
}

static const struct message_member *find(const struct message *m, const char *name, size_t len)
{
	for (size_t i = 0; i < m->n; i++)
		if (is_named(&m->v[i], name, len))
			return &m->v[i];
	return NULL;
}

const struct message_member *message_get(const struct message *m, const char *name)
{
	return find(m, name, strlen(name));
}

static int take_member(struct json_scan *s, struct message *m, struct err *e)
{
	struct json_value name = { 0 };
	struct message_member *to;
	const char *from;

	if (json_next(s) != '"' || !json_scan_string(s, &name) || !json_take(s, ':'))
		return err_set(e, -EBADMSG, "not JSON: no member name");
	if (find(m, name.raw.p, name.raw.len))
		return err_set(e, -EBADMSG, "member %.*s is there twice", (int)name.raw.len,
			       name.raw.p);
	if (m->n == MESSAGE_MEMBERS_MAX)
		return err_set(e, -EBADMSG, "more than %d members", MESSAGE_MEMBERS_MAX);
	to = &m->v[m->n++];
	*to = (struct message_member){ .name = name.raw };
	json_next(s);
	from = s->p;
	if (!json_scan_value(s, 1, &to->value))
		return err_set(e, -EBADMSG, "not JSON: the value of %.*s", (int)name.raw.len,
			       name.raw.p);
	to->raw = (struct span){ from, (size_t)(s->p - from) };
	return 0;
}

int message_parse(struct message *m, const char *json, size_t len, struct err *e)
{
	struct json_scan s = { json, json + len };
	int rc;

	m->n = 0;
	if (!utf8_valid(json, len))
		return err_set(e, -EBADMSG, "not UTF-8");
	if (!json_take(&s, '{'))
		return err_set(e, -EBADMSG, "not a JSON object");
	while (!json_take(&s, '}')) {
		if (m->n && !json_take(&s, ','))
			return err_set(e, -EBADMSG, "not JSON: no comma after a member");
		rc = take_member(&s, m, e);
		if (rc)
			return rc;
	}
	json_next(&s);
	if (s.p != s.end)
		return err_set(e, -EBADMSG, "%zu bytes behind the object", (size_t)(s.end - s.p));
	return 0;
}
