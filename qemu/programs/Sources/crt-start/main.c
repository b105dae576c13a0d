// main.c — reports how it was started; returns 7, or with an argument the opened descriptors' bits.

#include "../../../../crt/internal.h"
#include "crt_checks.h"

extern uintptr_t __stack_chk_guard;

#if defined(__x86_64__)
enum { SYS_mincore = 27 };
#else
enum { SYS_mincore = 232 };
#endif

// Pages of the stack that are committed.
static uint64_t committed_page_count(const struct nova_start_record *start) {
  static unsigned char committed[4096]; // pages of a stack of 16 MiB at most
  nova_syscall(SYS_mincore, (int64_t)start->stack_low, (int64_t)start->stack_byte_count,
               (int64_t)committed, 0, 0, 0);
  uint64_t count = 0;
  for (uint32_t i = 0; i < sizeof committed; i++)
    count += committed[i] & 1;
  return count;
}

int main(void) {
  const struct nova_start_record *const start = nova_started();
  const uint64_t committed = committed_page_count(start);
  crt_say_start();
  crt_say("committed_pages", committed);
  crt_say("guard", __stack_chk_guard);
  return start->argument_count > 1 ? (int)(start->flags >> 3) : 7;
}
