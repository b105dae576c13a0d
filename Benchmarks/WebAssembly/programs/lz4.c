// lz4.c — liblz4 packs and unpacks text, fast and well.

#include "lz4.h"
#include "lz4hc.h"
#include "text.h"

enum { TEXT_BYTE_COUNT = 200000, PACKED_BYTE_COUNT = 210000 };
static char text[TEXT_BYTE_COUNT], packed[PACKED_BYTE_COUNT], unpacked[TEXT_BYTE_COUNT];

ENTRY int run(int rounds) {
  uint32_t hash = 0;
  for (int round = 0; round < rounds; round++) {
    fill_with_text(text, sizeof text, (uint32_t)round);
    // The fast one hashes by the machine's word, and so packs differently on each.
    int fast_count = LZ4_compress_default(text, packed, sizeof text, sizeof packed);
    int count = LZ4_decompress_safe(packed, unpacked, fast_count, sizeof unpacked);
    hash = hash_bytes(hash, unpacked, (size_t)count);
    int packed_count = LZ4_compress_HC(text, packed, sizeof text, sizeof packed, 9);
    count = LZ4_decompress_safe(packed, unpacked, packed_count, sizeof unpacked);
    if (fast_count <= 0 || packed_count <= 0 || count != sizeof text) {
      __builtin_trap();
    }
    hash = hash_bytes(hash_bytes(hash, packed, (size_t)packed_count), unpacked, (size_t)count);
  }
  return (int)hash;
}
