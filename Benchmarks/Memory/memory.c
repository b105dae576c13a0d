// memory.c — times crt's memory primitives against static glibc's, in turns, same buffers.
// Hosted C. Built and run by ./run; prints a line for each size, and each function's worst ratio.

#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

// crt/<arch>/memory.S, assembled under other names.
void *nova_memcpy(void *restrict to, const void *restrict from, size_t byte_count);
void *nova_memmove(void *to, const void *from, size_t byte_count);
void *nova_memset(void *start, int value, size_t byte_count);
int nova_memcmp(const void *left, const void *right, size_t byte_count);
// What start-up code sets: 0 under the baseline policy.
uint32_t nova_cpu_level;

enum {
  SIZE_MAX_BYTES = 1 << 20,
  BUFFER_BYTES = SIZE_MAX_BYTES + 8192,
  SAMPLE_COUNT = 201,         // odd, so that the median is a sample
  SAMPLE_COUNT_LARGE = 61,    // from LARGE_BYTES on, where a sample is long
  LARGE_BYTES = 128 << 10,
  BATCH_NANOSECONDS = 4000,   // long against the clock's 20 ns, short against a time slice
};

// Offsets of destination and source within a cache line.
static const struct {
  uint32_t to, from;
} alignments[] = {{0, 0}, {1, 1}, {0, 33}, {17, 0}, {3, 44}};
enum { ALIGNMENT_COUNT = sizeof alignments / sizeof *alignments };

static const size_t sizes[] = {16,   17,   24,   31,   32,    48,    64,    96,     128,   192,
                               256,  384,  512,  768,  1024,  1536,  2048,  3072,   4096,  6144,
                               8192, 12288, 16384, 32768, 65536, 131072, 262144, 524288, 1048576};
enum { SIZE_COUNT = sizeof sizes / sizeof *sizes };

enum function { COPY, MOVE, FILL, COMPARE, FUNCTION_COUNT };
static const char *const names[FUNCTION_COUNT] = {"memcpy", "memmove", "memset", "memcmp"};

static void *(*volatile copies[2])(void *restrict, const void *restrict, size_t) = {nova_memcpy,
                                                                                     memcpy};
static void *(*volatile moves[2])(void *, const void *, size_t) = {nova_memmove, memmove};
static void *(*volatile fills[2])(void *, int, size_t) = {nova_memset, memset};
static int (*volatile compares[2])(const void *, const void *, size_t) = {nova_memcmp, memcmp};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

// Nanoseconds for each of `count` calls in a row.
static double run(enum function function, int side, unsigned char *to, const unsigned char *from,
                  size_t byte_count, uint32_t count) {
  const double start = now();
  switch (function) {
  case COPY: {
    void *(*const call)(void *restrict, const void *restrict, size_t) = copies[side];
    for (uint32_t i = 0; i < count; i++)
      call(to, from, byte_count);
    break;
  }
  case MOVE: {
    void *(*const call)(void *, const void *, size_t) = moves[side];
    for (uint32_t i = 0; i < count; i++)
      call(to, from, byte_count);
    break;
  }
  case FILL: {
    void *(*const call)(void *, int, size_t) = fills[side];
    for (uint32_t i = 0; i < count; i++)
      call(to, 0x5a, byte_count);
    break;
  }
  default: {
    int (*const call)(const void *, const void *, size_t) = compares[side];
    for (uint32_t i = 0; i < count; i++)
      if (call(to, from, byte_count) != 0)
        abort(); // the buffers are equal
    break;
  }
  }
  return (now() - start) / count;
}

static int ascending(const void *left, const void *right) {
  const double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

// Medians of ours and glibc's, taken alternately.
static void measure(enum function function, unsigned char *to, const unsigned char *from,
                    size_t byte_count, double medians[2]) {
  static double samples[2][SAMPLE_COUNT];
  const int sample_count = byte_count < LARGE_BYTES ? SAMPLE_COUNT : SAMPLE_COUNT_LARGE;
  memmove(to, from, byte_count); // equal, and both in the cache
  const double once = run(function, 1, to, from, byte_count, 64);
  const uint32_t count = once < BATCH_NANOSECONDS ? (uint32_t)(BATCH_NANOSECONDS / once) + 1 : 1;
  for (int sample = 0; sample < sample_count; sample++)
    for (int turn = 0; turn < 2; turn++) {
      const int side = (turn + sample) & 1; // who is first alternates too
      samples[side][sample] = run(function, side, to, from, byte_count, count);
    }
  for (int side = 0; side < 2; side++) {
    qsort(samples[side], (size_t)sample_count, sizeof(double), ascending);
    medians[side] = samples[side][sample_count / 2];
  }
}

static unsigned char *map_buffer(void) {
  void *const start = mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (start == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  return start;
}

// Prints a table for one function; returns the worst ratio.
static double table(enum function function, unsigned char *to, unsigned char *from) {
  double worst = 0;
  size_t worst_size = 0;
  printf("\n%s: ratio ours/glibc at destination+source offsets, and the medians in ns at +0+0\n",
         names[function]);
  printf("%9s", "bytes");
  for (int each = 0; each < ALIGNMENT_COUNT; each++)
    printf("   +%02u+%02u", alignments[each].to, alignments[each].from);
  printf("  %10s %10s\n", "ours", "glibc");
  for (int index = 0; index < SIZE_COUNT; index++) {
    double first[2] = {0, 0};
    printf("%9zu", sizes[index]);
    for (int each = 0; each < ALIGNMENT_COUNT; each++) {
      double medians[2];
      // memmove within one buffer, one cache line apart and up or down, so that the ranges overlap.
      unsigned char *const start = function != MOVE ? to : each & 1 ? from - 64 : from + 64;
      measure(function, start + alignments[each].to, from + alignments[each].from, sizes[index],
              medians);
      if (each == 0)
        memcpy(first, medians, sizeof first);
      const double ratio = medians[0] / medians[1];
      if (ratio > worst) {
        worst = ratio;
        worst_size = sizes[index];
      }
      printf("  %6.2f%s", ratio, ratio > 1.25 ? "!" : " ");
    }
    printf("  %10.2f %10.2f\n", first[0], first[1]);
    fflush(stdout);
  }
  printf("%s: worst ratio %.2f at %zu bytes\n", names[function], worst, worst_size);
  return worst;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s LEVEL [memcpy|memmove|memset|memcmp]…\n", argv[0]);
    return 2;
  }
  nova_cpu_level = (uint32_t)strtoul(argv[1], NULL, 10);
  unsigned char *const to = map_buffer();
  unsigned char *const from = map_buffer() + 64;
  for (size_t i = 0; i < BUFFER_BYTES - 64; i++)
    from[i] = (unsigned char)(i * 167 >> 3);
  for (int function = 0; function < FUNCTION_COUNT; function++) {
    int wanted = argc == 2;
    for (int i = 2; i < argc; i++)
      wanted |= strcmp(argv[i], names[function]) == 0;
    if (wanted)
      table((enum function)function, to, from);
  }
  return 0;
}
