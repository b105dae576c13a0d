// builtins.c — what the compiler calls where the CPU has no instruction: 128-bit integers, half
// floats.
// The freestanding targets come without compiler-rt. Weak: a program may bring its own.
// Source: Knuth, TAOCP vol. 2, 4.3.1, algorithm D; IEEE 754-2019, 3.4 and 4.3.

#if NOVA_FREESTANDING

#include "internal.h"

typedef __int128 int128;
typedef unsigned __int128 uint128;

int128 __divti3(int128 dividend, int128 divisor);
int128 __modti3(int128 dividend, int128 divisor);
uint128 __udivti3(uint128 dividend, uint128 divisor);
uint128 __umodti3(uint128 dividend, uint128 divisor);
int128 __multi3(int128 left, int128 right);
int128 __muloti4(int128 left, int128 right, int *overflow);
int128 __ashlti3(int128 value, int32_t count);
int128 __ashrti3(int128 value, int32_t count);
uint128 __lshrti3(uint128 value, int32_t count);
double __floatuntidf(uint128 value);
double __floattidf(int128 value);
float __floatuntisf(uint128 value);
float __floattisf(int128 value);
uint128 __fixunsdfti(double value);
int128 __fixdfti(double value);
uint128 __fixunssfti(float value);
int128 __fixsfti(float value);
float __extendhfsf2(_Float16 value);
_Float16 __truncdfhf2(double value);
_Float16 __truncsfhf2(float value);

static uint64_t high_word(uint128 value) { return (uint64_t)(value >> 64); }
static uint128 magnitude(int128 value) { return value < 0 ? -(uint128)value : (uint128)value; }

// ---- Division --------------------------------------------------------------------------------

// Divides high:low by a divisor above `high`, in two digits of 32 bits; the quotient fits a word.
static uint64_t divide_words(uint64_t high, uint64_t low, uint64_t divisor, uint64_t *remainder) {
  const uint32_t shift = (uint32_t)__builtin_clzll(divisor);
  const uint64_t mask = 0xffffffff;
  divisor <<= shift; // the top bit set: an estimated digit is at most 2 too large
  uint128 rest = ((uint128)high << 64 | low) << shift;
  uint64_t quotient = 0;
  for (uint32_t position = 32;; position -= 32) {
    const uint64_t top = (uint64_t)(rest >> (32 + position));
    uint64_t digit = top / (divisor >> 32);
    if (digit > mask)
      digit = mask;
    while ((uint128)digit * divisor > rest >> position)
      digit--;
    rest -= ((uint128)digit * divisor) << position;
    quotient = quotient << 32 | digit;
    if (position == 0)
      break;
  }
  *remainder = (uint64_t)rest >> shift;
  return quotient;
}

static uint128 divide(uint128 dividend, uint128 divisor, uint128 *remainder) {
  const uint64_t divisor_high = high_word(divisor);
  if (divisor_high == 0) {
    const uint64_t word = (uint64_t)divisor;
    const uint64_t first = high_word(dividend) / word;
    uint64_t rest = high_word(dividend) % word;
    const uint64_t second = divide_words(rest, (uint64_t)dividend, word, &rest);
    *remainder = rest;
    return (uint128)first << 64 | second;
  }
  // The quotient fits a word: estimate it from the top words, at most 1 too large.
  const uint32_t shift = (uint32_t)__builtin_clzll(divisor_high);
  const uint128 half = dividend >> 1;
  uint64_t unused;
  const uint64_t estimate =
      divide_words(high_word(half), (uint64_t)half, high_word(divisor << shift), &unused);
  uint128 quotient = (uint128)estimate << shift >> 63;
  if (quotient > 0)
    quotient--;
  uint128 rest = dividend - quotient * divisor;
  if (rest >= divisor) {
    quotient++;
    rest -= divisor;
  }
  *remainder = rest;
  return quotient;
}

[[gnu::weak]] uint128 __udivti3(uint128 dividend, uint128 divisor) {
  uint128 remainder;
  return divide(dividend, divisor, &remainder);
}

[[gnu::weak]] uint128 __umodti3(uint128 dividend, uint128 divisor) {
  uint128 remainder;
  divide(dividend, divisor, &remainder);
  return remainder;
}

[[gnu::weak]] int128 __divti3(int128 dividend, int128 divisor) {
  uint128 remainder;
  const uint128 quotient = divide(magnitude(dividend), magnitude(divisor), &remainder);
  return (int128)((dividend < 0) != (divisor < 0) ? -quotient : quotient);
}

[[gnu::weak]] int128 __modti3(int128 dividend, int128 divisor) {
  uint128 remainder;
  divide(magnitude(dividend), magnitude(divisor), &remainder);
  return (int128)(dividend < 0 ? -remainder : remainder); // the dividend's sign
}

// ---- Shifts by 0 … 127, where code is compiled for size: in words, not to call themselves

static uint128 from_words(uint64_t high, uint64_t low) { return (uint128)high << 64 | low; }

[[gnu::weak]] int128 __ashlti3(int128 value, int32_t count) {
  const uint64_t low = (uint64_t)value, high = (uint64_t)(value >> 64);
  if (count >= 64)
    return (int128)from_words(low << (count - 64), 0);
  if (count == 0)
    return value;
  return (int128)from_words(high << count | low >> (64 - count), low << count);
}

[[gnu::weak]] uint128 __lshrti3(uint128 value, int32_t count) {
  const uint64_t low = (uint64_t)value, high = (uint64_t)(value >> 64);
  if (count >= 64)
    return from_words(0, high >> (count - 64));
  if (count == 0)
    return value;
  return from_words(high >> count, low >> count | high << (64 - count));
}

[[gnu::weak]] int128 __ashrti3(int128 value, int32_t count) {
  const uint128 sign = value < 0 ? ~(uint128)0 : 0; // the complement shifts zeros in
  return (int128)(__lshrti3((uint128)value ^ sign, count) ^ sign);
}

// ---- Multiplication --------------------------------------------------------------------------

// The product modulo 2^128, from products of words so that the compiler does not call back here.
static uint128 multiply(uint128 left, uint128 right) {
  const uint64_t cross =
      high_word(left) * (uint64_t)right + (uint64_t)left * high_word(right); // modulo 2^64
  return (uint128)(uint64_t)left * (uint64_t)right + ((uint128)cross << 64);
}

[[gnu::weak]] int128 __multi3(int128 left, int128 right) {
  return (int128)multiply((uint128)left, (uint128)right);
}

[[gnu::weak]] int128 __muloti4(int128 left, int128 right, int *overflow) {
  const uint128 product = multiply((uint128)left, (uint128)right);
  const uint128 a = magnitude(left), b = magnitude(right);
  const bool negative = (left < 0) != (right < 0);
  const uint128 limit = ((uint128)1 << 127) - 1 + negative; // the largest magnitude that fits
  uint128 remainder;
  *overflow = b != 0 && a > divide(limit, b, &remainder);
  return (int128)product;
}

// ---- Conversion ------------------------------------------------------------------------------

// 2^exponent, for exponents of normal numbers.
static double power_of_two(uint32_t exponent) {
  const union {
    uint64_t bits;
    double value;
  } power = {(uint64_t)(1023 + exponent) << 52};
  return power.value;
}

// The top 64 bits of `value`, the lowest also set when anything was cut off, so that one rounding
// of it rounds `value`; `shift` is how many bits were cut.
static uint64_t top_word(uint128 value, uint32_t *shift) {
  *shift = high_word(value) == 0 ? 0 : 64 - (uint32_t)__builtin_clzll(high_word(value));
  const uint128 lost = value & (((uint128)1 << *shift) - 1);
  return (uint64_t)(value >> *shift) | (lost != 0);
}

[[gnu::weak]] double __floatuntidf(uint128 value) {
  uint32_t shift;
  const uint64_t top = top_word(value, &shift);
  return (double)top * power_of_two(shift);
}

[[gnu::weak]] double __floattidf(int128 value) {
  const double result = __floatuntidf(magnitude(value));
  return value < 0 ? -result : result;
}

[[gnu::weak]] float __floatuntisf(uint128 value) {
  uint32_t shift;
  const uint64_t top = top_word(value, &shift);
  return (float)top * (float)power_of_two(shift);
}

[[gnu::weak]] float __floattisf(int128 value) {
  const float result = __floatuntisf(magnitude(value));
  return value < 0 ? -result : result;
}

// Toward zero; what does not fit is undefined in C, and checked by Swift before.
[[gnu::weak]] uint128 __fixunsdfti(double value) {
  if (value < 0x1p64)
    return value < 1 ? 0 : (uint64_t)value;
  const union {
    double value;
    uint64_t bits;
  } pun = {value};
  const uint64_t fraction = (pun.bits & 0xfffffffffffff) | 0x10000000000000;
  return (uint128)fraction << ((pun.bits >> 52 & 0x7ff) - 1075);
}

[[gnu::weak]] int128 __fixdfti(double value) {
  return value < 0 ? (int128)-__fixunsdfti(-value) : (int128)__fixunsdfti(value);
}

[[gnu::weak]] uint128 __fixunssfti(float value) { return __fixunsdfti((double)value); }
[[gnu::weak]] int128 __fixsfti(float value) { return __fixdfti((double)value); }

// ---- Half floats: 1 sign bit, 5 exponent bits, 10 fraction bits --------------------------------

[[gnu::weak]] float __extendhfsf2(_Float16 value) {
  const union {
    _Float16 value;
    uint16_t bits;
  } half = {value};
  const uint32_t exponent = half.bits >> 10 & 0x1f, fraction = half.bits & 0x3ff;
  union {
    float value;
    uint32_t bits;
  } result;
  if (exponent == 0x1f) // infinity, or a number that is none, quiet
    result.bits = 0x7f800000u | fraction << 13 | (fraction != 0 ? 0x400000u : 0);
  else if (exponent == 0)
    result.value = (float)fraction * 0x1p-24f;
  else
    result.bits = (exponent + 112) << 23 | fraction << 13;
  result.bits |= (uint32_t)(half.bits & 0x8000) << 16;
  return result.value;
}

// To nearest, ties to even.
[[gnu::weak]] _Float16 __truncdfhf2(double value) {
  const union {
    double value;
    uint64_t bits;
  } wide = {value};
  const uint64_t fraction = wide.bits & 0xfffffffffffff;
  const int32_t exponent = (int32_t)(wide.bits >> 52 & 0x7ff) - 1008; // the half float's
  union {
    uint16_t bits;
    _Float16 value;
  } half;
  if (exponent == 0x7ff - 1008) // infinity, or a number that is none, quiet
    half.bits = (uint16_t)(0x7c00 | (fraction != 0 ? 0x200 | fraction >> 42 : 0));
  else if (exponent > 30)
    half.bits = 0x7c00;
  else if (exponent < -10) // below half of the smallest
    half.bits = 0;
  else {
    const uint32_t shift = exponent > 0 ? 42 : (uint32_t)(43 - exponent);
    const uint64_t whole = exponent > 0 ? fraction | (uint64_t)exponent << 52
                                        : fraction | 0x10000000000000;
    const uint64_t tie = (uint64_t)1 << (shift - 1), rest = whole & (2 * tie - 1);
    const uint64_t kept = whole >> shift;
    half.bits = (uint16_t)(kept + (rest > tie || (rest == tie && (kept & 1)))); // may carry to 2^n
  }
  half.bits |= (uint16_t)(wide.bits >> 48 & 0x8000);
  return half.value;
}

[[gnu::weak]] _Float16 __truncsfhf2(float value) { return __truncdfhf2((double)value); }

#endif
