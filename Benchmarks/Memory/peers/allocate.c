// allocate.c — the rows of handles-results.md over an allocator of C; one program per allocator.
// Usage: PROGRAM ROW; prints nanoseconds per operation, the median of CHUNK_COUNT stretches.
// Compiled with -DALLOCATE(n)=… -DRELEASE(p)=…; ours and slotmap's programs make the same requests.

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef USES_MIMALLOC
#include <mimalloc.h>
#endif

enum {
  LIVE_COUNT = 1024,
  CHUNK_COUNT = 101,
  PAIRS_PER_CHUNK = 20000,
  HANDOVERS_PER_CHUNK = 10240,
  RING_COUNT = 1024,
  BATCH_COUNT = 32,
  HELD_COUNT = 1 << 20,
  SPINS_BEFORE_YIELD = 256,
};

static void *live[LIVE_COUNT];
static void *held[HELD_COUNT];
// One thread hands blocks over, another takes them, BATCH_COUNT at a time.
static void *ring[RING_COUNT];
static alignas(128) _Atomic(size_t) handed;
static alignas(128) _Atomic(size_t) taken;
static uint32_t state = 12345;

// Numerical Recipes' generator; its high bits choose.
static uint32_t next(void) { return state = state * 1664525u + 1013904223u; }

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int ascending(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static void report(double *times, int operation_count) {
  qsort(times, CHUNK_COUNT, sizeof *times, ascending);
  printf("%.3f\n", times[CHUNK_COUNT / 2] / operation_count);
}

static void fixed(int pair_count) {
  for (int i = 0; i < pair_count; i++) {
    const uint32_t index = next() >> 22;
    RELEASE(live[index]);
    live[index] = ALLOCATE(64);
    *(volatile long *)live[index] = i;
  }
}

static void mixed(int pair_count) {
  for (int i = 0; i < pair_count; i++) {
    const uint32_t number = next(), index = number >> 22;
    RELEASE(live[index]);
    live[index] = ALLOCATE(16 + (number & 1023));
    *(volatile long *)live[index] = i;
  }
}

static void time_pairs(void (*pairs)(int)) {
  double times[CHUNK_COUNT];
  for (int i = 0; i < LIVE_COUNT; i++)
    live[i] = ALLOCATE(64);
  pairs(PAIRS_PER_CHUNK);
  for (int i = 0; i < CHUNK_COUNT; i++) {
    const double begin = now();
    pairs(PAIRS_PER_CHUNK);
    times[i] = now() - begin;
  }
  report(times, PAIRS_PER_CHUNK);
}

static void rest(int *spins) {
  if (++*spins % SPINS_BEFORE_YIELD == 0)
    sched_yield();
}

static void *consume(void *unused) {
  (void)unused;
  int spins = 0;
  for (size_t i = 0; i < (size_t)(CHUNK_COUNT + 1) * HANDOVERS_PER_CHUNK;) {
    const size_t end = atomic_load_explicit(&handed, memory_order_acquire);
    if (i == end)
      rest(&spins);
    while (i < end)
      RELEASE(ring[i++ % RING_COUNT]);
    atomic_store_explicit(&taken, i, memory_order_release);
  }
  return NULL;
}

static void produce(size_t count, size_t start) {
  int spins = 0;
  for (size_t i = start; i < start + count;) {
    while (i + BATCH_COUNT - atomic_load_explicit(&taken, memory_order_acquire) > RING_COUNT)
      rest(&spins);
    for (int each = 0; each < BATCH_COUNT; each++, i++) {
      void *block = ALLOCATE(64);
      *(volatile long *)block = (long)i;
      ring[i % RING_COUNT] = block;
    }
    atomic_store_explicit(&handed, i, memory_order_release);
  }
}

static void time_handovers(void) {
  pthread_t consumer;
  double times[CHUNK_COUNT];
  if (pthread_create(&consumer, NULL, consume, NULL))
    exit(1);
  produce(HANDOVERS_PER_CHUNK, 0);
  for (int i = 0; i < CHUNK_COUNT; i++) {
    const double begin = now();
    produce(HANDOVERS_PER_CHUNK, (size_t)(i + 1) * HANDOVERS_PER_CHUNK);
    times[i] = now() - begin;
  }
  pthread_join(consumer, NULL);
  report(times, HANDOVERS_PER_CHUNK);
}

static void *sleep_on(void *unused) {
  pause();
  return unused;
}

int main(int argument_count, char **arguments) {
  const char *row = argument_count > 1 ? arguments[1] : "";
  const size_t length = strlen(row);
  if (length > 8 && !strcmp(row + length - 8, "-threads")) {
    pthread_t sleeper;
    if (pthread_create(&sleeper, NULL, sleep_on, NULL))
      return 1;
  }
  if (!strncmp(row, "fixed", 5))
    time_pairs(fixed);
  else if (!strncmp(row, "mixed", 5))
    time_pairs(mixed);
  else if (!strcmp(row, "handover"))
    time_handovers();
  else if (!strcmp(row, "hold-none") || !strcmp(row, "hold")) {
    memset(held, 1, sizeof held);
    for (int i = 0; i < HELD_COUNT && !strcmp(row, "hold"); i++) {
      held[i] = ALLOCATE(64);
      memset(held[i], 1, 64);
    }
    puts("0");
  } else {
    fprintf(stderr, "usage: %s fixed|mixed|handover|hold|hold-none\n", arguments[0]);
    return 2;
  }
  return 0;
}
