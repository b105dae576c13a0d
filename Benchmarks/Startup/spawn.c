// spawn.c — times programs from posix_spawn to wait4, interleaved, and prints medians and ratios.
// Usage: spawn ROUNDS REFERENCES PROGRAM…; ratios are to each of the first REFERENCES programs. A
// program may carry one argument behind a blank. Standard output goes to /dev/null.
// Round by round every program runs once, in an order that is shuffled anew: a noisy neighbour
// meets all of them alike, and none always runs behind the one that leaves the caches coldest.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

// Knuth's MMIX generator; the seed is fixed, so that every invocation shuffles alike.
static uint64_t shuffle_state = 42;

static void shuffle(int *order, int count) {
  for (int i = count - 1; i > 0; i--) {
    shuffle_state = shuffle_state * 6364136223846793005u + 1442695040888963407u;
    const int j = (int)((shuffle_state >> 33) % (uint64_t)(i + 1));
    const int kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}

enum {
  WARM_UP_ROUND_COUNT = 20,
  ROUND_COUNT_MIN = 1,
  ROUND_COUNT_MAX = 1000000,
  REFERENCE_COUNT_MAX = 2,
};

static int ascending(const void *left, const void *right) {
  const double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static double now_microseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

struct program {
  const char *path;
  const char *argument; // or null
};

// Runs one program: microseconds from spawn to exit; its minor page faults go to `faults`.
static double run(const struct program *program, const posix_spawn_file_actions_t *actions,
                  long *faults) {
  char *const arguments[] = {(char *)program->path, (char *)program->argument, NULL};
  char *const environment[] = {NULL};
  pid_t child;
  int status;
  struct rusage usage;
  const double start = now_microseconds();
  const int error = posix_spawn(&child, program->path, actions, NULL, arguments, environment);
  if (error != 0) {
    fprintf(stderr, "spawn: cannot start %s: %s\n", program->path, strerror(error));
    exit(1);
  }
  wait4(child, &status, 0, &usage);
  const double microseconds = now_microseconds() - start;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fprintf(stderr, "spawn: %s failed, wait status %d\n", program->path, status);
    exit(1);
  }
  *faults = usage.ru_minflt;
  return microseconds;
}

// Prints one row for each program; the ratios are to the medians of the first programs.
static void print_table(const struct program *programs, double *times, const long *faults,
                        int count, long rounds, int references) {
  double reference_medians[REFERENCE_COUNT_MAX];
  printf("| program | median µs | p25 | p75 | page faults |");
  for (int i = 0; i < references; i++)
    printf(" to %s |", strrchr(programs[i].path, '/') + 1);
  printf("\n|---|---|---|---|---|");
  for (int i = 0; i < references; i++)
    printf("---|");
  printf("\n");
  for (int i = 0; i < count; i++) {
    double *const sorted = times + i * rounds;
    qsort(sorted, (size_t)rounds, sizeof *sorted, ascending);
    if (i < references)
      reference_medians[i] = sorted[rounds / 2];
  }
  for (int i = 0; i < count; i++) {
    const double *const sorted = times + i * rounds;
    printf("| %s | %.1f | %.1f | %.1f | %ld |", strrchr(programs[i].path, '/') + 1,
           sorted[rounds / 2], sorted[rounds / 4], sorted[rounds * 3 / 4], faults[i]);
    for (int j = 0; j < references; j++)
      printf(" %.2f |", sorted[rounds / 2] / reference_medians[j]);
    printf("\n");
  }
}

int main(int argc, char **argv) {
  const long rounds = argc > 3 ? strtol(argv[1], NULL, 10) : 0;
  const int count = argc - 3;
  const long references = argc > 3 ? strtol(argv[2], NULL, 10) : 0;
  if (rounds < ROUND_COUNT_MIN || rounds > ROUND_COUNT_MAX || references < 1 ||
      references > REFERENCE_COUNT_MAX || references > count) {
    fprintf(stderr, "usage: %s ROUNDS REFERENCES PATH/PROGRAM…\n", argv[0]);
    return 2;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  struct program *const programs = calloc((size_t)count, sizeof *programs);
  double *const times = calloc((size_t)count * (size_t)rounds, sizeof *times);
  long *const faults = calloc((size_t)count, sizeof *faults);
  int *const order = calloc((size_t)count, sizeof *order);
  if (programs == NULL || times == NULL || faults == NULL || order == NULL)
    return 1;
  for (int i = 0; i < count; i++) {
    programs[i].path = strtok(argv[i + 3], " ");
    programs[i].argument = strtok(NULL, " ");
    if (programs[i].path == NULL || strchr(programs[i].path, '/') == NULL) {
      fprintf(stderr, "spawn: name each program by a path with a slash\n");
      return 2;
    }
    order[i] = i;
  }
  for (int round = 0; round < WARM_UP_ROUND_COUNT; round++)
    for (int i = 0; i < count; i++)
      run(&programs[i], &actions, &faults[i]);
  for (long round = 0; round < rounds; round++) {
    shuffle(order, count);
    for (int i = 0; i < count; i++)
      times[order[i] * rounds + round] = run(&programs[order[i]], &actions, &faults[order[i]]);
  }
  print_table(programs, times, faults, count, rounds, (int)references);
  return 0;
}
