// calls.c — calls each of crt/math.c's functions; -fno-builtin keeps them calls.

#include "calls.h"

#define FORWARD_UNARY(type, name)                                                                  \
  type name(type value);                                                                           \
  type call_##name(type value) { return name(value); }
#define FORWARD_BINARY(type, name)                                                                 \
  type name(type left, type right);                                                                \
  type call_##name(type left, type right) { return name(left, right); }
#define FORWARD_TERNARY(type, name)                                                                \
  type name(type left, type right, type addend);                                                   \
  type call_##name(type left, type right, type addend) { return name(left, right, addend); }

FORWARD_UNARY(double, floor)
FORWARD_UNARY(double, ceil)
FORWARD_UNARY(double, trunc)
FORWARD_UNARY(double, round)
FORWARD_UNARY(double, rint)
FORWARD_UNARY(double, nearbyint)
FORWARD_UNARY(double, roundeven)
FORWARD_UNARY(double, sqrt)
FORWARD_BINARY(double, fmod)
FORWARD_BINARY(double, remainder)
FORWARD_TERNARY(double, fma)

FORWARD_UNARY(float, floorf)
FORWARD_UNARY(float, ceilf)
FORWARD_UNARY(float, truncf)
FORWARD_UNARY(float, roundf)
FORWARD_UNARY(float, rintf)
FORWARD_UNARY(float, nearbyintf)
FORWARD_UNARY(float, roundevenf)
FORWARD_UNARY(float, sqrtf)
FORWARD_BINARY(float, fmodf)
FORWARD_BINARY(float, remainderf)
FORWARD_TERNARY(float, fmaf)
