// rounds.c — runs programs that time one row of handles-results.md, interleaved, as Markdown.
// Usage: rounds ROUNDS ROW PROGRAM…   each program prints nanoseconds; ratios are to the first
//        rounds hold COUNT PROGRAM…   bytes that each of COUNT live 64-byte blocks costs beside 64
// Round by round every program runs once, in an order that is shuffled anew, and a ratio is taken
// within its round: a noisy neighbour meets all of them alike.

#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUND_COUNT_MAX = 10000, OUTPUT_BYTE_COUNT_MAX = 64, BLOCK_BYTE_COUNT = 64 };

static int ascending(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static void fail(const char *program, const char *what) {
  fprintf(stderr, "rounds: %s %s\n", program, what);
  exit(1);
}

// Runs `program row`: the number that it prints; its largest resident set goes to `peak_bytes`.
static double run(const char *program, const char *row, double *peak_bytes) {
  int ends[2];
  if (pipe(ends) != 0)
    fail(program, strerror(errno));
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  char *const arguments[] = {(char *)program, (char *)row, NULL};
  char *const environment[] = {NULL};
  pid_t child;
  const int error = posix_spawn(&child, program, &actions, NULL, arguments, environment);
  if (error != 0)
    fail(program, strerror(error));
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  char output[OUTPUT_BYTE_COUNT_MAX] = {0};
  size_t count = 0;
  ssize_t got;
  while ((got = read(ends[0], output + count, sizeof output - 1 - count)) > 0)
    count += (size_t)got;
  close(ends[0]);
  int status;
  struct rusage usage;
  wait4(child, &status, 0, &usage);
  if (status != 0)
    fail(program, "failed");
  char *end;
  const double number = strtod(output, &end);
  if (end == output || *end != '\n')
    fail(program, "printed no number");
  *peak_bytes = (double)usage.ru_maxrss * 1024;
  return number;
}

static void shuffle(int *order, int count) {
  // Knuth's MMIX generator; the seed is fixed, so that every invocation shuffles alike.
  static uint64_t state = 42;
  for (int i = count - 1; i > 0; i--) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const int j = (int)((state >> 33) % (uint64_t)(i + 1));
    const int kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}

static void time_row(long rounds, const char *row, char **programs, int count) {
  double *const times = calloc((size_t)(count * rounds), sizeof *times);
  double *const ratios = calloc((size_t)rounds, sizeof *ratios);
  int *const order = calloc((size_t)count, sizeof *order);
  if (times == NULL || ratios == NULL || order == NULL)
    fail(row, "has no memory");
  double unused;
  for (int i = 0; i < count; i++)
    order[i] = i;
  for (long round = 0; round < rounds; round++) {
    shuffle(order, count);
    for (int i = 0; i < count; i++)
      times[order[i] * rounds + round] = run(programs[order[i]], row, &unused);
  }
  for (int i = 0; i < count; i++) {
    double *const own = times + i * rounds;
    for (long round = 0; round < rounds; round++)
      ratios[round] = own[round] / times[round];
    qsort(ratios, (size_t)rounds, sizeof *ratios, ascending);
    // Every ratio needs the times in the order of their rounds: a copy is sorted.
    double sorted[ROUND_COUNT_MAX];
    memcpy(sorted, own, (size_t)rounds * sizeof *sorted);
    qsort(sorted, (size_t)rounds, sizeof *sorted, ascending);
    printf("| %s | %s | %.2f | %.2f–%.2f | %.2f | %.2f–%.2f |\n", row,
           strrchr(programs[i], '/') + 1, sorted[rounds / 2], sorted[rounds / 4],
           sorted[rounds * 3 / 4], ratios[rounds / 2], ratios[rounds / 4], ratios[rounds * 3 / 4]);
  }
  fflush(stdout);
  free(times);
  free(ratios);
  free(order);
}

static void weigh(long block_count, char **programs, int count) {
  for (int i = 0; i < count; i++) {
    double without, with;
    run(programs[i], "hold-none", &without);
    run(programs[i], "hold", &with);
    printf("| %s | %.1f |\n", strrchr(programs[i], '/') + 1,
           (with - without) / (double)block_count - BLOCK_BYTE_COUNT);
  }
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: %s ROUNDS ROW PROGRAM… | hold COUNT PROGRAM…\n", argv[0]);
    return 2;
  }
  for (int i = 3; i < argc; i++)
    if (strchr(argv[i], '/') == NULL)
      fail(argv[i], "must be named by a path with a slash");
  if (strcmp(argv[1], "hold") == 0) {
    const long block_count = strtol(argv[2], NULL, 10);
    if (block_count < 1)
      fail(argv[2], "is no count of blocks");
    weigh(block_count, argv + 3, argc - 3);
    return 0;
  }
  const long rounds = strtol(argv[1], NULL, 10);
  if (rounds < 1 || rounds > ROUND_COUNT_MAX)
    fail(argv[1], "is no count of rounds");
  time_row(rounds, argv[2], argv + 3, argc - 3);
  return 0;
}
