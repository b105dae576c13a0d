// pid.c — the process id reaches a variable.

#include "leak.h"

[[gnu::constructor]] static void leak(void) {
  leaked = (uint64_t)nova_syscall(LEAK_SYS_getpid, 0, 0, 0, 0, 0, 0);
}
