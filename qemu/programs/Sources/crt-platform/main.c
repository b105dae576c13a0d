// main.c — calls each hook of the platform layer that follows Swift 6.3, and checks what it does.
// Reads two lines from its standard input: "first", then 300 letters without a newline.

#include "crt_checks.h"

typedef uint64_t options;

void *_swift_allocate(size_t alignment, size_t byte_count, options flags);
void _swift_deallocate(void *pointer, size_t alignment, size_t byte_count, options flags);
void *_swift_typedAllocate(size_t byte_count, size_t alignment, options flags, uint64_t type);
void _swift_typedDeallocate(void *pointer, size_t byte_count, size_t alignment, options flags,
                            uint64_t type);
size_t _swift_writeToStandardOutput(const unsigned char *bytes, size_t byte_count);
void _swift_lockStandardOutput(void);
void _swift_unlockStandardOutput(void);
void _swift_generateRandom(void *bytes, size_t byte_count);
void _swift_generateRandomHashSeed(void *bytes, size_t byte_count);
void _swift_mutex_init(void *mutex, options flags);
void _swift_mutex_destroy(void *mutex);
void _swift_mutex_lock(void *mutex);
void _swift_mutex_unlock(void *mutex);
intptr_t _swift_mutex_tryLock(void *mutex);
void _swift_mutexRecursive_init(void *mutex, options flags);
void _swift_mutexRecursive_destroy(void *mutex);
void _swift_mutexRecursive_lock(void *mutex);
void _swift_mutexRecursive_unlock(void *mutex);
void _swift_tls_init(intptr_t key, void (*destructor)(void *));
void *_swift_tls_get(intptr_t key);
void _swift_tls_set(intptr_t key, void *value);
intptr_t _swift_thread_isMain(void);
void *_swift_getExclusivityTLS(void);
void _swift_setExclusivityTLS(void *value);
void _swift_clock_getTime(int clock, long long *seconds, long long *nanoseconds);
void _swift_clock_getResolution(int clock, long long *seconds, long long *nanoseconds);
void _swift_clock_sleep(long long seconds, long long nanoseconds);
intptr_t swift_stdlib_readLine_stdin(unsigned char **line);
[[noreturn]] void _swift_reportErrorAt(const unsigned char *message, size_t byte_count,
                                       const unsigned char *file, size_t file_byte_count,
                                       size_t line, options flags);
[[noreturn]] void _swift_reportError(const unsigned char *message, size_t byte_count,
                                     options flags);
[[noreturn]] void _swift_exit(intptr_t status);
void free(void *pointer);

static bool is_zero(const unsigned char *bytes, size_t byte_count) {
  while (byte_count > 0)
    if (bytes[--byte_count] != 0)
      return false;
  return true;
}

static void check_allocation(void) {
  unsigned char *const dirty = _swift_allocate(64, 200, 0);
  crt_check(dirty && (uintptr_t)dirty % 64 == 0, "memory with the alignment asked for");
  for (uint32_t i = 0; i < 200; i++)
    dirty[i] = 0xff;
  _swift_deallocate(dirty, 64, 200, 0);
  unsigned char *const clear = _swift_allocate(64, 200, 1);
  crt_check(clear && is_zero(clear, 200), "zeroed memory when asked for");
  _swift_deallocate(clear, 64, 200, 0);
  unsigned char *const typed = _swift_typedAllocate(0, 31, 1, 42); // 31: the mask of 32
  crt_check(typed && (uintptr_t)typed % 32 == 0, "typed memory by the mask of its alignment");
  _swift_typedDeallocate(typed, 0, 31, 0, 42);
  unsigned char *const any = _swift_typedAllocate(8, (size_t)-1, 0, 42);
  crt_check(any && (uintptr_t)any % 16 == 0, "typed memory of any alignment");
}

static void check_random(void) {
  uint64_t first[2] = {0, 0}, second[2] = {0, 0}, seed[2] = {0, 0};
  _swift_generateRandom(first, sizeof first);
  _swift_generateRandom(second, sizeof second);
  _swift_generateRandomHashSeed(seed, sizeof seed);
  crt_check(first[0] != first[1] && first[0] != second[0] && first[1] != second[1],
            "random numbers differ from each other");
  crt_say("# random", first[0]);
  crt_say("# seed", seed[0]);
}

static void check_mutexes(void) {
  void *plain[8], *checked[8], *recursive[8];
  _swift_mutex_init(plain, 0);
  _swift_mutex_lock(plain);
  crt_check(!_swift_mutex_tryLock(plain), "a held mutex is refused");
  _swift_mutex_unlock(plain);
  crt_check(_swift_mutex_tryLock(plain), "a free mutex is taken");
  _swift_mutex_unlock(plain);
  _swift_mutex_destroy(plain);
  _swift_mutex_init(checked, 1);
  _swift_mutex_lock(checked);
  crt_check(!_swift_mutex_tryLock(checked), "a held, checked mutex is refused");
  _swift_mutex_unlock(checked);
  _swift_mutex_destroy(checked);
  _swift_mutexRecursive_init(recursive, 0);
  _swift_mutexRecursive_lock(recursive);
  _swift_mutexRecursive_lock(recursive);
  crt_check(_swift_mutex_tryLock(recursive), "its owner takes a recursive mutex again");
  _swift_mutexRecursive_unlock(recursive);
  _swift_mutexRecursive_unlock(recursive);
  _swift_mutexRecursive_unlock(recursive);
  _swift_mutexRecursive_destroy(recursive); // would trap, were it still held
  _swift_lockStandardOutput();
  _swift_unlockStandardOutput();
}

static void check_storage(void) {
  int value;
  crt_check(!_swift_tls_get(7), "thread-local storage is empty at first");
  _swift_tls_init(7, nullptr);
  _swift_tls_set(7, &value);
  crt_check(_swift_tls_get(7) == &value && !_swift_tls_get(6), "each key has a value of its own");
  crt_check(!_swift_getExclusivityTLS(), "no access is recorded at first");
  _swift_setExclusivityTLS(&value);
  crt_check(_swift_getExclusivityTLS() == &value, "the recorded access is found again");
  crt_check(_swift_thread_isMain() == 1, "this is the main thread");
}

static void check_clocks(void) {
  for (int clock = 1; clock <= 3; clock++) {
    long long seconds = 0, nanoseconds = -1, later = 0, later_nanoseconds = 0;
    _swift_clock_getResolution(clock, &seconds, &nanoseconds);
    crt_check(seconds == 0 && nanoseconds > 0 && nanoseconds < 1000000000, "a resolution");
    _swift_clock_getTime(clock, &seconds, &nanoseconds);
    _swift_clock_sleep(0, 2000000);
    _swift_clock_getTime(clock, &later, &later_nanoseconds);
    crt_check((later - seconds) * 1000000000 + later_nanoseconds - nanoseconds >= 2000000,
              "a clock goes on while the program sleeps");
  }
}

static void check_input(void) {
  unsigned char *line;
  crt_check(swift_stdlib_readLine_stdin(&line) == 6 && line[0] == 'f' && line[5] == '\n',
            "a line with its newline");
  free(line);
  crt_check(swift_stdlib_readLine_stdin(&line) == 300 && line[0] == 'x' && line[299] == 'x',
            "a long line that the input's end cuts off");
  free(line);
  crt_check(swift_stdlib_readLine_stdin(&line) == -1 && !line, "the end of the input");
}

static bool is(const char *argument, const char *word) {
  while (*argument && *argument == *word)
    argument++, word++;
  return *argument == *word;
}

int main(void) {
  static const unsigned char message[] = "the message", file[] = "file.swift";
  void *mutex[8];
  if (nova_started()->argument_count > 1) {
    const char *const way = nova_started()->arguments[1];
    nova_print("before\n", 7);
    _swift_mutex_init(mutex, 1);
    if (is(way, "error"))
      _swift_reportError(message, sizeof message - 1, 0);
    else if (is(way, "error-at"))
      _swift_reportErrorAt(message, sizeof message - 1, file, sizeof file - 1, 1234, 1);
    else if (is(way, "exit"))
      _swift_exit(42);
    else if (is(way, "lock-twice")) {
      _swift_mutex_lock(mutex);
      _swift_mutex_lock(mutex);
    } else if (is(way, "unlock-free"))
      _swift_mutex_unlock(mutex);
    else if (is(way, "exhaust"))
      _swift_allocate(16, (size_t)1 << 60, 0);
    else if (is(way, "key"))
      _swift_tls_set(8, mutex);
  }
  check_allocation();
  check_random();
  check_mutexes();
  check_storage();
  check_clocks();
  check_input();
  crt_check(_swift_writeToStandardOutput((const unsigned char *)"# out\n", 6) == 6,
            "the standard output takes bytes");
  return crt_finish();
}
