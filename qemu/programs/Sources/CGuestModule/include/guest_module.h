// guest_module.h — modules that are linked into the program, whose loader finds them by name, and
// functions of C beside them.

#ifndef GUEST_MODULE_H
#define GUEST_MODULE_H

#include <stdint.h>

// Registers what typed.nvc imports from `c`; a nova_call_status.
int32_t guest_functions_add(void *loader, char *message, uint64_t room);

// Calls `sum` of an instance of typed.nvc; a nova_call_status.
int32_t guest_sum(void *instance, int32_t a, int64_t b, int64_t *result);

#endif
