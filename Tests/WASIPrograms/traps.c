// traps.c — traps in the way that its first argument names, each on a line of its own.

#include <stdio.h>

__attribute__((noinline)) static int divide(volatile int *by) {
  return 7 / *by;
}

__attribute__((noinline)) static int reach(volatile int *far) {
  int sum = 1;
  sum += far[1 << 28];
  return sum;
}

__attribute__((noinline)) static int give_up(volatile int *flag) {
  *flag = 1;
  __builtin_trap();
}

int main(int argc, char **argv) {
  volatile int zero = argc - 2;
  printf("%d argument\n", argc - 1);
  fflush(stdout);
  switch (argv[1][0]) {
  case 'd':
    return divide(&zero);
  case 'r':
    return reach(&zero);
  default:
    return give_up(&zero);
  }
}
