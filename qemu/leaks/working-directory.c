// working-directory.c — the working directory's name reaches a variable.

#include "leak.h"

[[gnu::constructor]] static void leak(void) {
  char name[4096];
  const int64_t length =
      nova_syscall(LEAK_SYS_getcwd, (int64_t)name, sizeof name, 0, 0, 0, 0);
  if (length > 0)
    leaked = leak_hash(1, name, (size_t)length);
}
