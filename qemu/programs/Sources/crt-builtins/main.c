// main.c — 128-bit integers, their conversions, half floats and wide atomics against slow models.
// Random values: the seed is printed; the first argument is another.

#include "crt_checks.h"

typedef __int128 int128;
typedef unsigned __int128 uint128;

enum { ROUND_COUNT = 20000 };

static uint64_t state;

static uint64_t word(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

// Of any length up to 128 bits, so that quotients of all sizes come up.
static uint128 wide(void) {
  const uint128 value = (uint128)word() << 64 | word();
  return value >> (word() % 128);
}

// One bit at a time.
static uint128 model_divide(uint128 dividend, uint128 divisor, uint128 *remainder) {
  uint128 quotient = 0, rest = 0;
  for (int32_t bit = 127; bit >= 0; bit--) {
    const bool carry = rest >> 127;
    rest = rest << 1 | (dividend >> bit & 1);
    quotient <<= 1;
    if (carry || rest >= divisor) {
      rest -= divisor;
      quotient |= 1;
    }
  }
  *remainder = rest;
  return quotient;
}

static void check_division(void) {
  bool is_unsigned_right = true, is_signed_right = true, overflow_right = true;
  for (uint32_t i = 0; i < ROUND_COUNT; i++) {
    volatile uint128 a = wide(), b = wide() | 1;
    uint128 remainder;
    const uint128 quotient = model_divide(a, b, &remainder);
    is_unsigned_right &= a / b == quotient && a % b == remainder;
    const volatile int128 c = (int128)a, d = (int128)(word() % 2 ? b : -b);
    const uint128 size_c = c < 0 ? -(uint128)c : (uint128)c;
    const uint128 size_d = d < 0 ? -(uint128)d : (uint128)d;
    const uint128 size = model_divide(size_c, size_d, &remainder);
    is_signed_right &= c / d == (int128)((c < 0) != (d < 0) ? -size : size) &&
                       c % d == (int128)(c < 0 ? -remainder : remainder);
    int128 product;
    const bool overflows = __builtin_mul_overflow(c, d, &product);
    const uint128 room = ((uint128)1 << 127) - ((c < 0) == (d < 0));
    overflow_right &= overflows == (size_c > model_divide(room, size_d, &remainder));
  }
  crt_check(is_unsigned_right, "unsigned quotients and remainders");
  crt_check(is_signed_right, "signed quotients and remainders");
  crt_check(overflow_right, "overflow of products");
}

extern int128 __muloti4(int128 left, int128 right, int *overflow);
extern int128 __multi3(int128 left, int128 right);

static void check_products(void) {
  bool product_right = true, flag_right = true;
  for (uint32_t i = 0; i < ROUND_COUNT; i++) {
    const volatile int128 a = (int128)wide(), b = (int128)(word() % 2 ? wide() : -wide());
    int overflow;
    int128 expected;
    const bool overflows = __builtin_mul_overflow(a, b, &expected);
    product_right &= __multi3(a, b) == expected && __muloti4(a, b, &overflow) == expected;
    flag_right &= (overflow != 0) == overflows;
  }
  crt_check(product_right, "products by their helpers");
  crt_check(flag_right, "overflow by its helper");
}

static void check_conversions(void) {
  bool exact = true, rounded = true;
  for (uint32_t i = 0; i < ROUND_COUNT; i++) {
    const uint64_t fraction = word() >> 11; // 53 bits: exact at any scale
    const uint32_t shift = (uint32_t)(word() % 74);
    const volatile uint128 value = (uint128)fraction << shift;
    const volatile double number = (double)value;
    exact &= (uint128)number == value && (int128)-number == -(int128)value;
    const uint64_t bits = fraction | (uint64_t)1 << 52;
    const volatile uint128 tie = ((uint128)bits << 20) | 0x80000; // exactly half: to the even
    rounded &= (double)tie == (double)((uint128)(bits + (bits & 1)) << 20);
    rounded &= (double)(tie + 1) == (double)((uint128)(bits + 1) << 20);
  }
  crt_check(exact, "128-bit integers to double and back");
  crt_check(rounded, "rounding of 128-bit integers to double");
  const volatile uint128 largest = ~(uint128)0;
  crt_check((float)largest == __builtin_inff(),
            "the largest integer is beyond float");
  const volatile int128 minus = -5;
  crt_check((float)minus == -5.0f && (double)minus == -5.0, "a small negative integer");
}

static void check_halves(void) {
  bool round_trip = true, nearest = true;
  for (uint32_t bits = 0; bits < 0x10000; bits++) {
    union {
      uint16_t bits;
      _Float16 value;
    } half = {(uint16_t)bits}, back;
    const volatile float wide_value = (float)half.value;
    back.value = (_Float16)wide_value;
    const bool is_number = (bits & 0x7c00) != 0x7c00 || (bits & 0x3ff) == 0;
    round_trip &= is_number ? back.bits == half.bits : wide_value != wide_value;
    if ((bits & 0x7fff) >= 0x7bff)
      continue;
    // Halfway to the next one: to the even; a little more: to the next.
    union {
      uint16_t bits;
      _Float16 value;
    } next = {(uint16_t)(bits + 1)};
    const volatile double middle = ((double)half.value + (double)next.value) / 2;
    back.value = (_Float16)middle;
    nearest &= back.bits == (bits & 1 ? next.bits : half.bits);
    const volatile double more = middle * (1 + 0x1p-50);
    back.value = (_Float16)more;
    nearest &= back.bits == next.bits;
  }
  crt_check(round_trip, "every half float to float and back");
  crt_check(nearest, "rounding to half floats");
  const volatile double large = 65520, below = 65519;
  crt_check((float)(_Float16)large == __builtin_inff() && (float)(_Float16)below == 65504,
            "the end of the half floats");
}

// Their cost is what is tested here.
#pragma clang diagnostic ignored "-Watomic-alignment"

static void check_atomics(void) {
  static _Atomic uint128 shared;
  __c11_atomic_store(&shared, 5, __ATOMIC_SEQ_CST);
  uint128 expected = 4;
  crt_check(!__c11_atomic_compare_exchange_strong(&shared, &expected, 9, __ATOMIC_SEQ_CST,
                                                  __ATOMIC_SEQ_CST) &&
                expected == 5,
            "a refused exchange says what is there");
  crt_check(__c11_atomic_compare_exchange_strong(&shared, &expected, (uint128)7 << 64,
                                                 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST),
            "an exchange of what was expected");
  crt_check(__c11_atomic_fetch_add(&shared, 3, __ATOMIC_SEQ_CST) == (uint128)7 << 64,
            "addition returns the old value");
  crt_check(__c11_atomic_fetch_sub(&shared, 1, __ATOMIC_SEQ_CST) == ((uint128)7 << 64 | 3),
            "subtraction returns the old value");
  crt_check(__c11_atomic_fetch_or(&shared, 4, __ATOMIC_SEQ_CST) == ((uint128)7 << 64 | 2), "or");
  crt_check(__c11_atomic_fetch_and(&shared, 6, __ATOMIC_SEQ_CST) == ((uint128)7 << 64 | 6), "and");
  crt_check(__c11_atomic_fetch_xor(&shared, 2, __ATOMIC_SEQ_CST) == 6, "exclusive or");
  crt_check(__c11_atomic_exchange(&shared, 1, __ATOMIC_SEQ_CST) == 4, "exchange");
  crt_check(__c11_atomic_load(&shared, __ATOMIC_SEQ_CST) == 1, "load");
}

int main(void) {
  state = 0x2545f4914f6cdd1d;
  if (nova_started()->argument_count > 1) {
    state = 1;
    for (const char *digit = nova_started()->arguments[1]; *digit; digit++)
      state = state * 10 + (uint64_t)(*digit - '0');
  }
  crt_say("# seed", state);
  check_division();
  check_products();
  check_conversions();
  check_halves();
  check_atomics();
  return crt_finish();
}
