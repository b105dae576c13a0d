// report.c — an initialiser that fills the registers, and the count of those that main finds
// filled.

#include "registers.h"

uint64_t crt_general[GENERAL_COUNT];
alignas(64) uint8_t crt_vectors[VECTOR_BYTE_COUNT];
uint64_t crt_kinds, crt_control;

[[gnu::constructor]] static void fill(void) { crt_dirty_registers(); }

int crt_report(void) {
  uint64_t general = 0, vectors = 0;
  for (uint32_t i = 0; i < GENERAL_COUNT; i++)
    general += crt_general[i] != 0;
  for (uint32_t i = 0; i < VECTOR_BYTE_COUNT; i++)
    vectors += crt_vectors[i] != 0;
  crt_say("general", general);
  crt_say("vectors", vectors);
  crt_say("kinds", crt_kinds);
  crt_say("control", crt_control);
  return 0;
}
