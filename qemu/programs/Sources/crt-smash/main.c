// main.c — writes past its buffer.

#include "crt_checks.h"

[[gnu::noinline]] static void overrun(volatile uint64_t byte_count) {
  char buffer[16];
  for (uint64_t i = 0; i < byte_count; i++)
    ((volatile char *)buffer)[i] = 'x';
}

int main(void) {
  volatile char room[256]; // so that the overrun stays on the stack
  room[255] = 0;
  nova_print("before\n", 7);
  overrun(16);
  nova_print("within\n", 7);
  overrun(64);
  nova_print("after\n", 6);
  return room[255];
}
