// main.c — reports how it was started; the link states its bootstrap (Package.swift).

#include "crt_checks.h"

int main(void) {
  crt_say_start();
  return 0;
}
