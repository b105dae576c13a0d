// loop.c — n steps of a linear congruential generator with one unpredictable branch.

#include "common.h"
ENTRY i32 run(i32 n) {
  u32 x = 1, acc = 0;
  for (i32 i = 0; i < n; i++) {
    x = x * 1664525u + 1013904223u;
    if ((x >> 16) & 1)
      acc += x >> 8;
    else
      acc ^= x;
  }
  return (i32)acc;
}
