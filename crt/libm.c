// libm.c — the functions of the C mathematics library that Swift's standard library refers to.
// Source: ISO C23 7.12.9, annex F.10.6.

#if NOVA_FREESTANDING

double ceil(double value);

// Called where the CPU's baseline has no instruction for it.
double ceil(double value) {
  const double integers = 0x1p52; // from here on every value is whole
  if (!(value > -integers && value < integers))
    return value;
  const double truncated = (double)(long)value;
  return __builtin_copysign(truncated < value ? truncated + 1 : truncated, value);
}

#endif
