// xxhash.c — the three hashes of libxxhash, over text.

#include "xxhash.h"
#include "text.h"

enum { TEXT_BYTE_COUNT = 1 << 20 };
static char text[TEXT_BYTE_COUNT];

ENTRY int run(int rounds) {
  fill_with_text(text, sizeof text, 1);
  uint64_t hash = 0;
  for (int round = 0; round < rounds; round++) {
    hash = XXH64(text, sizeof text, hash);
    hash ^= XXH3_64bits_withSeed(text, sizeof text, hash);
    hash += XXH32(text, sizeof text, (uint32_t)hash);
  }
  return (int)(hash ^ hash >> 32);
}
