// text.h — text to work on: words of an even mix, the same in every run.

#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __wasm__
#define ENTRY __attribute__((export_name("run")))
#else
#define ENTRY
#endif

int run(int rounds);

/// Fills `count` bytes with words, blanks and line breaks.
static inline void fill_with_text(char *text, size_t count, uint32_t seed) {
  static const char words[] = "arena handle module verify trap stack frame register section import"
                              " export memory table global segment function value branch loop";
  size_t start = 0;
  for (size_t index = 0; index < count; index++) {
    text[index] = words[start++];
    if (start < sizeof words - 1 && words[start] != ' ') {
      continue;
    }
    seed = seed * 1664525U + 1013904223U;
    start = (seed >> 8) % (sizeof words - 1);
    while (start > 0 && words[start - 1] != ' ') {
      start--;
    }
    if (++index < count) {
      text[index] = (seed >> 28) == 0 ? '\n' : ' ';
    }
  }
}

/// FNV-1a (Fowler, Noll, Vo) of bytes, going on from `hash`.
static inline uint32_t hash_bytes(uint32_t hash, const void *bytes, size_t count) {
  const unsigned char *byte = bytes;
  for (size_t index = 0; index < count; index++) {
    hash = (hash ^ byte[index]) * 16777619U;
  }
  return hash;
}
