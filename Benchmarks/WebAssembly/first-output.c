// first-output.c — from exec to a program's first output, and the most memory that it had.
// Usage: first-output ROUNDS NAME=WORDS…   WORDS apart by blanks; Markdown, times in microseconds
// Each round runs every program once, in an order shuffled anew: once for the time, from before
// posix_spawn to when its first byte can be read; once more, traced, for the kernel's mark of its
// resident memory at its end (proc(5), VmHWM), which alone leaves the parent's out.

#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROGRAM_COUNT_MAX = 16, WORD_COUNT_MAX = 16, MEMORY_ROUNDS = 5 };
extern char **environ;

typedef struct {
  char *name;
  char *words[WORD_COUNT_MAX + 1];
  double *times;
  double memory[MEMORY_ROUNDS];
} Program;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static double time_to_output(const Program *program) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC))
    fail("pipe2");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  pid_t child;
  double start = now();
  if (posix_spawn(&child, program->words[0], &actions, NULL, program->words, environ))
    fail(program->words[0]);
  close(ends[1]);
  char byte;
  if (read(ends[0], &byte, 1) != 1) {
    fprintf(stderr, "first-output: %s writes nothing\n", program->name);
    exit(1);
  }
  double elapsed = now() - start;
  while (read(ends[0], &byte, 1) == 1)
    continue;
  int status;
  waitpid(child, &status, 0);
  close(ends[0]);
  posix_spawn_file_actions_destroy(&actions);
  if (status) {
    fprintf(stderr, "first-output: %s fails\n", program->name);
    exit(1);
  }
  return elapsed;
}

/// The high-water mark of resident memory of a stopped process, in KiB.
static double resident(pid_t process) {
  char path[64], line[256];
  snprintf(path, sizeof path, "/proc/%d/status", process);
  FILE *file = fopen(path, "r");
  double kibibytes = -1;
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "VmHWM: %lf", &kibibytes) == 1)
      break;
  if (file)
    fclose(file);
  return kibibytes;
}

static double memory(const Program *program) {
  pid_t child = fork();
  if (child < 0)
    fail("fork");
  if (!child) {
    int null = open("/dev/null", O_WRONLY);
    dup2(null, 1);
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    execv(program->words[0], program->words);
    _exit(127);
  }
  int status;
  double kibibytes = -1;
  waitpid(child, &status, 0);
  ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)(long)(PTRACE_O_EXITKILL | PTRACE_O_TRACEEXIT));
  while (WIFSTOPPED(status)) {
    int is_exit = status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8);
    int stop = WSTOPSIG(status);
    if (is_exit)
      kibibytes = resident(child);
    ptrace(PTRACE_CONT, child, NULL, (void *)(long)(stop == SIGTRAP ? 0 : stop));
    waitpid(child, &status, 0);
  }
  return kibibytes;
}

static int by_value(const void *left, const void *right) {
  double difference = *(const double *)left - *(const double *)right;
  return (difference > 0) - (difference < 0);
}

static double quantile(double *values, int count, double share) {
  qsort(values, (size_t)count, sizeof *values, by_value);
  return values[(int)((count - 1) * share + 0.5)];
}

int main(int count, char **words) {
  static Program programs[PROGRAM_COUNT_MAX];
  int rounds = count > 2 ? atoi(words[1]) : 0;
  int program_count = count - 2;
  if (rounds < 1 || program_count > PROGRAM_COUNT_MAX)
    return 2;
  for (int index = 0; index < program_count; index++) {
    Program *program = &programs[index];
    program->name = strtok(words[index + 2], "=");
    for (int word = 0; word < WORD_COUNT_MAX; word++)
      if (!(program->words[word] = strtok(NULL, " ")))
        break;
    program->times = calloc((size_t)rounds, sizeof *program->times);
  }
  srand(1);
  for (int round = 0; round < rounds; round++) {
    int order[PROGRAM_COUNT_MAX];
    for (int index = 0; index < program_count; index++) {
      int other = rand() % (index + 1);
      order[index] = order[other];
      order[other] = index;
    }
    for (int index = 0; index < program_count; index++)
      programs[order[index]].times[round] = time_to_output(&programs[order[index]]);
  }
  for (int round = 0; round < MEMORY_ROUNDS; round++)
    for (int index = 0; index < program_count; index++)
      programs[index].memory[round] = memory(&programs[index]);
  double first = quantile(programs[0].times, rounds, 0.5);
  double least = quantile(programs[0].memory, MEMORY_ROUNDS, 0.5);
  printf("| program | µs to the first output (quartiles) | of it, ours | KiB | of it, ours |\n"
         "|---|---|---|---|---|\n");
  for (int index = 0; index < program_count; index++) {
    Program *program = &programs[index];
    double median = quantile(program->times, rounds, 0.5);
    double kibibytes = quantile(program->memory, MEMORY_ROUNDS, 0.5);
    printf("| %s | %.0f (%.0f … %.0f) | %.3f | %.0f | %.3f |\n", program->name, median,
           quantile(program->times, rounds, 0.25), quantile(program->times, rounds, 0.75),
           first / median, kibibytes, least / kibibytes);
  }
  return 0;
}
