// bss.c — a byte of .bss that start-up leaves set.
// Linked with --wrap=nova_start: an initialiser may set variables, start-up may not.

#include "leak.h"

uint64_t __real_nova_start(const uint64_t *initial);
uint64_t __wrap_nova_start(const uint64_t *initial);

[[gnu::no_stack_protector]] uint64_t __wrap_nova_start(const uint64_t *initial) {
  leaked = 0x5a;
  return __real_nova_start(initial);
}
