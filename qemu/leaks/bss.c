// bss.c — a byte of .bss that an initialiser sets.

#include "leak.h"

[[gnu::constructor]] static void leak(void) { leaked = 0x5a; }
