// bzip2.c — libbz2 packs and unpacks text.

#include "bzlib.h"
#include "text.h"

enum { TEXT_BYTE_COUNT = 100000, PACKED_BYTE_COUNT = 101600 };
static char text[TEXT_BYTE_COUNT], packed[PACKED_BYTE_COUNT], unpacked[TEXT_BYTE_COUNT];

void bz_internal_error(int code) { (void)code, __builtin_trap(); }

ENTRY int run(int rounds) {
  uint32_t hash = 0;
  for (int round = 0; round < rounds; round++) {
    fill_with_text(text, sizeof text, (uint32_t)round);
    unsigned packed_count = sizeof packed;
    unsigned count = sizeof unpacked;
    if (BZ2_bzBuffToBuffCompress(packed, &packed_count, text, sizeof text, 9, 0, 0) != BZ_OK ||
        BZ2_bzBuffToBuffDecompress(unpacked, &count, packed, packed_count, 0, 0) != BZ_OK) {
      __builtin_trap();
    }
    hash = hash_bytes(hash_bytes(hash, packed, packed_count), unpacked, count);
  }
  return (int)hash;
}
