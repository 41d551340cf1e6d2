/*
 * Errors as values: a code and one line of text.
 *
 * A function that can fail returns 0 or a negative errno and, at module edges,
 * fills a struct err.  The first cause stays; callers put their context in
 * front (`file: line 3: …`); main prints the one line.
 * Ownership: the struct is the caller's, no allocation.  `e` may be NULL.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "extractors/base/compiler.h"

struct err {
	int code;	/* 0: none; else a negative errno */
	char text[512]; /* one line, cut when longer */
};

#define ERR_INIT          \
	{                 \
		0,        \
		{         \
			0 \
		}         \
	}

/* Record a cause, unless there is one already.  Returns code. */
int err_set(struct err *e, int code, const char *fmt, ...) PRINTF(3, 4);
/* Put context and ": " in front of the text.  Returns e->code (or -EIO without e or cause). */
int err_wrap(struct err *e, const char *fmt, ...) PRINTF(2, 3);
void err_reset(struct err *e);

#endif
