// generic_numbers.h — the system calls' numbers where an architecture has none of its own.
// Source: Linux include/uapi/asm-generic/unistd.h.

#ifndef NOVA_GENERIC_NUMBERS_H
#define NOVA_GENERIC_NUMBERS_H

enum {
  NOVA_SYS_fcntl = 25,
  NOVA_SYS_ioctl = 29,
  NOVA_SYS_mkdirat = 34,
  NOVA_SYS_unlinkat = 35,
  NOVA_SYS_symlinkat = 36,
  NOVA_SYS_linkat = 37,
  NOVA_SYS_ftruncate = 46,
  NOVA_SYS_fallocate = 47,
  NOVA_SYS_openat = 56,
  NOVA_SYS_close = 57,
  NOVA_SYS_getdents64 = 61,
  NOVA_SYS_lseek = 62,
  NOVA_SYS_read = 63,
  NOVA_SYS_write = 64,
  NOVA_SYS_readv = 65,
  NOVA_SYS_writev = 66,
  NOVA_SYS_preadv = 69,
  NOVA_SYS_pwritev = 70,
  NOVA_SYS_ppoll = 73,
  NOVA_SYS_readlinkat = 78,
  NOVA_SYS_fsync = 82,
  NOVA_SYS_fdatasync = 83,
  NOVA_SYS_utimensat = 88,
  NOVA_SYS_exit = 93,
  NOVA_SYS_exit_group = 94,
  NOVA_SYS_futex = 98,
  NOVA_SYS_nanosleep = 101,
  NOVA_SYS_clock_gettime = 113,
  NOVA_SYS_clock_getres = 114,
  NOVA_SYS_sched_getaffinity = 123,
  NOVA_SYS_sched_yield = 124,
  NOVA_SYS_tkill = 130,
  NOVA_SYS_sigaltstack = 132,
  NOVA_SYS_rt_sigaction = 134,
  NOVA_SYS_rt_sigprocmask = 135,
  NOVA_SYS_gettid = 178,
  NOVA_SYS_munmap = 215,
  NOVA_SYS_clone = 220,
  NOVA_SYS_mmap = 222,
  NOVA_SYS_fadvise64 = 223,
  NOVA_SYS_mprotect = 226,
  NOVA_SYS_renameat2 = 276,
  NOVA_SYS_getrandom = 278,
  NOVA_SYS_statx = 291,
};

#endif
