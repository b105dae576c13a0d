// leak.h — what planted leaks share: a place for what leaks, and start-up's own contract.
// Freestanding. Linked with crt/ by qemu/build-leaks.

#ifndef LEAK_H
#define LEAK_H

#include "internal.h"
#include "numbers.h"

// What a leak leaves at `main`; in .bss, which must be zero there.
extern uint64_t leaked;

// What a leak must know of the CPU; outside of what the check compares.
extern uint8_t leak_enabled;

// FNV-1a over a string, so that any change of it changes the hash.
static inline uint64_t leak_hash(uint64_t hash, const char *text, size_t byte_count) {
  for (size_t i = 0; i < byte_count; i++)
    hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
  return hash;
}

static inline size_t leak_length(const char *text) {
  size_t length = 0;
  while (text[length])
    length++;
  return length;
}

// The value of an auxiliary entry; 0 when there is none.
static inline uint64_t leak_auxiliary(uint64_t type) {
  for (const uint64_t *pair = nova_started()->auxiliary; pair[0] != 0; pair += 2)
    if (pair[0] == type)
      return pair[1];
  return 0;
}

#endif
