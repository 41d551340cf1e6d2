/* Names of system calls, from the C library's headers at build time; see attribution.h. */
#include "harness/probes/attribution.h"

static const char *const names[ATTRIBUTION_SYSCALLS] = {
#include "syscall_names.h"
};

const char *attribution_syscall_name(int nr)
{
	return nr >= 0 && nr < ATTRIBUTION_SYSCALLS ? names[nr] : NULL;
}
