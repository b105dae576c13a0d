// arch.h — what C needs to know of aarch64: the system call, the signal frame.
// Source: Arm AAPCS64; Linux arch/arm64/kernel/entry.S.

#if defined(__aarch64__)

#include "../generic_numbers.h"

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
