/*
 * What every BPF object needs of the host, and why one was refused; of probes/ only.
 */
#ifndef PROBES_BPF_HOST_H
#define PROBES_BPF_HOST_H

#include "extractors/base/err.h"

/* 0 when programs may be tried; also turns off libbpf's own messages. */
int bpf_host_check(struct err *e) MUST_CHECK;
/* "eBPF: loading the programs: not permitted (needs root, …)"; returns -error. */
int bpf_host_failed(int error, const char *doing, struct err *e);

#endif
