// calls.c — functions of C that modules import, and calls of modules, by nova_call.h.

#include "c_calls.h"

#include "nova_call.h"

// ---- Modules call these ----------------------------------------------------------------------

static int32_t c_scale(void *context, const struct nova_host_call *call, double *result, int32_t a,
                       float b, int64_t c) {
  (void)context, (void)call;
  *result = a * (double)b + (double)c;
  return 0;
}
NOVA_HOST_FUNCTION3(c_scale, double, int32_t, float, int64_t)

static int32_t heard;

static int32_t c_count(void *context, const struct nova_host_call *call, uint32_t address,
                       uint32_t count) {
  const unsigned char *const bytes = nova_host_bytes(call, address, count);
  if (bytes == NULL)
    return 14; // EFAULT
  int32_t *const sum = context;
  for (uint32_t index = 0; index < count; index++)
    *sum += bytes[index];
  return 0;
}
NOVA_HOST_PROCEDURE2(c_count, uint32_t, uint32_t)

int32_t c_functions_add(void *loader) {
  const int32_t status = c_scale_add(loader, "c", NULL, NULL, 0);
  return status != 0 ? status : c_count_add(loader, "c", &heard, NULL, 0);
}

// ---- These call a module ---------------------------------------------------------------------

NOVA_MODULE_FUNCTION4(add, double, int32_t, int64_t, float, double)
NOVA_MODULE_FUNCTION1(halve, int64_t, int64_t)
NOVA_MODULE_PROCEDURE0(speak)
NOVA_MODULE_PROCEDURE1(fail, uint32_t)

double c_functions_sum(void *instance) {
  struct nova_function function;
  double sum = 0;
  if (add_find(instance, &function, NULL, 0) != 0 || add_call(&function, &sum, 2, -7, 1.5f, 0.25))
    return -1;
  return sum;
}

int64_t c_functions_halve(void *instance, int64_t number) {
  struct nova_function function;
  int64_t half = 0;
  if (halve_find(instance, &function, NULL, 0) != 0 || halve_call(&function, &half, number) != 0)
    return 0;
  return half;
}

int32_t c_functions_heard(void *instance) {
  struct nova_function function;
  heard = 0;
  if (speak_find(instance, &function, NULL, 0) != 0 || speak_call(&function) != 0)
    return -1;
  return heard;
}

int32_t c_functions_fault(int32_t number, void *loader, void *instance, char *message,
                          uint64_t room) {
  struct nova_function function = {.byte_count = sizeof function, .abi = NOVA_CALL_ABI};
  union nova_value value = {.u32 = 70000};
  switch (number) {
  case 0:
    return nova_function_find(instance, "halve", "i:i", &function, message, room);
  case 1:
    return nova_function_find(instance, "absent", ":", &function, message, room);
  case 2:
    return nova_function_find(instance, "halve", "l:q", &function, message, room);
  case 3:
    function.abi = 0;
    return nova_function_find(instance, "halve", "l:l", &function, message, room);
  case 4:
    if (fail_find(instance, &function, message, room) != 0)
      return -1;
    return nova_function_call(&function, &value, NULL, message, room);
  case 5:
    if (fail_find(instance, &function, message, room) != 0)
      return -1;
    function.index = 1000;
    return nova_function_call(&function, &value, NULL, message, room);
  default:
    return c_scale_add(loader, "c", NULL, message, room);
  }
}
