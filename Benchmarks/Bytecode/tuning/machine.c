// machine.c — an interpreter of a small stack machine, which computes primes.
#include "../kernels/common.h"
enum { PUSH, LOAD, STORE, ADD, SUB, MUL, MOD, LESS, JUMP, UNLESS, DUP, DROP, HALT };
static const signed char code[] = {
    PUSH,   2,   STORE, 0,                                     // candidate
    PUSH,   2,   STORE, 1,                                     // 4: divisor
    LOAD,   0,   LOAD,  1,      LOAD, 1,      MUL,   LESS,     // 8: candidate < divisor * divisor
    UNLESS, 27,  LOAD,  2,      PUSH, 1,      ADD,   STORE, 2, // 16: one prime more
    JUMP,   44,                                                // 25
    LOAD,   0,   LOAD,  1,      MOD,  UNLESS, 44,              // 27: divisible
    LOAD,   1,   PUSH,  1,      ADD,  STORE,  1,     JUMP,  8, 0, // 34
    LOAD,   0,   PUSH,  1,      ADD,  DUP,    STORE, 0,           // 44
    PUSH,   100, LESS,  UNLESS, 59,   JUMP,   4,     HALT};       // 52
static i32 stack[64], variables[8];
static __attribute__((noinline)) i32 execute(const signed char *p) {
  i32 *s = stack;
  const signed char *start = p;
  for (;;) {
    switch (*p++) {
    case PUSH:
      *s++ = *p++;
      break;
    case LOAD:
      *s++ = variables[*p++];
      break;
    case STORE:
      variables[*p++] = *--s;
      break;
    case ADD:
      s--;
      s[-1] += s[0];
      break;
    case SUB:
      s--;
      s[-1] -= s[0];
      break;
    case MUL:
      s--;
      s[-1] *= s[0];
      break;
    case MOD:
      s--;
      s[-1] %= s[0];
      break;
    case LESS:
      s--;
      s[-1] = s[-1] < s[0];
      break;
    case JUMP:
      p = start + *p;
      break;
    case UNLESS:
      p = *--s ? p + 1 : start + *p;
      break;
    case DUP:
      s[0] = s[-1];
      s++;
      break;
    case DROP:
      s--;
      break;
    default:
      return variables[2];
    }
  }
}
ENTRY i32 run(i32 n) {
  i32 sum = 0;
  for (i32 k = 0; k < n; k++) {
    variables[2] = 0;
    sum = sum * 3 + execute(code);
  }
  return sum;
}
