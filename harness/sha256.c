/*
 * libcrypto's SHA256(3ssl), without its headers; see sha256.h.
 *
 * The name and the signature of that function are the same in OpenSSL 1.1 and 3, and it
 * is not among those that 3 deprecates.  The handle stays open: unloading libcrypto is
 * not supported (OPENSSL_init_crypto(3), NOTES).
 */
#include "harness/sha256.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef unsigned char *sha256_fn(const unsigned char *data, size_t len, unsigned char *digest);

static int load(sha256_fn **fn, struct err *e)
{
	static const char *const names[] = { "libcrypto.so.3", "libcrypto.so.1.1" };
	void *library = NULL, *symbol = NULL;

	for (size_t i = 0; !library && i < ARRAY_SIZE(names); i++)
		library = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
	if (library)
		symbol = dlsym(library, "SHA256");
	if (!symbol)
		return err_set(e, -ENOENT, "SHA-256: %s; install it: apt install libssl3",
			       dlerror());
	memcpy(fn, &symbol, sizeof(*fn)); /* ISO C has no conversion; POSIX dlsym(3) says this */
	return 0;
}

int sha256_hex(const void *data, size_t len, char out[SHA256_HEX_LEN + 1], struct err *e)
{
	unsigned char digest[SHA256_HEX_LEN / 2];
	sha256_fn *sha256 = NULL;
	int rc = load(&sha256, e);

	if (rc)
		return rc;
	sha256(data, len, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	return 0;
}
