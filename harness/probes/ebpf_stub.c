/* The eBPF probe of a build that could not make one; see ebpf.h. */
#include <errno.h>

#include "bpf_config.h"
#include "harness/probes/ebpf.h"

int ebpf_hold(struct err *e)
{
	return err_set(e, -ENOTSUP, "built without %s", BPF_MISSING);
}

void ebpf_release(void)
{
}

static bool stub_available(struct err *why)
{
	return !ebpf_hold(why);
}

static int stub_open(struct probe **out UNUSED, pid_t pid UNUSED, struct err *e)
{
	return ebpf_hold(e);
}

static int stub_sample(struct probe *p UNUSED, uint64_t want UNUSED, struct probe_sample *s UNUSED)
{
	return -ENOTSUP;
}

static void stub_close(struct probe *p UNUSED)
{
}

const struct probe_ops ebpf_probe = { "ebpf", stub_available, stub_open, stub_sample, stub_close };
