// extra-call.c — a system call before `main` that nothing asks for and that changes nothing.

#include "leak.h"

[[gnu::constructor]] static void leak(void) {
  nova_syscall(LEAK_SYS_sched_yield, 0, 0, 0, 0, 0, 0);
}
