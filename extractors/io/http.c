/*
 * libcurl's multi interface on base/loop; see http.h.
 *
 * libcurl tells which sockets to watch and when to be called next; it is told what
 * happened by curl_multi_socket_action().  See curl_multi_socket_action(3).
 */
#include "extractors/io/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "extractors/base/buf.h"
#include "extractors/base/clock.h"
#include "extractors/base/log.h"
#include "extractors/base/mem.h"
#include "extractors/io/dynlib.h"

/* typecheck-gcc.h wraps calls by name only; these are called through the table. */
struct curl_table {
	CURLcode (*global_init)(long flags);
	CURL *(*easy_init)(void);
	void (*easy_cleanup)(CURL *);
	void (*easy_reset)(CURL *);
	CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
	CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
	CURLHcode (*easy_header)(CURL *, const char *, size_t, unsigned, int,
				 struct curl_header **);
	const char *(*easy_strerror)(CURLcode);
	CURLM *(*multi_init)(void);
	CURLMcode (*multi_cleanup)(CURLM *);
	CURLMcode (*multi_add_handle)(CURLM *, CURL *);
	CURLMcode (*multi_remove_handle)(CURLM *, CURL *);
	CURLMcode (*multi_setopt)(CURLM *, CURLMoption, ...);
	CURLMcode (*multi_socket_action)(CURLM *, curl_socket_t, int, int *);
	CURLMsg *(*multi_info_read)(CURLM *, int *);
	struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
	void (*slist_free_all)(struct curl_slist *);
};

#define SYMBOL(field) DYNLIB_SYMBOL(curl_table, field, "curl_" #field)
static const struct dynlib_symbol symbols[] = {
	SYMBOL(global_init),   SYMBOL(easy_init),	    SYMBOL(easy_cleanup),
	SYMBOL(easy_reset),    SYMBOL(easy_setopt),	    SYMBOL(easy_getinfo),
	SYMBOL(easy_header),   SYMBOL(easy_strerror),	    SYMBOL(multi_init),
	SYMBOL(multi_cleanup), SYMBOL(multi_add_handle),    SYMBOL(multi_remove_handle),
	SYMBOL(multi_setopt),  SYMBOL(multi_socket_action), SYMBOL(multi_info_read),
	SYMBOL(slist_append),  SYMBOL(slist_free_all),
};

static struct curl_table curl;

/* What holds for every request. */
static const struct {
	CURLoption option;
	long value;
} fixed_options[] = {
	{ CURLOPT_NOSIGNAL, 1 },
	{ CURLOPT_QUICK_EXIT,
	  1 }, /* else giving up joins the resolver's thread, for as long as DNS takes */
	{ CURLOPT_FOLLOWLOCATION, 0 },
	{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
	{ CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC },
	{ CURLOPT_TCP_NODELAY, 1 },
};

struct http {
	struct loop *loop;
	struct loop_timer timer;
	CURLM *multi;
	CURL *easy;
	bool busy;
	struct curl_slist *headers;
	const char *want_header;
	struct buf body;
	char error[CURL_ERROR_SIZE];
	http_done done;
	void *ctx;
};

/* ---- libcurl asks for sockets and timers ---------------------------------------- */

static void on_socket(void *ctx, int fd, int events);
static void on_timer(void *ctx);

static int watch_socket(CURL *easy UNUSED, curl_socket_t fd, int what, void *ctx,
			void *socket UNUSED)
{
	struct http *h = ctx;
	int mask = (what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0);

	/*
	 * CURL_POLL_REMOVE has neither bit.  A socket that cannot be watched ends in the
	 * request's time-out; returning -1 would disable the multi handle for good.
	 */
	if (loop_watch(h->loop, fd, mask, on_socket, h))
		log_debug("a socket of libcurl's cannot be watched");
	return 0;
}

static int set_timer(CURLM *multi UNUSED, long ms, void *ctx)
{
	struct http *h = ctx;

	if (ms < 0)
		loop_timer_clear(h->loop, &h->timer);
	else
		loop_timer_set(h->loop, &h->timer, clock_mono_ns() + ms * NS_PER_MS, on_timer, h);
	return 0;
}

static size_t keep_body(char *data, size_t size, size_t n, void *ctx)
{
	struct http *h = ctx;
	size_t room = HTTP_BODY_KEPT - h->body.len, len = size * n;

	buf_add(&h->body, data, len < room ? len : room);
	return len;
}

/* ---- a request ends -------------------------------------------------------------- */

static void end_request(struct http *h)
{
	curl.multi_remove_handle(h->multi, h->easy);
	curl.slist_free_all(h->headers);
	h->headers = NULL;
	h->busy = false;
}

static void fill_reply(struct http *h, CURLcode rc, struct http_reply *reply, struct buf *header)
{
	struct curl_header *found;
	curl_off_t retry_after = 0;
	long status = 0;

	curl.easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	curl.easy_getinfo(h->easy, CURLINFO_RETRY_AFTER, &retry_after);
	if (h->want_header &&
	    curl.easy_header(h->easy, h->want_header, 0, CURLH_HEADER, -1, &found) == CURLHE_OK)
		buf_add_str(header, found->value);
	/* An answer that breaks off is none: nobody knows what was done. */
	reply->status = rc == CURLE_OK ? (int)status : 0;
	reply->error = h->error[0] ? h->error : curl.easy_strerror(rc);
	reply->body = h->body.data;
	reply->body_len = h->body.len;
	reply->header = buf_str(header);
	reply->retry_after_s = retry_after;
}

static void check_done(struct http *h)
{
	struct http_reply reply = { 0 };
	struct buf header = { 0 };
	CURLMsg *m;
	int left;

	while ((m = curl.multi_info_read(h->multi, &left)))
		if (m->msg == CURLMSG_DONE && h->busy) {
			fill_reply(h, m->data.result, &reply, &header);
			end_request(h);
			h->done(h->ctx, &reply);
			break;
		}
	buf_release(&header);
}

static void on_socket(void *ctx, int fd, int events)
{
	struct http *h = ctx;
	int running, what = (events & LOOP_READ ? CURL_CSELECT_IN : 0) |
			    (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0);

	curl.multi_socket_action(h->multi, fd, what, &running);
	check_done(h);
}

static void on_timer(void *ctx)
{
	struct http *h = ctx;
	int running;

	curl.multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	check_done(h);
}

/* ---- a request begins ------------------------------------------------------------- */

#define SET(option, value) (bad |= curl.easy_setopt(h->easy, option, value) != CURLE_OK)

static int set_options(struct http *h, const struct http_request *r)
{
	bool bad = false;

	curl.easy_reset(h->easy);
	for (size_t i = 0; i < ARRAY_SIZE(fixed_options); i++)
		SET(fixed_options[i].option, fixed_options[i].value);
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_URL, r->url);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)r->connect_timeout_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)r->total_timeout_ms);
	SET(CURLOPT_ERRORBUFFER, h->error);
	SET(CURLOPT_WRITEFUNCTION, keep_body);
	SET(CURLOPT_WRITEDATA, h);
	SET(CURLOPT_HTTPHEADER, h->headers);
	if (r->user) {
		SET(CURLOPT_USERNAME, r->user);
		SET(CURLOPT_PASSWORD, r->password ? r->password : "");
	}
	if (r->body) {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
		SET(CURLOPT_POSTFIELDS, r->body);
	}
	return bad ? -EINVAL : 0;
}

static struct curl_slist *make_headers(const char *const *headers)
{
	/* Without this libcurl waits up to a second for "100 Continue" before a large body. */
	struct curl_slist *list = curl.slist_append(NULL, "Expect:");

	for (; headers && *headers; headers++) {
		struct curl_slist *more = curl.slist_append(list, *headers);

		BUG_ON(!more);
		list = more;
	}
	return list;
}

int http_start(struct http *h, const struct http_request *r, http_done done, void *ctx,
	       struct err *e)
{
	int rc;

	BUG_ON(h->busy);
	h->busy = true;
	h->done = done;
	h->ctx = ctx;
	h->error[0] = '\0';
	buf_reset(&h->body);
	h->headers = make_headers(r->headers);
	h->want_header = r->want_header;
	rc = set_options(h, r);
	if (!rc && curl.multi_add_handle(h->multi, h->easy))
		rc = -EIO;
	if (rc) {
		end_request(h);
		return err_set(e, rc, "libcurl does not take the request");
	}
	return 0;
}

void http_cancel(struct http *h)
{
	if (h && h->busy)
		end_request(h);
}

/* ---- life ------------------------------------------------------------------------- */

static int load_library(struct err *e)
{
	int rc;

	if (curl.global_init)
		return 0;
	rc = dynlib_load("libcurl.so.4", symbols, ARRAY_SIZE(symbols), &curl, e);
	if (!rc && curl.global_init(CURL_GLOBAL_DEFAULT))
		rc = err_set(e, -ELIBACC, "libcurl does not start");
	if (rc)
		memset(&curl, 0, sizeof(curl));
	return rc;
}

struct http *http_new(struct loop *loop, struct err *e)
{
	struct http *h;

	if (load_library(e))
		return NULL;
	h = mem_calloc(1, sizeof(*h));
	h->loop = loop;
	h->multi = curl.multi_init();
	h->easy = curl.easy_init();
	BUG_ON(!h->multi || !h->easy);
	curl.multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl.multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl.multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl.multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	return h;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	http_cancel(h);
	curl.easy_cleanup(h->easy);
	curl.multi_cleanup(h->multi);
	loop_timer_clear(h->loop, &h->timer);
	buf_release(&h->body);
	free(h);
}
