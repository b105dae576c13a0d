// floating.h — binary floating-point formats, for the files of crt/ that compute with their bits.
// Source: IEEE 754-2019, 3.4.

#ifndef NOVA_FLOATING_H
#define NOVA_FLOATING_H

#include "internal.h"

typedef unsigned __int128 uint128;

// The bits of a significand, the exponents of the last bit of the smallest numbers and of the first
// bit of the largest.
struct nova_format {
  int32_t precision, exponent_least, exponent_most;
};
#define NOVA_BINARY64 {53, -1074, 1023}
#define NOVA_BINARY32 {24, -149, 127}
#define NOVA_BINARY16 {11, -24, 15}

// The bits, without the sign, of significand × 2^exponent rounded to a format, to nearest, ties to
// even; significand < 2^127.
uint64_t nova_put_together(uint128 significand, int32_t exponent, struct nova_format format);

#endif
