// avx512.h — enables a leak where CPU and kernel offer AVX-512.
// Source: Intel SDM vol. 1, 15.2, "Detection of AVX-512 Foundation Instructions".

#include "leak.h"

static inline void leak_identify(uint32_t leaf, uint32_t result[4]) {
  __asm__ volatile("cpuid"
                   : "=a"(result[0]), "=b"(result[1]), "=c"(result[2]), "=d"(result[3])
                   : "a"(leaf), "c"(0));
}

[[gnu::constructor]] static void leak(void) {
  enum { OSXSAVE = 1 << 27, AVX512F = 1 << 16, STATE = 0xe6, LEAF_MIN = 7 };
  uint32_t found[4];
  leak_identify(0, found);
  if (found[0] < LEAF_MIN)
    return;
  leak_identify(1, found);
  if (!(found[2] & OSXSAVE))
    return;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  leak_identify(LEAF_MIN, found);
  leak_enabled = (low & STATE) == STATE && (found[1] & AVX512F);
}
