// inputs.c — tells what a program could differ by: clocks and random bytes.
// Tests build it with wasi-libc.

#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  struct timespec wall, monotonic;
  unsigned char random[4];
  if (clock_gettime(CLOCK_REALTIME, &wall) != 0 || clock_gettime(CLOCK_MONOTONIC, &monotonic) != 0)
    return 1;
  if (getentropy(random, sizeof random) != 0)
    return 1;
  printf("%lld.%09ld\n", (long long)wall.tv_sec, wall.tv_nsec);
  printf("%lld.%09ld\n", (long long)monotonic.tv_sec, monotonic.tv_nsec);
  printf("%02x%02x%02x%02x\n", random[0], random[1], random[2], random[3]);
  return 0;
}
