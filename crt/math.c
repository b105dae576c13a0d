// math.c — the functions of C's mathematics library that Swift's standard library refers to.
// Computed on the bits with integers, so that each result is the same on every CPU and correctly
// rounded (to nearest, ties to even). An operand that is not a number is returned quiet, the first
// one if there are several; an invalid operation gives the positive quiet NaN. No floating-point
// exception is signalled. In 64-bit arithmetic a float's operation is exact, but for fmaf's.
// Source: ISO C23 7.12 and annex F.10; IEEE 754-2019, 5.3.1, 5.4.1, 6.2.

#if NOVA_FREESTANDING

#include "floating.h"

double floor(double), ceil(double), trunc(double), round(double), rint(double);
double nearbyint(double), roundeven(double), sqrt(double);
double fmod(double, double), remainder(double, double), fma(double, double, double);
float floorf(float), ceilf(float), truncf(float), roundf(float), rintf(float);
float nearbyintf(float), roundevenf(float), sqrtf(float);
float fmodf(float, float), remainderf(float, float), fmaf(float, float, float);

#define SIGN ((uint64_t)1 << 63)
#define INFINITE ((uint64_t)0x7ff << 52)
#define QUIET ((uint64_t)1 << 51)
#define HIDDEN ((uint64_t)1 << 52) // the fraction's bit that normal numbers do not store

enum {
  BIAS = 1023,
  FRACTION_BITS = 52,
  EXPONENT_LEAST = -1074, // of the last bit of the smallest numbers
  STEP_BITS = 11,         // a remainder of 53 bits has room for so many more in a word
};

static inline uint64_t bits_of(double value) { return __builtin_bit_cast(uint64_t, value); }
static inline double from_bits(uint64_t bits) { return __builtin_bit_cast(double, bits); }

static inline bool is_nan(double value) { return value != value; }

// Between the formats the bits of a NaN go by hand: conversions differ between CPUs.
static double widen(float value) {
  const uint32_t bits = __builtin_bit_cast(uint32_t, value);
  if (value == value)
    return (double)value;
  return from_bits((uint64_t)(bits & 0x80000000u) << 32 | INFINITE |
                   (uint64_t)(bits & 0x7fffffu) << 29);
}

static float narrow(double value) {
  const uint64_t bits = bits_of(value);
  if (value == value)
    return (float)value;
  return __builtin_bit_cast(float, (uint32_t)(bits >> 32 & 0x80000000u) | 0x7f800000u |
                                       (uint32_t)(bits >> 29 & 0x7fffffu));
}

// What an operation without a number for its result returns.
static double not_a_number(double first, double second, double third) {
  if (is_nan(first))
    return from_bits(bits_of(first) | QUIET);
  if (is_nan(second))
    return from_bits(bits_of(second) | QUIET);
  if (is_nan(third))
    return from_bits(bits_of(third) | QUIET);
  return from_bits(INFINITE | QUIET);
}

// ---- To whole numbers ---------------------------------------------------------------------------

enum rounding { DOWN, UP, TO_ZERO, TO_NEAREST_AWAY, TO_NEAREST_EVEN };

static double to_whole(double value, enum rounding rounding) {
  const uint64_t bits = bits_of(value), magnitude = bits & ~SIGN;
  const bool negative = bits >> 63;
  const int32_t exponent = (int32_t)(magnitude >> FRACTION_BITS) - BIAS;
  if (exponent >= FRACTION_BITS)
    return is_nan(value) ? not_a_number(value, 0, 0) : value;
  if (magnitude == 0)
    return value;
  // Below 1 all bits are fraction: `unit` is 1, `kept` 0, and the tie is at 0.5.
  const bool whole = exponent >= 0;
  const uint64_t unit = whole ? HIDDEN >> exponent : bits_of(1.0);
  const uint64_t rest = whole ? magnitude & (unit - 1) : magnitude;
  const uint64_t tie = whole ? unit >> 1 : bits_of(0.5);
  const uint64_t kept = magnitude - rest;
  if (rest == 0)
    return value;
  const bool odd = whole && (kept & unit); // of 1.0 it is the exponent's lowest bit: also set
  const bool away = rounding == DOWN              ? negative
                    : rounding == UP              ? !negative
                    : rounding == TO_NEAREST_AWAY ? rest >= tie
                    : rounding == TO_NEAREST_EVEN ? rest > tie || (rest == tie && odd)
                                                  : false;
  return from_bits((bits & SIGN) | (kept + (away ? unit : 0))); // a carry raises the exponent
}

double floor(double value) { return to_whole(value, DOWN); }
double ceil(double value) { return to_whole(value, UP); }
double trunc(double value) { return to_whole(value, TO_ZERO); }
double round(double value) { return to_whole(value, TO_NEAREST_AWAY); }
double rint(double value) { return to_whole(value, TO_NEAREST_EVEN); }
double nearbyint(double value) { return to_whole(value, TO_NEAREST_EVEN); }
double roundeven(double value) { return to_whole(value, TO_NEAREST_EVEN); }

float floorf(float value) { return narrow(to_whole(widen(value), DOWN)); }
float ceilf(float value) { return narrow(to_whole(widen(value), UP)); }
float truncf(float value) { return narrow(to_whole(widen(value), TO_ZERO)); }
float roundf(float value) { return narrow(to_whole(widen(value), TO_NEAREST_AWAY)); }
float rintf(float value) { return narrow(to_whole(widen(value), TO_NEAREST_EVEN)); }
float nearbyintf(float value) { return narrow(to_whole(widen(value), TO_NEAREST_EVEN)); }
float roundevenf(float value) { return narrow(to_whole(widen(value), TO_NEAREST_EVEN)); }

// ---- Square root: every CPU's baseline has an instruction, correctly rounded --------------------

double sqrt(double value) {
  return value >= 0 ? __builtin_elementwise_sqrt(value) : not_a_number(value, 0, 0);
}

float sqrtf(float value) {
  return value >= 0 ? __builtin_elementwise_sqrt(value) : narrow(not_a_number(widen(value), 0, 0));
}

// ---- Numbers taken apart ------------------------------------------------------------------------

// |value| = significand × 2^exponent, 2^52 ≤ significand < 2^53. Finite and not zero.
struct parts {
  uint64_t significand;
  int32_t exponent;
  bool negative;
};

static struct parts take_apart(double value) {
  const uint64_t bits = bits_of(value), fraction = bits & (HIDDEN - 1);
  const int32_t exponent = (int32_t)(bits >> FRACTION_BITS & 0x7ff);
  if (exponent != 0)
    return (struct parts){fraction | HIDDEN, exponent - 1 + EXPONENT_LEAST, bits >> 63};
  const int32_t shift = __builtin_clzll(fraction) - (63 - FRACTION_BITS);
  return (struct parts){fraction << shift, EXPONENT_LEAST - shift, bits >> 63};
}

static const struct nova_format binary64 = NOVA_BINARY64, binary32 = NOVA_BINARY32;

uint64_t nova_put_together(uint128 significand, int32_t exponent, struct nova_format format) {
  if (significand == 0)
    return 0;
  const uint64_t high = (uint64_t)(significand >> 64);
  const int32_t width =
      high ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll((uint64_t)significand);
  const uint64_t infinite = (uint64_t)(2 * format.exponent_most + 1) << (format.precision - 1);
  if (exponent + width - 1 > format.exponent_most)
    return infinite;
  int32_t shift = width - format.precision;
  if (exponent + shift < format.exponent_least)
    shift = format.exponent_least - exponent;
  if (shift > 127) // below half of the smallest number
    return 0;
  uint64_t kept = (uint64_t)(shift > 0 ? significand >> shift : significand << -shift);
  if (shift > 0) {
    const uint128 tie = (uint128)1 << (shift - 1), rest = significand & (2 * tie - 1);
    kept += rest > tie || (rest == tie && (kept & 1));
  }
  // The first bit of `kept`, where it is a normal number's, adds 1 to the exponent's field.
  return ((uint64_t)(exponent + shift - format.exponent_least) << (format.precision - 1)) + kept;
}

// ---- Remainders ---------------------------------------------------------------------------------

// |dividend| - n × |divisor|, exact, with n rounded to zero or, `nearest`, to the nearest integer,
// ties to even; the sign is the dividend's times the difference's.
static double remainder_of(double dividend, double divisor, bool nearest) {
  const uint64_t divisor_magnitude = bits_of(divisor) & ~SIGN;
  const uint64_t dividend_magnitude = bits_of(dividend) & ~SIGN;
  if (is_nan(dividend) || is_nan(divisor) || dividend_magnitude == INFINITE ||
      divisor_magnitude == 0)
    return not_a_number(dividend, divisor, 0);
  if (dividend_magnitude == 0 || divisor_magnitude == INFINITE)
    return dividend;
  const struct parts x = take_apart(dividend);
  struct parts y = take_apart(divisor);
  int32_t distance = x.exponent - y.exponent;
  if (distance < -1) // below half of the divisor
    return dividend;
  if (distance < 0) { // below the divisor
    y.significand <<= 1;
    y.exponent--;
    distance = 0;
  }
  bool odd = x.significand >= y.significand;
  uint64_t rest = odd ? x.significand - y.significand : x.significand;
  while (distance > 0) {
    const int32_t step = distance < STEP_BITS ? distance : STEP_BITS;
    rest <<= step;
    odd = rest / y.significand & 1;
    rest %= y.significand;
    distance -= step;
  }
  bool negative = x.negative;
  if (nearest && (2 * rest > y.significand || (2 * rest == y.significand && odd))) {
    rest = y.significand - rest;
    negative = !negative;
  }
  return from_bits(nova_put_together(rest, y.exponent, binary64) | (negative ? SIGN : 0));
}

double fmod(double dividend, double divisor) { return remainder_of(dividend, divisor, false); }
double remainder(double dividend, double divisor) { return remainder_of(dividend, divisor, true); }

float fmodf(float dividend, float divisor) {
  return narrow(remainder_of(widen(dividend), widen(divisor), false));
}

float remainderf(float dividend, float divisor) {
  return narrow(remainder_of(widen(dividend), widen(divisor), true));
}

// ---- Product and sum, rounded once --------------------------------------------------------------

// Shifts to the right; the last bit remembers whether a bit that is not 0 was lost.
static uint128 shift_sticky(uint128 value, int32_t shift) {
  if (shift > 127)
    return 1;
  const uint128 shifted = value >> shift;
  return shifted | (shifted << shift != value);
}

// left × right + addend, all finite and not zero, in the bits of a format.
static uint64_t multiply_add(double left, double right, double addend, struct nova_format format) {
  const struct parts x = take_apart(left), y = take_apart(right), z = take_apart(addend);
  // Both below 2^126, so that their sum fits, with room on the right: whoever is shifted beyond it
  // is so small that the sum loses no more than its first bit, and a sticky bit rounds it rightly.
  uint128 product = (uint128)x.significand * y.significand << 20;
  uint128 sum = (uint128)z.significand << 72;
  int32_t exponent = x.exponent + y.exponent - 20;
  const int32_t distance = exponent - (z.exponent - 72);
  if (distance >= 0)
    sum = shift_sticky(sum, distance);
  else {
    product = shift_sticky(product, -distance);
    exponent = z.exponent - 72;
  }
  bool negative = x.negative != y.negative;
  if (negative == z.negative)
    sum += product;
  else if (product >= sum)
    sum = product - sum;
  else {
    sum -= product;
    negative = z.negative;
  }
  const uint64_t sign = (uint64_t)1 << (format.precision == binary64.precision ? 63 : 31);
  return nova_put_together(sum, exponent, format) | (negative && sum != 0 ? sign : 0);
}

static inline bool is_plain(double value) { // finite and not zero
  return (bits_of(value) & ~SIGN) - 1 < INFINITE - 1;
}

double fma(double left, double right, double addend) {
  if (is_plain(left) && is_plain(right)) {
    if (is_plain(addend))
      return from_bits(multiply_add(left, right, addend, binary64));
    if (addend == 0)
      return left * right; // not + 0: a product that vanishes keeps its sign
    return is_nan(addend) ? not_a_number(addend, 0, 0) : addend;
  }
  const double product = left * right; // exact: zero, infinite or not a number
  const double sum = product + addend;
  return is_nan(sum) ? not_a_number(left, right, addend) : sum;
}

float fmaf(float left, float right, float addend) {
  const double x = widen(left), y = widen(right), z = widen(addend);
  if (is_plain(x) && is_plain(y) && is_plain(z))
    return __builtin_bit_cast(float, (uint32_t)multiply_add(x, y, z, binary32));
  return narrow(fma(x, y, z)); // the product of two floats is exact in a double
}

#endif
