/*
 * One HTTP request at a time, in the process's event loop, by libcurl.
 *
 * libcurl is loaded by the first http_new(): 35 libraries, 6 MB, 5 ms.  It gets its
 * sockets and timers from the loop; the connection stays open between requests, and
 * while no request is on the way neither a socket is watched nor a timer armed.
 * A host name that is no address and not `localhost` is looked up in a thread of libcurl's,
 * which is never waited for.  No redirects (a token must not follow one), no proxies:
 * what is not in the configuration has no say.
 *
 * Ownership: the request's strings and body must live until the callback or
 * http_cancel(); the reply is valid during the callback.
 * Threads: the loop's.  SIGPIPE must be ignored by the program (TLS writes can raise it).
 */
#ifndef IO_HTTP_H
#define IO_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extractors/base/err.h"
#include "extractors/base/loop.h"

struct http_request {
	const char *url;
	const char *const *headers;  /* "Name: value", NULL-terminated; may be NULL */
	const char *user, *password; /* basic authentication when a user is given */
	const char *body;	     /* POST; NULL: GET */
	size_t body_len;
	const char *want_header; /* a header of the reply, or NULL */
	int64_t connect_timeout_ms, total_timeout_ms;
};

#define HTTP_BODY_KEPT 2048 /* bytes of a reply's body; the rest is dropped */

struct http_reply {
	int status;	   /* 0: none came, see `error` */
	const char *error; /* libcurl's words */
	const char *body;
	size_t body_len;
	const char *header;    /* value of want_header, or "" */
	int64_t retry_after_s; /* 0: not given */
};

typedef void (*http_done)(void *ctx, const struct http_reply *reply);

struct http;
/* -ELIBACC when libcurl cannot be loaded. */
struct http *http_new(struct loop *loop, struct err *e) MUST_CHECK;
void http_free(struct http *h);

/* Begin; `done` is called from the loop, never from in here.  One at a time. */
int http_start(struct http *h, const struct http_request *r, http_done done, void *ctx,
	       struct err *e) MUST_CHECK;
/* Give the request up, if any, without calling back. */
void http_cancel(struct http *h);

#endif
