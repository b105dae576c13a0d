// vector.c — enables vector.S where a vector instruction does not fault: not every kernel or
// emulator tells of vectors in AT_HWCAP.

#include "leak.h"

enum { SIGILL = 4, SIGNAL_SET_BYTE_COUNT = 8, SA_SIGINFO = 4 };

struct action { // Linux uapi: struct sigaction; qemu 7.2 sees a restorer in front of the mask
  void (*handler)(int, void *, uint64_t *);
  uint64_t flags, mask, spare;
};

enum { CONTEXT_PC = 176 / 8, INSTRUCTION_BYTE_COUNT = 4 }; // ucontext_t: uc_mcontext.gregs[0]

static void skip(int, void *, uint64_t *context) {
  leak_enabled = 0;
  context[CONTEXT_PC] += INSTRUCTION_BYTE_COUNT;
}

[[gnu::constructor]] static void leak(void) {
  const struct action wanted = {skip, SA_SIGINFO, 0, 0};
  struct action before;
  leak_enabled = 1;
  nova_syscall(NOVA_SYS_rt_sigaction, SIGILL, (int64_t)&wanted, (int64_t)&before,
               SIGNAL_SET_BYTE_COUNT, 0, 0);
  __asm__ volatile(".option push\n .option arch,+v\n vsetivli zero,1,e8,m1,ta,ma\n .option pop"
                   : : : "memory"); // the handler may have changed leak_enabled
  if (leak_enabled) // vill again: no vector type, as at the start
    __asm__ volatile(".option push\n .option arch,+v\n vsetvl zero,zero,%0\n .option pop"
                     : : "r"(UINT64_C(1) << 63));
  nova_syscall(NOVA_SYS_rt_sigaction, SIGILL, (int64_t)&before, 0, SIGNAL_SET_BYTE_COUNT, 0, 0);
}
