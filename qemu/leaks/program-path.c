// program-path.c — the path that the program was started by reaches a variable.

#include "leak.h"

[[gnu::constructor]] static void leak(void) {
  enum { AT_EXECFN = 31 };
  const char *path = (const char *)leak_auxiliary(AT_EXECFN);
  leaked = leak_hash(0, path, leak_length(path));
}
