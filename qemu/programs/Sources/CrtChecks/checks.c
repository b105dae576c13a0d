// checks.c — how the guests that test crt/ report.

#include "crt_checks.h"

static uint32_t promise_count, broken_count;

static void put(const char *text) {
  size_t byte_count = 0;
  while (text[byte_count])
    byte_count++;
  nova_print(text, byte_count);
}

static void put_decimal(uint64_t value) {
  char digits[21];
  uint32_t next = sizeof digits - 1;
  digits[next] = 0;
  do
    digits[--next] = (char)('0' + value % 10);
  while ((value /= 10) > 0);
  put(digits + next);
}

void crt_say(const char *name, uint64_t value) {
  put(name);
  put(" ");
  put_decimal(value);
  put("\n");
}

// Bytes of the stack below this function's frame that are not zero.
static uint64_t dirty_word_count(const struct nova_start_record *start) {
  enum { FRAMES_BYTE_COUNT = 1024 }; // main's, this function's, and of what they called before
  const uint64_t here = (uint64_t)__builtin_frame_address(0);
  uint64_t count = 0;
  for (uint64_t at = start->stack_low; at < here - FRAMES_BYTE_COUNT; at += 8)
    count += *(const volatile uint64_t *)at != 0;
  return count;
}

void crt_say_start(void) {
  const struct nova_start_record *const start = nova_started();
  // First, because what follows uses the stack.
  const uint64_t dirty = dirty_word_count(start);
  crt_say("dirty_words", dirty);
  crt_say("arguments", start->argument_count);
  uint64_t variable_count = 0;
  while (start->environment[variable_count])
    variable_count++;
  crt_say("variables", variable_count);
  crt_say("page", start->page_byte_count);
  crt_say("stack_low", start->stack_low);
  crt_say("stack_high", start->stack_high);
  crt_say("heap_low", start->heap_low);
  crt_say("heap_high", start->heap_high);
  crt_say("flags", start->flags);
  crt_say("stack_size", start->stack_byte_count);
  crt_say("stack_policy", start->stack_policy);
  crt_say("stack_initial", start->stack_initial_byte_count);
  crt_say("heap_size", start->heap_byte_count);
  crt_say("worker_count", start->worker_count);
  crt_say("address_policy", start->address_policy);
  crt_say("entropy_policy", start->entropy_policy);
  crt_say("cpu_policy", start->cpu_policy);
  crt_say("driver_grants", start->driver_grants);
  // The ends of the heap can be written.
  *(volatile uint64_t *)start->heap_low = 1;
  *(volatile uint64_t *)(start->heap_high - 8) = 1;
}

void crt_check(bool kept, const char *promise) {
  promise_count++;
  broken_count += !kept;
  put(kept ? "ok " : "not ok ");
  put_decimal(promise_count);
  put(" - ");
  put(promise);
  put("\n");
}

int crt_finish(void) {
  put("1..");
  put_decimal(promise_count);
  put("\n");
  return broken_count > 0;
}
