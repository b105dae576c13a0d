// crash.h — faults made in C, one function each; the tests know the names.

#ifndef CRASH_H
#define CRASH_H

#include <stdint.h>

int32_t crash_c_recursion(int32_t depth);
int32_t crash_c_null(const int32_t *address);
int32_t crash_c_write(int32_t *address);
int32_t crash_c_divide(int32_t dividend, int32_t divisor);
int32_t crash_c_call(uintptr_t address);
int32_t crash_c_smash(int32_t byte_count);
int32_t crash_c_abort(void);
int32_t crash_c_bus(void);
int32_t crash_c_illegal(void);
int32_t crash_c_signal(int32_t signal);
int32_t crash_c_lost_stack(void);
// The kernel's number of the thread that asks, and a signal for a thread with such a number.
int32_t crash_c_thread(void);
void crash_c_send(int32_t thread, int32_t signal);
int32_t crash_c_copy(void *to);
int32_t crash_c_leaf_of(const int32_t *address);

// Calls `callback`, so that C is called from Swift and calls Swift.
int32_t crash_c_between(int32_t (*callback)(const int32_t *address), const int32_t *address);

// An address in read-only data.
int32_t *crash_constant(void);

#endif
