// zlib.c — zlib packs and unpacks text.

#include "zlib.h"
#include "text.h"

enum { TEXT_BYTE_COUNT = 200000, PACKED_BYTE_COUNT = 210000 };
static char text[TEXT_BYTE_COUNT], packed[PACKED_BYTE_COUNT], unpacked[TEXT_BYTE_COUNT];

ENTRY int run(int rounds) {
  uint32_t hash = 0;
  for (int round = 0; round < rounds; round++) {
    fill_with_text(text, sizeof text, (uint32_t)round);
    uLongf packed_count = sizeof packed;
    uLongf count = sizeof unpacked;
    if (compress2((Bytef *)packed, &packed_count, (Bytef *)text, sizeof text, 6) != Z_OK ||
        uncompress((Bytef *)unpacked, &count, (Bytef *)packed, packed_count) != Z_OK) {
      __builtin_trap();
    }
    hash = hash_bytes(hash_bytes(hash, packed, packed_count), unpacked, count);
  }
  return (int)hash;
}
