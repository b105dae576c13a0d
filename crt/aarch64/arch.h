// arch.h — what C needs to know of aarch64: the system call, its numbers, the signal frame.
// Source: Arm AAPCS64; Linux arch/arm64/kernel/entry.S; Linux include/uapi/asm-generic/unistd.h.

#if defined(__aarch64__)

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

static inline int64_t nova_syscall(int64_t number, int64_t a, int64_t b, int64_t c, int64_t d,
                                   int64_t e, int64_t f) {
  register int64_t x8 __asm__("x8") = number;
  register int64_t x0 __asm__("x0") = a;
  register int64_t x1 __asm__("x1") = b;
  register int64_t x2 __asm__("x2") = c;
  register int64_t x3 __asm__("x3") = d;
  register int64_t x4 __asm__("x4") = e;
  register int64_t x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
}

// openat's flags, from nova_files.h's: two of them have other bits here.
// Source: Linux arch/arm64/include/uapi/asm/fcntl.h.
static inline int64_t nova_open_flags(uint32_t options) {
  const uint32_t moved = NOVA_OPEN_directory | NOVA_OPEN_no_follow;
  return (int64_t)((options & ~moved) | (options & moved) >> 2);
}

// memory.S has one path here.
static inline uint32_t nova_detect_cpu_level(void) { return 0; }

#endif
