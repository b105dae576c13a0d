// initialised.c — no leak: an initialiser sets a variable and prints, the same in every run.

#include "leak.h"

[[gnu::constructor]] static void initialise(void) {
  leaked = 0x5a;
  nova_print("ready\n", 6);
  nova_flush();
}
