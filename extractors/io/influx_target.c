/* URLs, credentials, answers; see influx_target.h. */
#include "extractors/io/influx_target.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "extractors/base/mem.h"
#include "extractors/io/influx.h"

static char *take_text(struct buf *b)
{
	char *s = mem_strndup(b->data ? b->data : "", b->len);

	buf_reset(b);
	return s;
}

/* RFC 3986: all but the unreserved characters as %XX. */
static void add_encoded(struct buf *out, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x80 && (isalnum(c) || strchr("-._~", c)))
			buf_add_char(out, *s);
		else
			buf_printf(out, "%%%02X", c);
	}
}

static char *copy_or_null(const char *s)
{
	return s && *s ? mem_strdup(s) : NULL;
}

/* A line break in a credential would end its header and begin another. */
static int check_text(const char *name, const char *value, struct err *e)
{
	for (const char *p = value ? value : ""; *p; p++)
		if (iscntrl((unsigned char)*p))
			return err_set(e, -EINVAL, "%s: holds a control character", name);
	return 0;
}

static int check_conf(const struct influx_conf *c, struct err *e)
{
	if (!c->url || !*c->url)
		return err_set(e, -EINVAL, "INFLUX_URL: is empty");
	if (strpbrk(c->url, "@?# "))
		return err_set(e, -EINVAL,
			       "INFLUX_URL: must hold neither user, query, fragment nor blank");
	if (check_text("INFLUX_URL", c->url, e) || check_text("INFLUX_TOKEN", c->token, e) ||
	    check_text("INFLUX_USER", c->user, e) || check_text("INFLUX_PASSWORD", c->password, e))
		return -EINVAL;
	if (c->user && strchr(c->user, ':')) /* basic authentication cannot say it */
		return err_set(e, -EINVAL, "INFLUX_USER: must not hold a colon");
	return 0;
}

int influx_target_init(struct influx_target *t, const struct influx_conf *c, struct err *e)
{
	struct buf b = { 0 };
	size_t len;

	memset(t, 0, sizeof(*t));
	if (check_conf(c, e))
		return -EINVAL;
	for (len = strlen(c->url); len && c->url[len - 1] == '/'; len--)
		;
	t->shown = mem_strndup(c->url, len);
	buf_printf(&b, "%s/ping", t->shown);
	t->ping_url = take_text(&b);
	buf_printf(&b, "%s/write?db=", t->shown);
	add_encoded(&b, c->bucket ? c->bucket : "");
	buf_add_str(&b, "&precision=ns");
	t->v1_url = take_text(&b);
	buf_printf(&b, "%s/api/v2/write?org=", t->shown);
	add_encoded(&b, c->org ? c->org : "");
	buf_add_str(&b, "&bucket=");
	add_encoded(&b, c->bucket ? c->bucket : "");
	buf_add_str(&b, "&precision=ns");
	t->v2_url = take_text(&b);
	t->user = copy_or_null(c->user);
	t->password = copy_or_null(c->password);
	t->token = copy_or_null(c->token);
	t->headers[0] = "Content-Type: text/plain; charset=utf-8";
	if (t->token) {
		buf_printf(&b, "Authorization: Token %s", t->token);
		t->token_header = take_text(&b);
		t->headers[1] = t->token_header;
	}
	buf_release(&b);
	return 0;
}

void influx_target_release(struct influx_target *t)
{
	char *const texts[] = { t->shown, t->ping_url, t->v1_url,   t->v2_url,
				t->token, t->user,     t->password, t->token_header };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(texts[i]);
	memset(t, 0, sizeof(*t));
}

void influx_target_write(const struct influx_target *t, enum influx_version v,
			 struct http_request *r)
{
	static const char *const v1_headers[] = { "Content-Type: text/plain; charset=utf-8", NULL };

	if (v == INFLUX_V1) {
		r->url = t->v1_url;
		r->headers = v1_headers;
		r->user = t->user;
		r->password = t->password;
	} else {
		r->url = t->v2_url;
		r->headers = t->headers;
	}
}

void influx_target_ping(const struct influx_target *t, struct http_request *r)
{
	r->url = t->ping_url;
	r->want_header = "X-Influxdb-Version";
}

enum influx_version influx_version_of(const char *version_header)
{
	return strncmp(version_header, "1.", 2) == 0 ? INFLUX_V1 : INFLUX_V2;
}

enum influx_verdict influx_verdict_of(int status)
{
	if (status >= 200 && status < 300)
		return INFLUX_WRITTEN;
	if (status >= 400 && status < 500 && status != 408 && status != 429)
		return INFLUX_REFUSED;
	return INFLUX_AGAIN;
}

#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="

/* Overwrite every occurrence; a server that echoes the request must not publish it. */
static void blank(char *text, const char *secret)
{
	size_t len = secret ? strlen(secret) : 0;

	for (char *p = text; len && (p = strstr(p, secret)); p += len)
		memset(p, '*', len);
}

/* User and password as basic authentication carries them: the word behind "Basic ". */
static void blank_basic(char *text)
{
	static const char scheme[] = "Basic ";

	for (char *p = text; (p = strstr(p, scheme));) {
		p += sizeof(scheme) - 1;
		memset(p, '*', strspn(p, BASE64));
	}
}

void influx_target_reason(const struct influx_target *t, const struct http_reply *reply,
			  char out[INFLUX_REASON_MAX])
{
	struct buf b = { 0 };

	if (!reply->status) {
		buf_add_str(&b, reply->error);
	} else {
		buf_printf(&b, "HTTP %d", reply->status);
		if (reply->body_len)
			buf_printf(&b, ": %.*s", (int)reply->body_len, reply->body);
	}
	buf_str(&b);
	/* Before the cut, which could leave half of a secret. */
	blank(b.data, t->token);
	blank(b.data, t->password);
	blank_basic(b.data);
	for (char *p = b.data; *p; p++)
		if (iscntrl((unsigned char)*p))
			*p = ' ';
	snprintf(out, INFLUX_REASON_MAX, "%s", b.data);
	buf_release(&b);
	for (size_t n = strlen(out); n && out[n - 1] == ' '; n--)
		out[n - 1] = '\0';
}
