// arguments.c — the arguments reach a variable before `main`.

#include "leak.h"

[[gnu::constructor]] static void leak(void) {
  const struct nova_start_record *const record = nova_started();
  for (uint64_t i = 1; i < record->argument_count; i++)
    leaked = leak_hash(leaked + 1, record->arguments[i], leak_length(record->arguments[i]));
}
