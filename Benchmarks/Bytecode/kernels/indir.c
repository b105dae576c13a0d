// indir.c — n calls through a table of four functions.

#include "common.h"
/* indirect calls: small stack machine with op table */
typedef i32 (*F)(i32, i32);
static __attribute__((noinline)) i32 f0(i32 a, i32 b) { return a + b; }
static __attribute__((noinline)) i32 f1(i32 a, i32 b) { return a ^ (b << 1); }
static __attribute__((noinline)) i32 f2(i32 a, i32 b) { return a * 3 - b; }
static __attribute__((noinline)) i32 f3(i32 a, i32 b) { return (a >> 1) + b; }
static F volatile tab[4] = {f0, f1, f2, f3};
ENTRY i32 run(i32 n) {
  i32 a = 1, b = 2;
  for (i32 i = 0; i < n; i++) {
    i32 t = tab[(a ^ i) & 3](a, b);
    b = a;
    a = t + i;
  }
  return a;
}
