// brotli.c — libbrotli packs and unpacks text.

#include <brotli/decode.h>
#include <brotli/encode.h>

#include "text.h"

enum { TEXT_BYTE_COUNT = 200000, PACKED_BYTE_COUNT = 210000 };
static char text[TEXT_BYTE_COUNT], packed[PACKED_BYTE_COUNT], unpacked[TEXT_BYTE_COUNT];

ENTRY int run(int rounds) {
  uint32_t hash = 0;
  for (int round = 0; round < rounds; round++) {
    fill_with_text(text, sizeof text, (uint32_t)round);
    size_t packed_count = sizeof packed;
    size_t count = sizeof unpacked;
    if (!BrotliEncoderCompress(5, 18, BROTLI_MODE_TEXT, sizeof text, (uint8_t *)text, &packed_count,
                               (uint8_t *)packed) ||
        BrotliDecoderDecompress(packed_count, (uint8_t *)packed, &count, (uint8_t *)unpacked) !=
            BROTLI_DECODER_RESULT_SUCCESS) {
      __builtin_trap();
    }
    hash = hash_bytes(hash, unpacked, count);
  }
  return (int)hash;
}
