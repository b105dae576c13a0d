// calls.h — crt/math.c's functions under names for which the compiler knows no instruction.

#define UNARY(name)                                                                                \
  double call_##name(double value);                                                                \
  float call_##name##f(float value);
#define BINARY(name)                                                                               \
  double call_##name(double left, double right);                                                   \
  float call_##name##f(float left, float right);

UNARY(floor)
UNARY(ceil)
UNARY(trunc)
UNARY(round)
UNARY(rint)
UNARY(nearbyint)
UNARY(roundeven)
UNARY(sqrt)
BINARY(fmod)
BINARY(remainder)
double call_fma(double left, double right, double addend);
float call_fmaf(float left, float right, float addend);
