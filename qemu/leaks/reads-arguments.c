// reads-arguments.c — a program that takes another course when it is given arguments.

#include "leak.h"

int leak_program(void);
[[gnu::alias("leak_program")]] int main(void);

int leak_program(void) {
  static const char line[] = "one more argument\n";
  for (uint64_t i = 1; i < nova_started()->argument_count; i++)
    nova_print(line, sizeof line - 1);
  return 0;
}
