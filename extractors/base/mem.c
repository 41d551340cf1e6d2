/* Allocation or exit; see mem.h. */
#include "extractors/base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "extractors/base/compiler.h"

void *mem_calloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	BUG_ON(!p);
	return p;
}

void *mem_realloc(void *p, size_t n, size_t size)
{
	p = reallocarray(p, n ? n : 1, size ? size : 1);
	BUG_ON(!p);
	return p;
}

char *mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}

char *mem_strndup(const char *s, size_t len)
{
	char *p = mem_calloc(len + 1, 1);

	memcpy(p, s, len);
	return p;
}
