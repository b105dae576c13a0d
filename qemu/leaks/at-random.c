// at-random.c — the kernel's 16 random bytes reach a variable.

#include "leak.h"

[[gnu::constructor]] static void leak(void) {
  enum { AT_RANDOM = 25, RANDOM_BYTE_COUNT = 16 };
  leaked = leak_hash(0, (const char *)leak_auxiliary(AT_RANDOM), RANDOM_BYTE_COUNT);
}
