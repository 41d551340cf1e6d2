/* The attribution of a build that could not make one; see attribution.h. */
#include <errno.h>
#include <string.h>

#include "bpf_config.h"
#include "harness/probes/attribution.h"

int attribution_open(struct attribution **out UNUSED, pid_t pid UNUSED, struct err *e)
{
	return err_set(e, -ENOTSUP, "built without %s", BPF_MISSING);
}

void attribution_read(struct attribution *a UNUSED)
{
}

const struct attribution_event *attribution_events(const struct attribution *a UNUSED, size_t *n)
{
	*n = 0;
	return NULL;
}

int64_t attribution_lost(const struct attribution *a UNUSED)
{
	return 0;
}

void attribution_close(struct attribution *a UNUSED)
{
}

void attribution_syscalls(const struct attribution *a UNUSED, struct attribution_syscalls *out)
{
	memset(out, 0, sizeof(*out));
}
