// predicate.c — enables predicate.S where the kernel says that the CPU has SVE.

#include "leak.h"

[[gnu::constructor]] static void leak(void) {
  enum { AT_HWCAP = 16, HWCAP_SVE = 1 << 22 };
  leak_enabled = (leak_auxiliary(AT_HWCAP) & HWCAP_SVE) != 0;
}
