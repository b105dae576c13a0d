// calls.c — a function of C that typed.nvc imports, and a call of one of its own.

#include "guest_module.h"
#include "nova_call.h"
#include "nova_module.h"

NOVA_MODULE("typed", "typed.nvc");

static int32_t guest_add(void *context, const struct nova_host_call *call, int64_t *result,
                         int32_t a, int64_t b) {
  (void)context, (void)call;
  *result = a + b;
  return 0;
}
NOVA_HOST_FUNCTION2(guest_add, int64_t, int32_t, int64_t)

int32_t guest_functions_add(void *loader, char *message, uint64_t room) {
  return guest_add_add(loader, "c", NULL, message, room);
}

NOVA_MODULE_FUNCTION2(sum, int64_t, int32_t, int64_t)

int32_t guest_sum(void *instance, int32_t a, int64_t b, int64_t *result) {
  struct nova_function function;
  const int32_t status = sum_find(instance, &function, NULL, 0);
  return status != NOVA_CALL_done ? status : sum_call(&function, result, a, b);
}
