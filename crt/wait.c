// wait.c — what is one system call: sleeping and waking, clocks, processors, input.
// Source: futex(2), clock_gettime(2), sched_getaffinity(2).

#if NOVA_FREESTANDING

#include "internal.h"

enum { // Linux uapi: futex.h
  FUTEX_WAIT_PRIVATE = 128,
  FUTEX_WAKE_PRIVATE = 129,
  PROCESSOR_COUNT_MAX = 8192, // as many as Linux can be configured for
  NANOSECONDS_PER_SECOND = 1'000'000'000,
};

int64_t nova_futex_wait(const uint32_t *word, int64_t operation, uint32_t expected,
                        int64_t timeout_nanoseconds) {
  const int64_t timeout[2] = {timeout_nanoseconds / NANOSECONDS_PER_SECOND,
                              timeout_nanoseconds % NANOSECONDS_PER_SECOND};
  const int64_t result =
      nova_syscall(NOVA_SYS_futex, (int64_t)word, operation, expected,
                   timeout_nanoseconds < 0 ? 0 : (int64_t)timeout, 0, 0);
  return result == -NOVA_EINTR ? 0 : result;
}

int64_t nova_wait(const uint32_t *word, uint32_t expected, int64_t timeout_nanoseconds) {
  return nova_futex_wait(word, FUTEX_WAIT_PRIVATE, expected, timeout_nanoseconds);
}

int64_t nova_wake(const uint32_t *word, uint32_t count) {
  const uint32_t most = INT32_MAX;
  return nova_syscall(NOVA_SYS_futex, (int64_t)word, FUTEX_WAKE_PRIVATE,
                      count < most ? count : most, 0, 0, 0);
}

void nova_yield(void) { nova_syscall(NOVA_SYS_sched_yield, 0, 0, 0, 0, 0, 0); }

uint32_t nova_processor_count(void) {
  uint64_t mask[PROCESSOR_COUNT_MAX / 64] = {0};
  uint32_t count = 0;
  nova_syscall(NOVA_SYS_sched_getaffinity, 0, sizeof mask, (int64_t)mask, 0, 0, 0);
  for (uint32_t i = 0; i < PROCESSOR_COUNT_MAX / 64; i++)
    for (uint64_t rest = mask[i]; rest != 0; rest &= rest - 1)
      count++;
  return count > 0 ? count : 1;
}

// nova_clock's numbers are Linux's.
static int64_t ask_clock(int64_t call, enum nova_clock clock) {
  int64_t time[2];
  const int64_t result = nova_syscall(call, clock, (int64_t)time, 0, 0, 0, 0);
  return result < 0 ? result : time[0] * NANOSECONDS_PER_SECOND + time[1];
}

int64_t nova_clock(enum nova_clock clock) { return ask_clock(NOVA_SYS_clock_gettime, clock); }

int64_t nova_clock_resolution(enum nova_clock clock) {
  return ask_clock(NOVA_SYS_clock_getres, clock);
}

int64_t nova_read(int32_t descriptor, void *bytes, size_t byte_count) {
  return nova_syscall(NOVA_SYS_read, descriptor, (int64_t)bytes, (int64_t)byte_count, 0, 0, 0);
}

#endif
