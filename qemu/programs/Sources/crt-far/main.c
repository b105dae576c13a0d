// main.c — lies more than 1 MiB from start-up, whatever side the linker puts it on.

#include "crt_checks.h"

extern const unsigned char far_before[], far_then[], __nova_program_text[];

int main(void) {
  const uint64_t here = (uint64_t)&main;
  crt_check(here - (uint64_t)__nova_program_text > 1 << 20, "main lies far from start-up");
  // Keeps the code on both sides.
  crt_say("# before", (uint64_t)far_before);
  crt_say("# then", (uint64_t)far_then);
  return crt_finish();
}
