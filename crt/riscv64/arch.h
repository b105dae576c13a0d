// arch.h — what C needs to know of riscv64: the system call, the signal frame.
// Source: RISC-V psABI; Linux arch/riscv/kernel/entry.S.

#if defined(__riscv) && __riscv_xlen == 64

#include "../generic_numbers.h"

static inline int64_t nova_syscall(int64_t number, int64_t a, int64_t b, int64_t c, int64_t d,
                                   int64_t e, int64_t f) {
  register int64_t a7 __asm__("a7") = number;
  register int64_t a0 __asm__("a0") = a;
  register int64_t a1 __asm__("a1") = b;
  register int64_t a2 __asm__("a2") = c;
  register int64_t a3 __asm__("a3") = d;
  register int64_t a4 __asm__("a4") = e;
  register int64_t a5 __asm__("a5") = f;
  __asm__ volatile("ecall"
                   : "+r"(a0)
                   : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5)
                   : "memory");
  return a0;
}

// openat's flags, from nova_files.h's: the same here.
static inline int64_t nova_open_flags(uint32_t options) { return options; }

// memory.S has one path here.
static inline uint32_t nova_detect_cpu_level(void) { return 0; }

#endif
