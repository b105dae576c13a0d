// scratch.c — folders that a signal removes before it ends this process.
// Hosted C, glibc. The handler calls async-signal-safe functions only.

#define _GNU_SOURCE
#include "nova_probe.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
  FOLDER_COUNT_MAX = 128, // two for each of the threads that observe
  NAME_COUNT = 5,
  ATTEMPT_COUNT_MAX = 50,
  ATTEMPT_NANOSECONDS = 1'000'000,
};

static const char *const names[NAME_COUNT] = {"gdb", "log", "result", "unused", "program"};
static const int signals[] = {SIGHUP, SIGINT, SIGTERM};

// A place is free, being filled or emptied, or holds a path.
enum place_state { PLACE_free, PLACE_changing, PLACE_held };
static struct {
  _Atomic int state;
  char path[PATH_MAX];
} places[FOLDER_COUNT_MAX];
static _Atomic bool is_ending;

static bool remove_folder(const char *folder) {
  char path[PATH_MAX + 8];
  const size_t length = strlen(folder);
  memcpy(path, folder, length);
  path[length] = '/';
  for (int name = 0; name < NAME_COUNT; name++) {
    memcpy(path + length + 1, names[name], strlen(names[name]) + 1);
    unlink(path);
  }
  return rmdir(folder) == 0 || errno != ENOTEMPTY;
}

// An emulator that starts right now makes its files a little later, hence the attempts.
static void end(int signal_number) {
  const int error = errno;
  atomic_store(&is_ending, true); // pairs with nova_scratch_make
  for (int place = 0; place < FOLDER_COUNT_MAX; place++) {
    if (atomic_load(&places[place].state) != PLACE_held) // pairs with nova_scratch_make
      continue;
    for (int attempt = 0; attempt < ATTEMPT_COUNT_MAX; attempt++) {
      if (remove_folder(places[place].path))
        break;
      nanosleep(&(struct timespec){0, ATTEMPT_NANOSECONDS}, nullptr);
    }
  }
  signal(signal_number, SIG_DFL);
  raise(signal_number);
  errno = error;
}

void nova_scratch_end_on_signals(void) {
  const struct sigaction action = {.sa_handler = end};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    struct sigaction old;
    // What a parent ignores (nohup) stays ignored.
    if (sigaction(signals[i], nullptr, &old) == 0 && old.sa_handler != SIG_IGN)
      sigaction(signals[i], &action, nullptr);
  }
}

int64_t nova_scratch_make(const char *parent, char *path, size_t capacity) {
  if (atomic_load(&is_ending)) // pairs with end
    return -EINTR;
  const int count = snprintf(path, capacity, "%s/nova-probe-XXXXXX", parent);
  if (count < 0 || (size_t)count >= capacity || count >= PATH_MAX)
    return -ENAMETOOLONG;
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  const int error = mkdtemp(path) == nullptr ? errno : 0;
  for (int place = 0; error == 0 && place < FOLDER_COUNT_MAX; place++) {
    int expected = PLACE_free;
    if (!atomic_compare_exchange_strong(&places[place].state, &expected, PLACE_changing))
      continue;
    memcpy(places[place].path, path, (size_t)count + 1);
    atomic_store(&places[place].state, PLACE_held); // pairs with end
    break;
  }
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  return -error;
}

void nova_scratch_remove(const char *path) {
  remove_folder(path);
  for (int place = 0; place < FOLDER_COUNT_MAX; place++) {
    if (atomic_load(&places[place].state) == PLACE_held && strcmp(places[place].path, path) == 0) {
      atomic_store(&places[place].state, PLACE_free); // pairs with nova_scratch_make
      return;
    }
  }
}
