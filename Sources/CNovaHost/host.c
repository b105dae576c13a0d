// host.c — nova_abi.h over the host's libc, for hosted programs and unit tests.

#if !NOVA_FREESTANDING

#define _GNU_SOURCE
#include "nova_abi.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS_PER_SECOND 1000000000

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

// What the program's source says, if it does: the linker bounds a section whose name is a C word.
#define SETTING(name)                                                                              \
  extern const uint64_t __start_##name[] __attribute__((weak));                                    \
  extern const uint64_t __stop_##name[] __attribute__((weak));
#define VALUE(name, standard) (__start_##name != __stop_##name ? __start_##name[0] : (standard))
SETTING(nova_stack_size)
SETTING(nova_stack_policy)
SETTING(nova_stack_initial)
SETTING(nova_heap_size)
SETTING(nova_worker_count)
SETTING(nova_address_policy)
SETTING(nova_entropy_policy)
SETTING(nova_cpu_policy)
SETTING(nova_driver_grants)

static struct nova_start_record start_record;

static uint64_t trace_descriptor(void) {
  const char *const text = getenv("NOVA_TRACE");
  if (text == NULL || getauxval(AT_SECURE) != 0)
    return 0;
  char *end;
  const unsigned long value = strtoul(text, &end, 10);
  return end != text && *end == 0 ? value : UINT64_MAX;
}

// glibc hands an initialiser what `main` gets.
__attribute__((constructor)) static void remember(int argument_count, char **arguments,
                                                  char **environment) {
  start_record = (struct nova_start_record){
      .argument_count = (uint64_t)argument_count,
      .arguments = (const char *const *)arguments,
      .environment = (const char *const *)environment,
      .page_byte_count = (uint64_t)sysconf(_SC_PAGESIZE),
      .flags = getauxval(AT_SECURE) != 0 ? NOVA_STARTED_secure : 0,
      .stack_byte_count = VALUE(nova_stack_size, NOVA_STACK_BYTE_COUNT_DEFAULT),
      .stack_policy = VALUE(nova_stack_policy, NOVA_STACK_POLICY_DEFAULT),
      .stack_initial_byte_count = VALUE(nova_stack_initial, NOVA_STACK_INITIAL_BYTE_COUNT_DEFAULT),
      .heap_byte_count = VALUE(nova_heap_size, NOVA_HEAP_BYTE_COUNT_DEFAULT),
      .worker_count = VALUE(nova_worker_count, NOVA_WORKER_COUNT_DEFAULT),
      .address_policy = VALUE(nova_address_policy, NOVA_ADDRESS_POLICY_DEFAULT),
      .entropy_policy = VALUE(nova_entropy_policy, NOVA_ENTROPY_POLICY_DEFAULT),
      .cpu_policy = VALUE(nova_cpu_policy, NOVA_CPU_POLICY_DEFAULT),
      .driver_grants = VALUE(nova_driver_grants, NOVA_DRIVER_GRANTS_DEFAULT),
      .trace_descriptor = trace_descriptor(),
  };
  if (start_record.flags & NOVA_STARTED_secure)
    while (*start_record.environment)
      start_record.environment++; // points at the terminating null
}

const struct nova_start_record *nova_started(void) { return &start_record; }

bool nova_auxiliary(uint64_t type, uint64_t *value) {
  errno = 0;
  const uint64_t found = getauxval(type);
  if (found == 0 && errno == ENOENT)
    return false;
  *value = found;
  return true;
}

_Noreturn void nova_exit(int32_t status) {
  // libc's exit is for one thread; a hook of its own may call it again.
  static pthread_mutex_t ending = PTHREAD_MUTEX_INITIALIZER;
  static __thread bool is_ending;
  if (!is_ending)
    pthread_mutex_lock(&ending); // another thread ends the process meanwhile
  is_ending = true;
  exit(status);
}

int64_t nova_write(int32_t descriptor, const void *bytes, size_t byte_count) {
  const ssize_t written = write(descriptor, bytes, byte_count);
  return written < 0 ? -errno : written;
}

int64_t nova_read(int32_t descriptor, void *bytes, size_t byte_count) {
  const ssize_t got = read(descriptor, bytes, byte_count);
  return got < 0 ? -errno : got;
}

int64_t nova_open(const char *path) {
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  return descriptor < 0 ? -errno : descriptor;
}

int64_t nova_close(int32_t descriptor) { return close(descriptor) == 0 ? 0 : -errno; }

int64_t nova_file_byte_count(int32_t descriptor) {
  const off_t end = lseek(descriptor, 0, SEEK_END);
  return end < 0 || lseek(descriptor, 0, SEEK_SET) < 0 ? -errno : end;
}

int64_t nova_map_sealed(int32_t descriptor, size_t byte_count) {
  const int wanted = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  const int seals = fcntl(descriptor, F_GET_SEALS);
  if (seals < 0)
    return -errno;
  if ((seals & wanted) != wanted)
    return -NOVA_EPERM;
  void *const mapped = mmap(NULL, byte_count, PROT_READ, MAP_PRIVATE, descriptor, 0);
  return mapped == MAP_FAILED ? -errno : (int64_t)(uintptr_t)mapped;
}

// nova_clock's numbers are Linux's.
int64_t nova_clock(enum nova_clock clock) {
  struct timespec now;
  if (clock_gettime((clockid_t)clock, &now) != 0)
    return -errno;
  return now.tv_sec * NANOSECONDS_PER_SECOND + now.tv_nsec;
}

int64_t nova_clock_resolution(enum nova_clock clock) {
  struct timespec step;
  if (clock_getres((clockid_t)clock, &step) != 0)
    return -errno;
  return step.tv_sec * NANOSECONDS_PER_SECOND + step.tv_nsec;
}

int64_t nova_print(const void *bytes, size_t byte_count) {
  return fwrite(bytes, 1, byte_count, stdout) == byte_count ? 0 : -EIO;
}

int64_t nova_flush(void) { return fflush(stdout) == 0 ? 0 : -errno; }

int64_t nova_map(uintptr_t address, size_t byte_count) {
  void *const mapped = mmap((void *)address, byte_count, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
                                (address != 0 ? MAP_FIXED_NOREPLACE : 0),
                            -1, 0);
  if (mapped == MAP_FAILED)
    return -errno;
  if (address != 0 && (uintptr_t)mapped != address) {
    munmap(mapped, byte_count);
    return -EEXIST;
  }
  return (int64_t)(uintptr_t)mapped;
}

int64_t nova_unmap(uintptr_t address, size_t byte_count) {
  return munmap((void *)address, byte_count) == 0 ? 0 : -errno;
}

size_t nova_page_byte_count(void) { return (size_t)sysconf(_SC_PAGESIZE); }

void nova_random(void *bytes, size_t byte_count) {
  unsigned char *next = bytes;
  while (byte_count > 0) {
    const ssize_t got = getrandom(next, byte_count, 0);
    if (got > 0) {
      next += got;
      byte_count -= (size_t)got;
    }
  }
}

static pthread_mutex_t hooks_lock = PTHREAD_MUTEX_INITIALIZER;
static struct exit_hook {
  void (*call)(void *context);
  void *context;
} hooks[NOVA_EXIT_HOOK_COUNT_MAX]; // with the next two, guarded by hooks_lock
static unsigned hook_count;
static bool hooks_are_registered;

static void run_hooks(void) {
  for (;;) {
    pthread_mutex_lock(&hooks_lock);
    const bool found = hook_count > 0;
    hook_count -= found;
    const struct exit_hook hook = hooks[hook_count];
    pthread_mutex_unlock(&hooks_lock);
    if (!found)
      return;
    hook.call(hook.context); // without the lock: a hook may add another
  }
}

bool nova_at_exit(void (*hook)(void *context), void *context) {
  pthread_mutex_lock(&hooks_lock);
  const bool found = hook_count < NOVA_EXIT_HOOK_COUNT_MAX &&
                     (hooks_are_registered || atexit(run_hooks) == 0);
  if (found) {
    hooks_are_registered = true;
    hooks[hook_count++] = (struct exit_hook){hook, context};
  }
  pthread_mutex_unlock(&hooks_lock);
  return found;
}

#endif
