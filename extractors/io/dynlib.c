/* dlopen and dlsym by table; see dynlib.h. */
#include "extractors/io/dynlib.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

static const char *loader_says(void)
{
	const char *text = dlerror();

	return text ? text : "no reason given";
}

int dynlib_load(const char *soname, const struct dynlib_symbol *symbols, size_t n, void *table,
		struct err *e)
{
	void *lib = dlopen(soname, RTLD_LAZY | RTLD_LOCAL);

	if (!lib)
		return err_set(e, -ELIBACC, "cannot load %s: %s", soname, loader_says());
	for (size_t i = 0; i < n; i++) {
		void *address = dlsym(lib, symbols[i].name);

		if (!address) {
			err_set(e, -ELIBACC, "cannot use %s: %s", soname, loader_says());
			dlclose(lib);
			return -ELIBACC;
		}
		/* ISO C has no cast from object to function pointer; POSIX says the bytes are. */
		memcpy((char *)table + symbols[i].offset, &address, sizeof(address));
	}
	return 0;
}
