// counter.c — the CPU's time stamp reaches a variable; no system call shows it.

#include "leak.h"

[[gnu::constructor]] static void leak(void) { leaked = __builtin_readcyclecounter(); }
