/* How reports call the implementations; of the renderers only. */
#ifndef REPORT_TITLES_H
#define REPORT_TITLES_H

#include <string.h>

#include "extractors/base/compiler.h"

static inline const char *title_of(const char *implementation)
{
	static const struct {
		const char *name, *title;
	} known[] = { { "null", "floor" },
		      { "relay", "relay (floor)" },
		      { "c", "C" },
		      { "python", "Python" } };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].name, implementation))
			return known[i].title;
	return implementation;
}

#endif
