// sieve.c — the primes below 65,536, n times.

#include "common.h"
#define SZ 65536
static u8 flags[SZ];
ENTRY i32 run(i32 n) {
  i32 count = 0;
  for (i32 it = 0; it < n; it++) {
    count = 0;
    for (i32 i = 0; i < SZ; i++)
      flags[i] = 1;
    for (i32 i = 2; i < SZ; i++) {
      if (flags[i]) {
        for (i32 k = i + i; k < SZ; k += i)
          flags[k] = 0;
        count++;
      }
    }
  }
  return count;
}
