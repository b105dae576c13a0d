// guest_driver.c — drivers in C that join the registries of a guest through the link-time table.

#include "nova_abi.h"
#include "nova_driver.h"

static uint64_t call_count;

// Appends how often it was called, the first handle, and the input's bytes backwards.
static int32_t reverse(void *context, struct nova_driver_call *call) {
  uint64_t *const count = context;
  unsigned char *const output = call->output;
  const unsigned char *const input = call->input;
  if (call->output_capacity < call->input_byte_count + 2)
    return 28; // ENOSPC
  output[0] = (unsigned char)__atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
  output[1] = call->handle_count > 0 ? (unsigned char)call->handles[0] : 0;
  for (uint64_t i = 0; i < call->input_byte_count; i++)
    output[2 + i] = input[call->input_byte_count - 1 - i];
  call->output_byte_count = 2 + call->input_byte_count;
  return 0;
}

static const struct nova_driver_operation operations[] = {
    {sizeof operations[0], NOVA_DRIVER_ABI, "reverse", reverse},
};

static const struct nova_driver guest = {
    .byte_count = sizeof guest,
    .abi = NOVA_DRIVER_ABI,
    .name = "guest-c",
    .major = 1,
    .minor = 2,
    .context = &call_count,
    .operations = operations,
    .operation_count = 1,
};
NOVA_DRIVER(guest);

static const struct nova_driver timed = {
    .byte_count = sizeof timed,
    .abi = NOVA_DRIVER_ABI,
    .name = "guest-c-timed",
    .major = 1,
    .minor = 0,
    .grants = NOVA_GRANT_wall_clock | NOVA_GRANT_console,
    .context = &call_count,
    .operations = operations,
    .operation_count = 1,
};
NOVA_DRIVER(timed);
