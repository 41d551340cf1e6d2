/*
 * A shared library loaded when it is first needed.
 *
 * libcurl brings 35 further libraries, 6 MB and 5 ms; a process that may never
 * use them should not pay at start (systemd loads its optional libraries so).
 * Ownership: a library once loaded stays loaded; nothing to release.  libcurl's
 * resolver thread may outlive a request, so unloading would not even be safe.
 * Errors: -ELIBACC with the loader's own words, which name library or symbol.
 */
#ifndef IO_DYNLIB_H
#define IO_DYNLIB_H

#include <stddef.h>

#include "extractors/base/err.h"

/* One function: its name in the library, and where in the caller's table its pointer goes. */
struct dynlib_symbol {
	const char *name;
	size_t offset;
};
#define DYNLIB_SYMBOL(table, field, symbol)                             \
	{                                                               \
		.name = symbol, .offset = offsetof(struct table, field) \
	}

/* Load `soname` and fill the function pointers of `table`; on failure the table is unusable. */
int dynlib_load(const char *soname, const struct dynlib_symbol *symbols, size_t n, void *table,
		struct err *e) MUST_CHECK;

#endif
