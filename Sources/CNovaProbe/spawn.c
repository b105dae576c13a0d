// spawn.c — starts a program with an exact environment, descriptors, limits and personality.
// Hosted C, glibc. After fork, the child calls async-signal-safe functions only.

#define _GNU_SOURCE
#include "nova_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Why a child did not become its program; crosses the pipe in one write.
struct failure {
  int32_t step;
  int32_t error;
};

static bool limit(int resource, uint64_t bytes) {
  struct rlimit old;
  if (getrlimit((__rlimit_resource_t)resource, &old) != 0)
    return false;
  // Only the soft limit: the hard one can never be raised again, and is as far as that one goes.
  struct rlimit now = {bytes < old.rlim_max ? bytes : old.rlim_max, old.rlim_max};
  return setrlimit((__rlimit_resource_t)resource, &now) == 0;
}

static bool place_descriptors(const int32_t *descriptors) {
  for (int number = 0; number < 4; number++) {
    if (descriptors[number] == NOVA_SPAWN_CLOSED)
      close(number);
    else if (descriptors[number] >= 0 && dup2(descriptors[number], number) < 0)
      return false;
  }
  // All others, our own pipe included, end at exec. A kernel without the call (< 5.11) leaves those
  // that were opened without O_CLOEXEC.
  close_range(4, ~0u, CLOSE_RANGE_CLOEXEC);
  return true;
}

static void reset_signals(void) {
  for (int number = 1; number < NSIG; number++)
    signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Runs in the child; returns only when a step failed.
static enum nova_spawn_step become(const struct nova_spawn_request *request, pid_t parent) {
  reset_signals();
  // A terminal's signals do not reach another group, and a killed parent cannot pass them on.
  if (request->leads_group && (setpgid(0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0))
    return NOVA_SPAWN_STEP_group;
  if (request->leads_group && getppid() != parent)
    _exit(127); // it died before this process asked to be told
  if (request->fixes_addresses) {
    int old = personality(0xffffffff);
    if (old < 0 || personality((unsigned long)old | ADDR_NO_RANDOMIZE) < 0)
      return NOVA_SPAWN_STEP_personality;
  }
  if (request->limits_stack && !limit(RLIMIT_STACK, request->stack_limit_bytes))
    return NOVA_SPAWN_STEP_stack_limit;
  if (request->limits_address_space &&
      !limit(RLIMIT_AS, request->address_space_limit_bytes))
    return NOVA_SPAWN_STEP_address_space_limit;
  if (request->working_directory != nullptr && chdir(request->working_directory) != 0)
    return NOVA_SPAWN_STEP_working_directory;
  if (!place_descriptors(request->descriptors))
    return NOVA_SPAWN_STEP_descriptors;
  if (request->is_traced && ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0)
    return NOVA_SPAWN_STEP_trace;
  execve(request->executable, request->arguments, request->environment);
  return NOVA_SPAWN_STEP_execute;
}

static bool skip_processes(uint32_t count) {
  for (uint32_t skipped = 0; skipped < count; skipped++) {
    pid_t process = fork();
    if (process == 0)
      _exit(0);
    if (process < 0)
      return false;
    while (waitpid(process, nullptr, 0) < 0 && errno == EINTR)
      continue;
  }
  return true;
}

// Blocks until the child has become its program (end of file) or says why it did not.
static int64_t await_program(pid_t process, int reader, uint32_t *step) {
  struct failure failure;
  ssize_t count;
  do
    count = read(reader, &failure, sizeof failure);
  while (count < 0 && errno == EINTR);
  close(reader);
  if (count != (ssize_t)sizeof failure)
    return process;
  while (waitpid(process, nullptr, 0) < 0 && errno == EINTR)
    continue;
  *step = (uint32_t)failure.step;
  return -failure.error;
}

int64_t nova_spawn(const struct nova_spawn_request *request, uint32_t *step) {
  *step = NOVA_SPAWN_STEP_fork;
  if (!skip_processes(request->skipped_process_count))
    return -errno;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return -errno;
  // Both ends above the descriptors that the child replaces.
  for (int end = 0; end < 2; end++) {
    int moved = fcntl(ends[end], F_DUPFD_CLOEXEC, 4);
    int error = errno;
    if (moved < 0) {
      close(ends[0]);
      close(ends[1]);
      return -error;
    }
    close(ends[end]);
    ends[end] = moved;
  }
  // A handler of this process must not run in the child.
  sigset_t all, old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  const pid_t parent = getpid();
  pid_t process = fork();
  if (process == 0) {
    struct failure failure = {.step = (int32_t)become(request, parent)};
    failure.error = errno;
    ssize_t written = write(ends[1], &failure, sizeof failure);
    _exit(written == (ssize_t)sizeof failure ? 127 : 126);
  }
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  close(ends[1]);
  if (process < 0) {
    close(ends[0]);
    return -error;
  }
  return await_program(process, ends[0], step);
}

int64_t nova_process_descriptor(pid_t process) {
  long descriptor = syscall(SYS_pidfd_open, process, 0);
  return descriptor < 0 ? -errno : descriptor;
}

int64_t nova_pipe(int32_t *ends) { return pipe2(ends, O_CLOEXEC) != 0 ? -errno : 0; }

int64_t nova_memory_file(void) {
  int descriptor = memfd_create("output", MFD_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

// ---- Watch -----------------------------------------------------------------------------------

struct nova_watch {
  pthread_mutex_t mutex;
  pthread_cond_t ended;
  pthread_t thread;
  struct timespec deadline;
  int process; // a process descriptor
  bool is_ended, has_killed;
};

static void *watch(void *argument) {
  struct nova_watch *watch = argument;
  pthread_mutex_lock(&watch->mutex);
  int status = 0;
  while (!watch->is_ended && status == 0)
    status = pthread_cond_timedwait(&watch->ended, &watch->mutex, &watch->deadline);
  if (!watch->is_ended) {
    watch->has_killed = true;
    syscall(SYS_pidfd_send_signal, watch->process, SIGKILL, nullptr, 0);
  }
  pthread_mutex_unlock(&watch->mutex);
  return nullptr;
}

struct nova_watch *nova_watch_begin(pid_t process, uint64_t limit_milliseconds) {
  int64_t descriptor = nova_process_descriptor(process);
  struct nova_watch *new = descriptor < 0 ? nullptr : calloc(1, sizeof *new);
  if (new == nullptr) {
    errno = descriptor < 0 ? (int)-descriptor : ENOMEM;
    return nullptr;
  }
  pthread_mutex_init(&new->mutex, nullptr);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&new->ended, &attributes);
  pthread_condattr_destroy(&attributes);
  new->process = (int)descriptor;
  clock_gettime(CLOCK_MONOTONIC, &new->deadline);
  uint64_t nanoseconds =
      (uint64_t)new->deadline.tv_nsec + limit_milliseconds % 1000 * 1'000'000;
  new->deadline.tv_sec +=
      (time_t)(limit_milliseconds / 1000) + (time_t)(nanoseconds / 1'000'000'000);
  new->deadline.tv_nsec = (long)(nanoseconds % 1'000'000'000);
  int error = pthread_create(&new->thread, nullptr, watch, new);
  if (error != 0) {
    close(new->process);
    free(new);
    errno = error;
    return nullptr;
  }
  return new;
}

bool nova_watch_end(struct nova_watch *watch) {
  pthread_mutex_lock(&watch->mutex);
  watch->is_ended = true;
  pthread_cond_signal(&watch->ended);
  pthread_mutex_unlock(&watch->mutex);
  pthread_join(watch->thread, nullptr);
  bool has_killed = watch->has_killed;
  close(watch->process);
  free(watch);
  return has_killed;
}
