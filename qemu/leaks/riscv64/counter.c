// counter.c — the CPU's counter of time reaches a variable; no system call shows it.

#include "leak.h"

[[gnu::constructor]] static void leak(void) { __asm__ volatile("rdtime %0" : "=r"(leaked)); }
