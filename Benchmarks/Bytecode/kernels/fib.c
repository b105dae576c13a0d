// fib.c — the Fibonacci numbers by two real calls each.

#include "common.h"
__attribute__((noinline, disable_tail_calls)) i32 fib(i32 n) {
  if (n < 2)
    return n;
  return fib(n - 1) + fib(n - 2);
}
ENTRY i32 run(i32 n) { return fib(n); }
