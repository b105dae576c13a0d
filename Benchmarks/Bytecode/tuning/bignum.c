// bignum.c — digits of e and a factorial in numbers of 32-bit limbs.
#include "../kernels/common.h"
static u32 limbs[256], digits[512];
static u32 times(u32 *a, u32 n, u32 factor) {
  u64 carry = 0;
  for (u32 i = 0; i < n; i++) {
    carry += (u64)a[i] * factor;
    a[i] = (u32)carry;
    carry >>= 32;
  }
  if (carry)
    a[n++] = (u32)carry;
  return n;
}
static u32 remainder_of(u32 *a, u32 n, u32 divisor) {
  u64 rest = 0;
  for (u32 i = n; i-- > 0;) {
    rest = rest << 32 | a[i];
    a[i] = (u32)(rest / divisor);
    rest %= divisor;
  }
  return (u32)rest;
}
static u32 e_digits(u32 count) {
  u32 n = 400, sum = 0;
  for (u32 i = 0; i < n; i++)
    digits[i] = 1;
  for (u32 k = 0; k < count; k++) {
    u32 carry = 0;
    for (u32 i = n - 1; i > 0; i--) {
      u32 t = digits[i] * 10 + carry;
      carry = t / (i + 1);
      digits[i] = t % (i + 1);
    }
    sum = sum * 31 + carry;
  }
  return sum;
}
ENTRY i32 run(i32 n) {
  u32 sum = 0;
  for (i32 k = 0; k < n; k++) {
    u32 count = 1;
    limbs[0] = 1;
    for (u32 f = 2; f < 220; f++)
      count = times(limbs, count, f + (u32)k % 3);
    while (count) {
      sum = sum * 131 + remainder_of(limbs, count, 1000000007u);
      while (count && !limbs[count - 1])
        count--;
    }
    sum += e_digits(20);
  }
  return (i32)sum;
}
