// main.c — initialisers, exit hooks and finalisers, each saying its name; an initialiser goes deep.

#include "crt_checks.h"

enum { DEEP_BYTE_COUNT = 3 << 20 };

static void say(const char *name) {
  size_t byte_count = 0;
  while (name[byte_count])
    byte_count++;
  nova_print(name, byte_count);
  nova_print("\n", 1);
}

static void before(void) { say("preinit"); }
[[gnu::used, gnu::section(".preinit_array")]] static void (*const preinitialiser)(void) = before;

[[gnu::constructor]] static void late(void) { say("init"); }
[[gnu::constructor(102)]] static void second(void) { say("init 102"); }
[[gnu::constructor(101)]] static void first(void) { say("init 101"); }

// Leaves 3 MiB of a pattern on the stack.
[[gnu::constructor(103)]] static void deep(void) {
  volatile uint64_t words[DEEP_BYTE_COUNT / 8];
  for (uint32_t i = 0; i < DEEP_BYTE_COUNT / 8; i++)
    words[i] = 0x5a5a5a5a5a5a5a5a;
  say(words[7] == words[8] ? "init 103" : "broken");
}

[[gnu::destructor(101)]] static void last(void) { say("fini 101"); }
[[gnu::destructor]] static void earlier(void) { say("fini"); }

static void hook(void *context) { say(context); }

static void added(void *context) {
  (void)context;
  say("hook added by a hook");
}

static void adds(void *context) {
  (void)context;
  say("hook that adds");
  nova_at_exit(added, nullptr);
}

static void exits(void *context) {
  (void)context;
  say("hook that exits with 9");
  nova_exit(9);
}

int main(void) {
  crt_say_start();
  nova_at_exit(hook, "hook 1");
  nova_at_exit(exits, nullptr);
  nova_at_exit(adds, nullptr);
  nova_at_exit(hook, "hook 4");
  uint32_t count = 4;
  while (nova_at_exit(hook, "hook of many"))
    count++;
  crt_say("hooks", count);
  say("main");
  return 3;
}
