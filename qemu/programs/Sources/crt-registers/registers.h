// registers.h — what the assembly of each CPU stores and the report reads.

#ifndef REGISTERS_H
#define REGISTERS_H

#include "crt_checks.h"

enum { GENERAL_COUNT = 40, VECTOR_BYTE_COUNT = 16384 };

// Stored by `main`, before anything else: general registers and flags, with 0 in place of those
// that have a value by contract; then every vector, mask and floating-point register.
extern uint64_t crt_general[GENERAL_COUNT];
extern uint8_t crt_vectors[VECTOR_BYTE_COUNT];
// Kinds of registers that crt_vectors holds, a bit each, by CPU.
extern uint64_t crt_kinds;
// Floating-point control, where its value is not zero by contract.
extern uint64_t crt_control;

// Fills every register that this CPU lets it fill.
void crt_dirty_registers(void);
// Called by `main` with all stored; returns the exit status.
int crt_report(void);

#endif
