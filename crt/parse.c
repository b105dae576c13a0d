// parse.c — floating-point numbers from text, for `Double("1.5")` and its kin.
// The syntax of C's strtod in the C locale, without leading space: decimal, hexadecimal, inf,
// infinity, nan, nan(…) (whose payload is not taken) and snan. Correctly rounded, to nearest, ties
// to even.
// Source: ISO C23 7.24.1.5; Swift's stdlib/public/SwiftShims, RuntimeShims.h.

#if NOVA_FREESTANDING

#include "floating.h"

enum {
  DIGIT_COUNT_MAX = 800,      // more than 768 never decide, but whether one of them is not 0
  LIMB_COUNT = 128,           // 800 digits × 5^400 have 3600 bits; 2^128 × 5^1201, 2920
  DECIMAL_EXPONENT_MAX = 400, // beyond it every format is infinite, below its opposite 0
  QUOTIENT_BITS = 128,        // kept at least when powers of 5 are divided out
  EXPONENT_TEXT_MAX = 1000000,
};

const char *_swift_stdlib_strtod_clocale(const char *text, double *result);
const char *_swift_stdlib_strtof_clocale(const char *text, float *result);
const char *_swift_stdlib_strtof16_clocale(const char *text, _Float16 *result);

// A natural number; the limb of the lowest value first.
struct natural {
  uint32_t limbs[LIMB_COUNT];
  int32_t count;
};

static void multiply(struct natural *number, uint32_t factor, uint32_t addend) {
  uint64_t carry = addend;
  for (int32_t i = 0; i < number->count; i++) {
    carry += (uint64_t)number->limbs[i] * factor;
    number->limbs[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry != 0)
    number->limbs[number->count++] = (uint32_t)carry;
}

// Divides and drops the remainder; true when there was one.
static bool divide(struct natural *number, uint32_t divisor) {
  uint64_t rest = 0;
  for (int32_t i = number->count - 1; i >= 0; i--) {
    rest = rest << 32 | number->limbs[i];
    number->limbs[i] = (uint32_t)(rest / divisor);
    rest %= divisor;
  }
  while (number->count > 0 && number->limbs[number->count - 1] == 0)
    number->count--;
  return rest != 0;
}

// Multiplies by 2^(32 × limb_count).
static void shift_limbs(struct natural *number, int32_t limb_count) {
  for (int32_t i = number->count - 1; i >= 0; i--)
    number->limbs[i + limb_count] = number->limbs[i];
  for (int32_t i = 0; i < limb_count; i++)
    number->limbs[i] = 0;
  number->count += limb_count;
}

// The bits of number × 10^exponent in a format.
static uint64_t scale(struct natural *number, int32_t exponent, struct nova_format format) {
  const uint32_t five_to_13 = 1220703125;
  bool inexact = false;
  int32_t binary_exponent = exponent; // 10^exponent = 5^exponent × 2^exponent
  if (exponent < 0) {
    // 5^n has fewer than 7n/3 + 1 bits: as many in front, and the quotient keeps QUOTIENT_BITS.
    const int32_t wanted = (-exponent * 7 / 3 + 1 + QUOTIENT_BITS) / 32 + 1 - number->count;
    if (wanted > 0) {
      shift_limbs(number, wanted);
      binary_exponent -= 32 * wanted;
    }
    for (; exponent <= -13; exponent += 13)
      inexact |= divide(number, five_to_13);
    for (; exponent < 0; exponent++)
      inexact |= divide(number, 5);
  }
  for (; exponent >= 13; exponent -= 13)
    multiply(number, five_to_13, 0);
  for (; exponent > 0; exponent--)
    multiply(number, 5, 0);

  uint128 top = 0; // the first limbs, up to 96 bits, and whether others follow
  int32_t index = number->count;
  for (int32_t taken = 0; index > 0 && taken < 3; taken++)
    top = top << 32 | number->limbs[--index];
  binary_exponent += 32 * index;
  while (index > 0)
    inexact |= number->limbs[--index] != 0;
  return nova_put_together(top << 1 | inexact, binary_exponent - 1, format);
}

static int32_t digit_value(char character) {
  if (character >= '0' && character <= '9')
    return character - '0';
  const char lower = character | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 16;
}

// Adds what follows `letter` (e or p), where it is an exponent, to *exponent.
static const char *parse_exponent(const char *text, char letter, int32_t *exponent) {
  if ((*text | 0x20) != letter)
    return text;
  const char *next = text + 1;
  const bool negative = *next == '-';
  if (*next == '-' || *next == '+')
    next++;
  if (digit_value(*next) > 9)
    return text;
  int32_t value = 0;
  for (; digit_value(*next) <= 9; next++)
    if (value < EXPONENT_TEXT_MAX)
      value = value * 10 + digit_value(*next);
  *exponent += negative ? -value : value;
  return next;
}

// Digits with at most one point, and an exponent.
static const char *parse_decimal(const char *text, struct nova_format format, uint64_t *bits) {
  struct natural number;
  number.count = 0;
  int32_t exponent = 0, digit_count = 0, significant_count = 0;
  bool fraction = false, rest = false;
  const char *next = text;
  for (;; next++) {
    if (*next == '.' && !fraction) {
      fraction = true;
      continue;
    }
    const int32_t digit = digit_value(*next);
    if (digit > 9)
      break;
    digit_count++;
    if (significant_count == DIGIT_COUNT_MAX) {
      rest |= digit != 0;
      exponent += !fraction;
      continue;
    }
    significant_count += significant_count > 0 || digit != 0;
    multiply(&number, 10, (uint32_t)digit);
    exponent -= fraction;
  }
  if (digit_count == 0)
    return text;
  next = parse_exponent(next, 'e', &exponent);
  if (rest) { // a digit behind all others, to be on the right side of a tie
    multiply(&number, 10, 1);
    exponent--;
  }
  const int32_t first = exponent + significant_count; // the first digit is below 10^first
  if (significant_count == 0 || first < -DECIMAL_EXPONENT_MAX)
    *bits = 0;
  else if (first > DECIMAL_EXPONENT_MAX)
    *bits = nova_put_together(1, format.exponent_most + 1, format);
  else
    *bits = scale(&number, exponent, format);
  return next;
}

static const char *parse_hexadecimal(const char *text, struct nova_format format, uint64_t *bits) {
  const int32_t room = 120; // bits of the significand that are kept; the others leave a mark
  uint128 significand = 0;
  int32_t exponent = 0, digit_count = 0;
  bool fraction = false;
  const char *next = text;
  for (;; next++) {
    if (*next == '.' && !fraction) {
      fraction = true;
      continue;
    }
    const int32_t digit = digit_value(*next);
    if (digit > 15)
      break;
    digit_count++;
    if (significand >> (room - 4) != 0) {
      significand |= digit != 0;
      exponent += fraction ? 0 : 4;
    } else {
      significand = significand << 4 | (uint32_t)digit;
      exponent -= fraction ? 4 : 0;
    }
  }
  if (digit_count == 0)
    return text;
  next = parse_exponent(next, 'p', &exponent);
  *bits = nova_put_together(significand, exponent, format);
  return next;
}

// The text behind `word`, in small letters, when `text` begins with it in any; else null.
static const char *skip(const char *text, const char *word) {
  for (; *word != 0; text++, word++)
    if ((*text | 0x20) != *word)
      return nullptr;
  return text;
}

// The bits of the number that `text` begins with, and where it ends: `text` when there is none.
static const char *parse(const char *text, struct nova_format format, uint64_t *bits) {
  const char *start = text + (*text == '-' || *text == '+');
  const uint64_t infinite = nova_put_together(1, format.exponent_most + 1, format);
  const uint64_t quiet = (uint64_t)1 << (format.precision - 2);
  const char *end;
  if ((end = skip(start, "infinity")) || (end = skip(start, "inf")))
    *bits = infinite;
  else if ((end = skip(start, "snan")))
    *bits = infinite | quiet >> 1;
  else if ((end = skip(start, "nan"))) {
    *bits = infinite | quiet;
    const char *close = end;
    if (*close == '(')
      do
        close++;
      while (digit_value(*close) < 16 || ((*close | 0x20) > 'f' && (*close | 0x20) <= 'z') ||
             *close == '_');
    end = *close == ')' ? close + 1 : end;
  } else {
    const bool hexadecimal = start[0] == '0' && (start[1] | 0x20) == 'x';
    end = hexadecimal ? parse_hexadecimal(start + 2, format, bits) : start + 2;
    if (end == start + 2) // `0x` alone is a zero and an x
      end = parse_decimal(start, format, bits);
    if (end == start)
      return text;
  }
  if (*text == '-')
    *bits |= infinite << 1 & ~infinite; // the bit above the exponent's
  return end;
}

const char *_swift_stdlib_strtod_clocale(const char *text, double *result) {
  uint64_t bits = 0;
  const char *const end = parse(text, (struct nova_format)NOVA_BINARY64, &bits);
  *result = __builtin_bit_cast(double, bits);
  return end;
}

const char *_swift_stdlib_strtof_clocale(const char *text, float *result) {
  uint64_t bits = 0;
  const char *const end = parse(text, (struct nova_format)NOVA_BINARY32, &bits);
  *result = __builtin_bit_cast(float, (uint32_t)bits);
  return end;
}

const char *_swift_stdlib_strtof16_clocale(const char *text, _Float16 *result) {
  uint64_t bits = 0;
  const char *const end = parse(text, (struct nova_format)NOVA_BINARY16, &bits);
  *result = __builtin_bit_cast(_Float16, (uint16_t)bits);
  return end;
}

#endif
