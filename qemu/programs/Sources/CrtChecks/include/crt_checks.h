// crt_checks.h — how the guests that test crt/ report: lines of "name value", or TAP.

#ifndef CRT_CHECKS_H
#define CRT_CHECKS_H

#include "nova_abi.h"

// Prints "name value" in decimal.
void crt_say(const char *name, uint64_t value);

// Prints the start record, and what the memory that it names holds.
void crt_say_start(void);

// TAP: one promise; then the plan. `crt_finish` returns the exit status.
void crt_check(bool kept, const char *promise);
int crt_finish(void);

#endif
