// clock.c — the time of day reaches a variable through a system call.

#include "leak.h"

[[gnu::constructor]] static void leak(void) {
  enum { CLOCK_REALTIME = 0 };
  int64_t now[2] = {0, 0};
  nova_syscall(LEAK_SYS_clock_gettime, CLOCK_REALTIME, (int64_t)now, 0, 0, 0, 0);
  leaked = (uint64_t)(now[0] * 1000000000 + now[1]);
}
