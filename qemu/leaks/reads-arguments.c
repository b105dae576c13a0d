// reads-arguments.c — a program that takes another course when it is given arguments.

#include "leak.h"

int main(void);

[[gnu::used, gnu::section(".nova_bootstrap.default")]]
static const struct {
  uint64_t key;
  int (*value)(void);
} entry = {NOVA_KEY_main, main};

int main(void) {
  static const char line[] = "one more argument\n";
  for (uint64_t i = 1; i < nova_started()->argument_count; i++)
    nova_print(line, sizeof line - 1);
  return 0;
}
