// extra-call.c — a system call of start-up's that nothing asks for and that changes nothing.
// Linked with --wrap=nova_start: an initialiser may call, start-up may not beside what it needs.

#include "leak.h"

uint64_t __real_nova_start(const uint64_t *initial);
uint64_t __wrap_nova_start(const uint64_t *initial);

[[gnu::no_stack_protector]] uint64_t __wrap_nova_start(const uint64_t *initial) {
  nova_syscall(LEAK_SYS_sched_yield, 0, 0, 0, 0, 0, 0);
  return __real_nova_start(initial);
}
