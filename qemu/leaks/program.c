// program.c — the program of every planted leak: prints one line and ends.
// A leak that must happen after start-up has cleared the registers defines `main` in assembly and
// goes on to `leak_program`; the bootstrap record then says that the program begins here.

#include "leak.h"

uint64_t leaked;
NOVA_RECORDED uint8_t leak_enabled;

int leak_program(void);

[[gnu::used, gnu::section(".nova_bootstrap.default")]]
static const struct {
  uint64_t key;
  int (*value)(void);
} entry = {NOVA_KEY_main, leak_program};

[[gnu::weak]] int leak_program(void) {
  static const char line[] = "a program with a planted leak\n";
  nova_print(line, sizeof line - 1);
  return 0;
}

[[gnu::weak, gnu::alias("leak_program")]] int main(void);
