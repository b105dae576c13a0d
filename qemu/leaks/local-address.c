// local-address.c — the address of a local variable on the kernel's stack reaches a variable.
// Linked with --wrap=nova_start, which runs on that stack.

#include "leak.h"

uint64_t __real_nova_start(const uint64_t *initial);
uint64_t __wrap_nova_start(const uint64_t *initial);

[[gnu::no_stack_protector]] uint64_t __wrap_nova_start(const uint64_t *initial) {
  volatile uint64_t local = 0;
  leaked = (uint64_t)&local;
  return __real_nova_start(initial);
}
