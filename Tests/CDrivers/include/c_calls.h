// c_calls.h — functions of C that call modules and are called by them.

#ifndef C_CALLS_H
#define C_CALLS_H

#include <stdint.h>

// Registers what modules import from `c`; 0 when both were.
int32_t c_functions_add(void *loader);

// Of an instance whose module exports add, halve and speak; see the test.
double c_functions_sum(void *instance);
int64_t c_functions_halve(void *instance, int64_t number);
int32_t c_functions_heard(void *instance);

// Makes fault `number`, and gives its status.
int32_t c_functions_fault(int32_t number, void *loader, void *instance, char *message,
                          uint64_t room);

#endif
