// thread.c — the threads of nova_abi.h over pthreads, for hosted programs and unit tests.
// Source: futex(2), pthreads(7).

#if !NOVA_FREESTANDING

#define _GNU_SOURCE
#include "nova_abi.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// libc keeps a thread's descriptor and its thread-local storage at the top of its stack; a
// sanitizer's share is the largest.
#define LIBC_BYTE_COUNT 0x200000u
#define NANOSECONDS_PER_SECOND 1000000000
// As many as Linux can be configured for.
#define PROCESSOR_COUNT_MAX 8192

__thread struct nova_local nova_hosted_local;

// ---- Numbers ---------------------------------------------------------------------------------

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t taken[NOVA_THREAD_COUNT_MAX / 64]; // bit number - 1; guarded by `lock`

// The lowest free number, from 1 on; 0 when all are taken.
static uint32_t take_number(void) {
  uint32_t number = 0;
  pthread_mutex_lock(&lock);
  for (uint32_t word = 0; word < NOVA_THREAD_COUNT_MAX / 64 && number == 0; word++) {
    if (~taken[word] == 0)
      continue;
    const uint32_t bit = (uint32_t)__builtin_ctzll(~taken[word]);
    taken[word] |= (uint64_t)1 << bit;
    number = word * 64 + bit + 1;
  }
  pthread_mutex_unlock(&lock);
  return number;
}

static void give_number_back(uint32_t number) {
  pthread_mutex_lock(&lock);
  taken[(number - 1) / 64] &= ~((uint64_t)1 << (number - 1) % 64);
  pthread_mutex_unlock(&lock);
}

static pthread_key_t registration;
static pthread_once_t registration_once = PTHREAD_ONCE_INIT;
static bool registration_is_possible;

static void unregister(void *local) {
  struct nova_local *const ended = local;
  const uint32_t number = ended->number;
  ended->number = 0;
  give_number_back(number);
}

static void prepare_registration(void) {
  registration_is_possible = pthread_key_create(&registration, unregister) == 0;
}

uint32_t nova_thread_register(void) {
  struct nova_local *const local = &nova_hosted_local;
  if (local->number != 0)
    return local->number;
  pthread_once(&registration_once, prepare_registration);
  // Without the end's notice the number could never be given back.
  if (!registration_is_possible || pthread_setspecific(registration, local) != 0)
    return 0;
  local->self = local;
  local->number = take_number();
  if (local->number == 0)
    pthread_setspecific(registration, NULL);
  return local->number;
}

// ---- Threads ---------------------------------------------------------------------------------

static void *run(void *argument) {
  struct nova_thread *const thread = argument;
  nova_hosted_local = (struct nova_local){.self = &nova_hosted_local, .number = thread->number};
  thread->entry(thread->context);
  __atomic_store_n(&thread->running, 0, __ATOMIC_RELEASE); // pairs with nova_thread_join
  nova_wake(&thread->running, UINT32_MAX);
  return NULL;
}

// Starts `run` on the thread's stack, with the signals that it shall block: 0 or an errno.
static int create(struct nova_thread *thread) {
  static const int faults[] = {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGABRT};
  sigset_t blocked, before;
  sigfillset(&blocked);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
    sigdelset(&blocked, faults[i]);
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error != 0)
    return error;
  error = pthread_attr_setstack(&attributes, (void *)thread->stack_low,
                                thread->stack_high - thread->stack_low);
  if (error == 0) {
    pthread_t host = 0;
    pthread_sigmask(SIG_SETMASK, &blocked, &before); // the thread inherits the mask
    error = pthread_create(&host, &attributes, run, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    thread->host = (uint64_t)host;
  }
  pthread_attr_destroy(&attributes);
  return error;
}

// Maps a stack between guards: 0 or a negated errno.
static int64_t map_stack(struct nova_thread *thread, size_t byte_count) {
  const size_t guard = NOVA_GUARD_BYTE_COUNT;
  void *const mapped = mmap(NULL, guard + byte_count + guard, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapped == MAP_FAILED)
    return -errno;
  thread->stack_low = (uintptr_t)mapped + guard;
  thread->stack_high = thread->stack_low + byte_count;
  if (mprotect((void *)thread->stack_low, byte_count, PROT_READ | PROT_WRITE) == 0)
    return 0;
  const int error = errno;
  munmap(mapped, guard + byte_count + guard);
  return -error;
}

static void unmap_stack(const struct nova_thread *thread) {
  const size_t guard = NOVA_GUARD_BYTE_COUNT;
  munmap((void *)(thread->stack_low - guard),
         thread->stack_high - thread->stack_low + guard + guard);
}

int64_t nova_thread_start(struct nova_thread *thread, size_t stack_byte_count,
                          void (*entry)(void *context), void *context) {
  if (stack_byte_count < NOVA_THREAD_STACK_BYTE_COUNT_MIN ||
      stack_byte_count > NOVA_THREAD_STACK_BYTE_COUNT_MAX)
    return -EINVAL;
  const uint32_t number = take_number();
  if (number == 0)
    return -EAGAIN;
  *thread = (struct nova_thread){
      .running = 1, .number = number, .entry = entry, .context = context};
  const size_t page = nova_page_byte_count();
  int64_t result = map_stack(thread, ((stack_byte_count + page - 1) & ~(page - 1)) +
                                         LIBC_BYTE_COUNT);
  if (result == 0) {
    result = -create(thread);
    if (result != 0)
      unmap_stack(thread);
  }
  if (result != 0) {
    thread->running = 0;
    give_number_back(number);
  }
  return result;
}

int64_t nova_thread_join(struct nova_thread *thread, int64_t timeout_nanoseconds) {
  const int64_t start = timeout_nanoseconds > 0 ? nova_clock(NOVA_CLOCK_monotonic) : 0;
  int64_t left = timeout_nanoseconds;
  uint32_t running;
  while ((running = __atomic_load_n(&thread->running, __ATOMIC_ACQUIRE)) != 0) { // pairs with run
    if (nova_wait(&thread->running, running, left) == -ETIMEDOUT)
      return -ETIMEDOUT;
    if (timeout_nanoseconds > 0) {
      left = timeout_nanoseconds - (nova_clock(NOVA_CLOCK_monotonic) - start);
      left = left > 0 ? left : 0;
    }
  }
  pthread_join((pthread_t)thread->host, NULL);
  unmap_stack(thread);
  give_number_back(thread->number);
  return 0;
}

// ---- Waiting ---------------------------------------------------------------------------------

int64_t nova_wait(const uint32_t *word, uint32_t expected, int64_t timeout_nanoseconds) {
  const struct timespec timeout = {.tv_sec = timeout_nanoseconds / NANOSECONDS_PER_SECOND,
                                   .tv_nsec = timeout_nanoseconds % NANOSECONDS_PER_SECOND};
  if (syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected,
              timeout_nanoseconds < 0 ? NULL : &timeout, NULL, 0) == 0 ||
      errno == EINTR)
    return 0;
  return -errno;
}

int64_t nova_wake(const uint32_t *word, uint32_t count) {
  const long woken = syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE,
                             count < INT_MAX ? (int)count : INT_MAX, NULL, NULL, 0);
  return woken < 0 ? -errno : woken;
}

void nova_yield(void) { sched_yield(); }

uint32_t nova_processor_count(void) {
  uint64_t mask[PROCESSOR_COUNT_MAX / 64] = {0};
  uint32_t count = 0;
  if (syscall(SYS_sched_getaffinity, 0, sizeof mask, mask) > 0)
    for (size_t i = 0; i < sizeof mask / sizeof *mask; i++)
      count += (uint32_t)__builtin_popcountll(mask[i]);
  return count > 0 ? count : 1;
}

#endif
