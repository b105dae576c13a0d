// main.c — four threads add to one counter; the program is the same however it is started.

#include "crt_checks.h"

enum { THREAD_COUNT = 4, ROUND_COUNT = 1000, STACK_BYTE_COUNT = 1 << 17 };

static struct nova_thread threads[THREAD_COUNT];
static uint64_t counter;

static void count(void *context) {
  (void)context;
  for (uint32_t i = 0; i < ROUND_COUNT; i++)
    __atomic_fetch_add(&counter, 1, __ATOMIC_RELAXED);
}

int main(void) {
  uint64_t started = 0;
  for (uint32_t i = 0; i < THREAD_COUNT; i++)
    started += nova_thread_start(&threads[i], STACK_BYTE_COUNT, count, nullptr) == 0;
  for (uint32_t i = 0; i < started; i++)
    nova_thread_join(&threads[i], -1);
  crt_say("threads", started);
  crt_say("counter", counter);
  return 0;
}
