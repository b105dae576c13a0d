// arch.h — what C needs to know of x86_64: the system call, its numbers, the signal frame.
// Source: System V ABI, AMD64 supplement, A.2; Linux arch/x86/entry/syscalls/syscall_64.tbl.

#if defined(__x86_64__)

enum {
  NOVA_SYS_read = 0,
  NOVA_SYS_write = 1,
  NOVA_SYS_close = 3,
  NOVA_SYS_lseek = 8,
  NOVA_SYS_mmap = 9,
  NOVA_SYS_mprotect = 10,
  NOVA_SYS_munmap = 11,
  NOVA_SYS_rt_sigaction = 13,
  NOVA_SYS_rt_sigprocmask = 14,
  NOVA_SYS_ioctl = 16,
  NOVA_SYS_readv = 19,
  NOVA_SYS_writev = 20,
  NOVA_SYS_sched_yield = 24,
  NOVA_SYS_nanosleep = 35,
  NOVA_SYS_clone = 56,
  NOVA_SYS_exit = 60,
  NOVA_SYS_fcntl = 72,
  NOVA_SYS_fsync = 74,
  NOVA_SYS_fdatasync = 75,
  NOVA_SYS_ftruncate = 77,
  NOVA_SYS_sigaltstack = 131,
  NOVA_SYS_arch_prctl = 158,
  NOVA_SYS_gettid = 186,
  NOVA_SYS_tkill = 200,
  NOVA_SYS_futex = 202,
  NOVA_SYS_sched_getaffinity = 204,
  NOVA_SYS_getdents64 = 217,
  NOVA_SYS_fadvise64 = 221,
  NOVA_SYS_clock_gettime = 228,
  NOVA_SYS_clock_getres = 229,
  NOVA_SYS_exit_group = 231,
  NOVA_SYS_openat = 257,
  NOVA_SYS_mkdirat = 258,
  NOVA_SYS_unlinkat = 263,
  NOVA_SYS_linkat = 265,
  NOVA_SYS_symlinkat = 266,
  NOVA_SYS_readlinkat = 267,
  NOVA_SYS_ppoll = 271,
  NOVA_SYS_utimensat = 280,
  NOVA_SYS_fallocate = 285,
  NOVA_SYS_preadv = 295,
  NOVA_SYS_pwritev = 296,
  NOVA_SYS_renameat2 = 316,
  NOVA_SYS_getrandom = 318,
  NOVA_SYS_statx = 332,
};

static inline int64_t nova_syscall(int64_t number, int64_t a, int64_t b, int64_t c, int64_t d,
                                   int64_t e, int64_t f) {
  int64_t result;
  register int64_t r10 __asm__("r10") = d;
  register int64_t r8 __asm__("r8") = e;
  register int64_t r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

// openat's flags, from nova_files.h's: the same here.
static inline int64_t nova_open_flags(uint32_t options) { return options; }

// What memory.S may use beyond SSE2: 1 where the CPU has AVX-512 F, BW and VL and the kernel saves
// their registers, else 0. Source: Intel SDM vol. 1, 15.2 (detection of AVX-512).
static inline uint32_t nova_detect_cpu_level(void) {
  const uint32_t osxsave = 1u << 27;                          // CPUID.1:ECX
  const uint32_t avx512 = 1u << 16 | 1u << 30 | 1u << 31;     // CPUID.7:EBX
  const uint32_t states = 0xe6;                               // XCR0: SSE, AVX, mask, ZMM
  uint32_t a = 0, b, c = 0, d;
  __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  if (a < 7)
    return 0;
  a = 1, c = 0;
  __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  if (!(c & osxsave))
    return 0;
  a = 7, c = 0;
  __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  if ((b & avx512) != avx512)
    return 0;
  __asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
  return (a & states) == states;
}

#endif
