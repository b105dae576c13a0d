// environment.c — the environment reaches a variable before `main`.

#include "leak.h"

[[gnu::constructor]] static void leak(void) {
  for (const char *const *each = nova_started()->environment; *each; each++)
    leaked = leak_hash(leaked, *each, leak_length(*each));
}
