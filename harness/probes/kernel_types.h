/*
 * The few kernel structures that the BPF programs look into, by CO-RE.
 *
 * Only the members that are read stand here; preserve_access_index makes the loader
 * (libbpf) find their real offsets in the running kernel's BTF, so there is no
 * generated vmlinux.h and no kernel headers are needed.  For *.bpf.c alone, before
 * <bpf/bpf_helpers.h>, which wants the __u types.
 * Source: include/linux/sched.h, fs.h, fdtable.h, net.h and net/sock.h of Linux 6.
 */
#ifndef PROBES_KERNEL_TYPES_H
#define PROBES_KERNEL_TYPES_H

#ifdef __bpf__

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef _Bool bool;

enum { false, true };

enum { BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_RINGBUF = 27 };
enum { BPF_F_MMAPABLE = 1 << 10 };
enum { BPF_RB_NO_WAKEUP = 1 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct sock_common {
	unsigned short skc_family;
};

struct sock {
	struct sock_common __sk_common;
};

struct socket {
	struct sock *sk;
};

struct inode {
	unsigned short i_mode;
};

struct file {
	struct inode *f_inode;
	void *private_data;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct sched_entity {
	__u64 sum_exec_runtime, prev_sum_exec_runtime;
};

struct task_struct {
	int pid;
	int tgid;
	int on_cpu;
	struct sched_entity se;
	struct files_struct *files;
};

struct pt_regs { /* x86-64 */
	unsigned long di;
};

#pragma clang attribute pop

#endif
#endif
