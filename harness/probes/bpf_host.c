/* BPF on this host; see bpf_host.h. */
#include "harness/probes/bpf_host.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#define BTF_FILE     "/sys/kernel/btf/vmlinux"
#define INIT_PID_INO 0xEFFFFFFCU /* PROC_PID_INIT_INO, include/linux/proc_ns.h */

int bpf_host_check(struct err *e)
{
	struct stat st;

	libbpf_set_print(NULL);
	if (access(BTF_FILE, R_OK))
		return err_set(e, -errno, "eBPF: " BTF_FILE ": %s", strerror(errno));
	/* The programs see the numbers of the initial namespace, we those of ours. */
	if (!stat("/proc/self/ns/pid", &st) && st.st_ino != INIT_PID_INO)
		return err_set(e, -ENOTSUP, "eBPF: in a PID namespace of its own");
	return 0;
}

int bpf_host_failed(int error, const char *doing, struct err *e)
{
	if (error == EPERM || error == EACCES)
		return err_set(e, -error,
			       "eBPF: not permitted, needs root or CAP_BPF and CAP_PERFMON");
	return err_set(e, -error, "eBPF: %s: %s", doing, strerror(error));
}
