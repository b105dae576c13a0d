// drivers.c — a driver in C for tests, and one that joins every registry of the test program.

#include "c_drivers.h"

#include <string.h>

static int32_t open_driver(void *context) {
  struct c_driver_log *const log = context;
  log->open_count++;
  return log->open_status;
}

static void close_driver(void *context) {
  struct c_driver_log *const log = context;
  log->close_count++;
}

static void count_call(void *context) {
  if (context)
    ((struct c_driver_log *)context)->call_count++;
}

static int32_t sum(void *context, struct nova_driver_call *call) {
  count_call(context);
  uint64_t total = 0;
  for (uint64_t i = 0; i < call->handle_count; i++)
    total += call->handles[i];
  const unsigned char *const input = call->input;
  for (uint64_t i = 0; i < call->input_byte_count; i++)
    total += input[i];
  if (call->output_capacity < sizeof total)
    return 28;
  memcpy(call->output, &total, sizeof total);
  call->output_byte_count = sizeof total;
  return 0;
}

static int32_t fail(void *context, struct nova_driver_call *call) {
  count_call(context);
  *(unsigned char *)call->output = '!';
  call->output_byte_count = 1;
  return 7;
}

static int32_t overrun(void *context, struct nova_driver_call *call) {
  count_call(context);
  call->output_byte_count = call->output_capacity + 1;
  return 0;
}

static const struct nova_driver_operation operations[] = {
    {sizeof operations[0], NOVA_DRIVER_ABI, "sum", sum},
    {sizeof operations[0], NOVA_DRIVER_ABI, "fail", fail},
    {sizeof operations[0], NOVA_DRIVER_ABI, "overrun", overrun},
};

struct nova_driver c_driver_make(struct c_driver_log *log) {
  return (struct nova_driver){
      .byte_count = sizeof(struct nova_driver),
      .abi = NOVA_DRIVER_ABI,
      .name = "made-in-c",
      .major = 2,
      .minor = 5,
      .context = log,
      .operations = operations,
      .operation_count = 3,
      .open = open_driver,
      .close = close_driver,
  };
}

static const struct nova_driver linked = {
    .byte_count = sizeof linked,
    .abi = NOVA_DRIVER_ABI,
    .name = "linked-c",
    .major = 1,
    .minor = 0,
    .operations = operations,
    .operation_count = 1,
};
NOVA_DRIVER(linked);

static const struct nova_driver timed = {
    .byte_count = sizeof timed,
    .abi = NOVA_DRIVER_ABI,
    .name = "linked-c-timed",
    .major = 1,
    .minor = 0,
    .grants = 4, // NOVA_GRANT_wall_clock
    .operations = operations,
    .operation_count = 1,
};
NOVA_DRIVER(timed);
