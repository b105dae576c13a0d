// platform_layer.c — what Embedded Swift's runtime asks of a platform after Swift 6.3.
// Weak: a program may bring its own; what a program does not use is not linked.
// Source: swiftlang/swift, stdlib/public/EmbeddedPlatform, platform abstraction layer 1.1.

#if NOVA_FREESTANDING

#include "internal.h"

#define HOOK [[gnu::weak]]

enum {
  ALLOCATE_ZEROED = 1, // bit of an allocation's options
  MINIMUM_ALIGNMENT = 16,
  STANDARD_INPUT = 0,
  STANDARD_ERROR = 2,
  INPUT_BYTE_COUNT = 4096,
  LINE_BYTE_COUNT_FIRST = 128, // doubled as the line grows
};

typedef uint64_t options;

int posix_memalign(void **pointer, size_t alignment, size_t byte_count);
void free(void *pointer);

// ---- Allocation ------------------------------------------------------------------------------

void *_swift_allocate(size_t alignment, size_t byte_count, options flags);
void _swift_deallocate(void *pointer, size_t alignment, size_t byte_count, options flags);
void *_swift_typedAllocate(size_t byte_count, size_t alignment, options flags, uint64_t type);
void _swift_typedDeallocate(void *pointer, size_t byte_count, size_t alignment, options flags,
                            uint64_t type);

HOOK void *_swift_allocate(size_t alignment, size_t byte_count, options flags) {
  void *pointer;
  if (posix_memalign(&pointer, alignment, byte_count) != 0)
    return nullptr;
  return flags & ALLOCATE_ZEROED ? memset(pointer, 0, byte_count) : pointer;
}

HOOK void _swift_deallocate(void *pointer, size_t alignment, size_t byte_count, options flags) {
  (void)alignment;
  (void)byte_count;
  (void)flags;
  free(pointer);
}

// The header speaks of an alignment, the standard library passes a mask (15 for 16, -1 for any).
HOOK void *_swift_typedAllocate(size_t byte_count, size_t alignment, options flags, uint64_t type) {
  (void)type;
  const size_t whole = alignment & 1 ? alignment + 1 : alignment;
  return _swift_allocate(whole < MINIMUM_ALIGNMENT ? MINIMUM_ALIGNMENT : whole,
                         byte_count > 0 ? byte_count : 1, flags);
}

HOOK void _swift_typedDeallocate(void *pointer, size_t byte_count, size_t alignment, options flags,
                                 uint64_t type) {
  (void)type;
  _swift_deallocate(pointer, alignment, byte_count, flags);
}

// ---- Mutual exclusion ------------------------------------------------------------------------
//
// word: 0 free → 1 held (lock), 1 → 2 held with waiters (lock), 1|2 → 0 free (unlock, wakes one).

enum { // options of a mutex
  MUTEX_CHECKED = 1,
  MUTEX_RECURSIVE = 2,
};
enum { FREE, HELD, AWAITED };

struct mutex {
  uint32_t word;
  uint32_t options;
  uint32_t owner; // a thread's number; only kept with options
  uint32_t depth; // locks by the owner beyond the first
};
static_assert(sizeof(struct mutex) <= 8 * sizeof(void *), "the storage holds eight words");

void _swift_mutex_init(struct mutex *mutex, options flags);
void _swift_mutex_destroy(struct mutex *mutex);
void _swift_mutex_lock(struct mutex *mutex);
void _swift_mutex_unlock(struct mutex *mutex);
intptr_t _swift_mutex_tryLock(struct mutex *mutex);
void _swift_mutexRecursive_init(struct mutex *mutex, options flags);
void _swift_mutexRecursive_destroy(struct mutex *mutex);
void _swift_mutexRecursive_lock(struct mutex *mutex);
void _swift_mutexRecursive_unlock(struct mutex *mutex);
void _swift_lockStandardOutput(void);
void _swift_unlockStandardOutput(void);

[[noreturn]] static void misuse(const char *message, size_t byte_count) {
  nova_flush();
  nova_write(STANDARD_ERROR, message, byte_count);
  __builtin_trap();
}
#define MISUSE(text) misuse("nova: " text "\n", sizeof("nova: " text "\n") - 1)

static uint32_t thread(void) { return nova_local()->number; }

static bool take(struct mutex *mutex) {
  uint32_t expected = FREE;
  return __atomic_compare_exchange_n(&mutex->word, &expected, HELD, false,
                                     __ATOMIC_ACQUIRE, // pairs with _swift_mutex_unlock
                                     __ATOMIC_RELAXED);
}

static bool is_owner(struct mutex *mutex) {
  return __atomic_load_n(&mutex->owner, __ATOMIC_RELAXED) == thread();
}

static void set_owner(struct mutex *mutex, uint32_t owner) {
  __atomic_store_n(&mutex->owner, owner, __ATOMIC_RELAXED);
}

HOOK void _swift_mutex_init(struct mutex *mutex, options flags) {
  *mutex = (struct mutex){.options = (uint32_t)flags};
}

HOOK void _swift_mutex_destroy(struct mutex *mutex) {
  if (mutex->options && __atomic_load_n(&mutex->word, __ATOMIC_RELAXED) != FREE)
    MISUSE("a locked mutex was destroyed");
}

HOOK void _swift_mutex_lock(struct mutex *mutex) {
  if (mutex->options && is_owner(mutex)) {
    if (!(mutex->options & MUTEX_RECURSIVE))
      MISUSE("a thread locked a mutex that it holds");
    mutex->depth++;
    return;
  }
  if (!take(mutex))
    while (__atomic_exchange_n(&mutex->word, AWAITED, __ATOMIC_ACQUIRE) != FREE) // pairs as in take
      nova_wait(&mutex->word, AWAITED, -1);
  if (mutex->options)
    set_owner(mutex, thread());
}

HOOK intptr_t _swift_mutex_tryLock(struct mutex *mutex) {
  if (mutex->options & MUTEX_RECURSIVE && is_owner(mutex)) {
    mutex->depth++;
    return 1;
  }
  if (!take(mutex))
    return 0;
  if (mutex->options)
    set_owner(mutex, thread());
  return 1;
}

HOOK void _swift_mutex_unlock(struct mutex *mutex) {
  if (mutex->options) {
    if (!is_owner(mutex))
      MISUSE("a thread unlocked a mutex that it does not hold");
    if (mutex->depth > 0) {
      mutex->depth--;
      return;
    }
    set_owner(mutex, 0);
  }
  if (__atomic_exchange_n(&mutex->word, FREE, __ATOMIC_RELEASE) == AWAITED) // pairs with take
    nova_wake(&mutex->word, 1);
}

HOOK void _swift_mutexRecursive_init(struct mutex *mutex, options flags) {
  _swift_mutex_init(mutex, flags | MUTEX_RECURSIVE);
}
HOOK void _swift_mutexRecursive_destroy(struct mutex *mutex) { _swift_mutex_destroy(mutex); }
HOOK void _swift_mutexRecursive_lock(struct mutex *mutex) { _swift_mutex_lock(mutex); }
HOOK void _swift_mutexRecursive_unlock(struct mutex *mutex) { _swift_mutex_unlock(mutex); }

static struct mutex output_mutex;
HOOK void _swift_lockStandardOutput(void) { _swift_mutex_lock(&output_mutex); }
HOOK void _swift_unlockStandardOutput(void) { _swift_mutex_unlock(&output_mutex); }

// ---- Threads ---------------------------------------------------------------------------------

typedef void (*destructor)(void *value);

void _swift_tls_init(intptr_t key, destructor on_exit);
void *_swift_tls_get(intptr_t key);
void _swift_tls_set(intptr_t key, void *value);
intptr_t _swift_thread_isMain(void);
void *_swift_getExclusivityTLS(void);
void _swift_setExclusivityTLS(void *value);

static destructor destructors[NOVA_STORAGE_KEY_COUNT];

static struct nova_thread_block *block(void) { return (struct nova_thread_block *)nova_local(); }

static void **slot(intptr_t key) {
  if (key < 0 || key >= NOVA_STORAGE_KEY_COUNT)
    MISUSE("thread-local storage has the keys 0 … 7");
  return &block()->storage[key];
}

// A destructor sees its value gone, and may set another key's.
static void end_storage(struct nova_thread_block *ended) {
  for (uint32_t key = 0; key < NOVA_STORAGE_KEY_COUNT; key++) {
    void *const value = ended->storage[key];
    ended->storage[key] = nullptr;
    if (value && destructors[key])
      destructors[key](value);
  }
}

// The first thread's values end with the process, so that none of its destructors is due.
HOOK void _swift_tls_init(intptr_t key, destructor on_exit) {
  slot(key);
  destructors[key] = on_exit;
  nova_end_storage = end_storage;
}
HOOK void *_swift_tls_get(intptr_t key) { return *slot(key); }
HOOK void _swift_tls_set(intptr_t key, void *value) { *slot(key) = value; }
HOOK void *_swift_getExclusivityTLS(void) { return block()->exclusivity; }
HOOK void _swift_setExclusivityTLS(void *value) { block()->exclusivity = value; }

HOOK intptr_t _swift_thread_isMain(void) { return thread() == 1; }

// ---- Output and input ------------------------------------------------------------------------

size_t _swift_writeToStandardOutput(const unsigned char *bytes, size_t byte_count);
intptr_t swift_stdlib_readLine_stdin(unsigned char **line);

HOOK size_t _swift_writeToStandardOutput(const unsigned char *bytes, size_t byte_count) {
  return nova_print(bytes, byte_count) < 0 ? 0 : byte_count;
}

static unsigned char input_bytes[INPUT_BYTE_COUNT];
static uint32_t input_next, input_end;
static struct nova_lock input_lock; // guards the input's buffer

// Reads more when all is used up; false at the end of the input or when it cannot be read.
static bool has_input(void) {
  while (input_next == input_end) {
    nova_flush(); // a question that waits for its answer must be seen
    const int64_t got = nova_read(STANDARD_INPUT, input_bytes, INPUT_BYTE_COUNT);
    if (got == -NOVA_EINTR)
      continue;
    if (got <= 0)
      return false;
    input_next = 0;
    input_end = (uint32_t)got;
  }
  return true;
}

// Twice the room, or null; the old bytes are freed.
static unsigned char *grow(unsigned char *bytes, size_t byte_count, size_t room) {
  void *larger;
  if (posix_memalign(&larger, MINIMUM_ALIGNMENT, room) != 0)
    larger = nullptr;
  else if (byte_count > 0)
    memcpy(larger, bytes, byte_count);
  free(bytes);
  return larger;
}

// The line with its newline, in memory that the caller frees: its byte count, or -1 at the end.
static intptr_t read_line(unsigned char **line) {
  unsigned char *bytes = nullptr;
  size_t byte_count = 0, room = 0;
  *line = nullptr;
  while (has_input()) {
    if (byte_count == room) {
      room = room > 0 ? 2 * room : LINE_BYTE_COUNT_FIRST;
      bytes = grow(bytes, byte_count, room);
      if (!bytes)
        return -1;
    }
    const unsigned char byte = input_bytes[input_next++];
    bytes[byte_count++] = byte;
    if (byte == '\n')
      break;
  }
  *line = bytes;
  return byte_count > 0 ? (intptr_t)byte_count : -1;
}

HOOK intptr_t swift_stdlib_readLine_stdin(unsigned char **line) {
  nova_take(&input_lock);
  const intptr_t byte_count = read_line(line);
  nova_give(&input_lock);
  return byte_count;
}

// ---- Random bytes, clocks, ends ----------------------------------------------------------------

void _swift_generateRandom(void *bytes, size_t byte_count);
void _swift_generateRandomHashSeed(void *bytes, size_t byte_count);
void _swift_clock_getTime(int clock, long long *seconds, long long *nanoseconds);
void _swift_clock_getResolution(int clock, long long *seconds, long long *nanoseconds);
void _swift_clock_sleep(long long seconds, long long nanoseconds);
[[noreturn]] void _swift_reportError(const unsigned char *message, size_t byte_count,
                                     options flags);
[[noreturn]] void _swift_reportErrorAt(const unsigned char *message, size_t byte_count,
                                       const unsigned char *file, size_t file_byte_count,
                                       size_t line, options flags);
[[noreturn]] void _swift_exit(intptr_t status);

HOOK void _swift_generateRandom(void *bytes, size_t byte_count) { nova_random(bytes, byte_count); }
HOOK void _swift_generateRandomHashSeed(void *bytes, size_t byte_count) {
  nova_hash_seed(bytes, byte_count);
}

// Swift's clocks are 1 continuous, 2 suspending, 3 wall; Linux's are in uapi, time.h.
static int64_t linux_clock(int clock) {
  enum { CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1, CLOCK_BOOTTIME = 7 };
  return clock == 1 ? CLOCK_BOOTTIME : clock == 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

static void ask_clock(int64_t call, int clock, long long *seconds, long long *nanoseconds) {
  int64_t time[2] = {0, 0};
  nova_syscall(call, linux_clock(clock), (int64_t)time, 0, 0, 0, 0);
  *seconds = time[0];
  *nanoseconds = time[1];
}

HOOK void _swift_clock_getTime(int clock, long long *seconds, long long *nanoseconds) {
  ask_clock(NOVA_SYS_clock_gettime, clock, seconds, nanoseconds);
}

HOOK void _swift_clock_getResolution(int clock, long long *seconds, long long *nanoseconds) {
  ask_clock(NOVA_SYS_clock_getres, clock, seconds, nanoseconds);
}

HOOK void _swift_clock_sleep(long long seconds, long long nanoseconds) {
  int64_t left[2] = {seconds, nanoseconds};
  const int64_t time = (int64_t)left;
  while (nova_syscall(NOVA_SYS_nanosleep, time, time, 0, 0, 0, 0) == -NOVA_EINTR) {
  }
}

static void say(const void *bytes, size_t byte_count) {
  nova_write(STANDARD_ERROR, bytes, byte_count);
}

static void say_decimal(size_t value) {
  unsigned char digits[20];
  uint32_t next = sizeof digits;
  do
    digits[--next] = (unsigned char)('0' + value % 10);
  while ((value /= 10) > 0);
  say(digits + next, sizeof digits - next);
}

// The kind of error is in the low byte of `flags`. Ends in a trap, whose report follows.
HOOK void _swift_reportErrorAt(const unsigned char *message, size_t byte_count,
                               const unsigned char *file, size_t file_byte_count, size_t line,
                               options flags) {
  static const char kinds[3][24] = {"Fatal error: ", "Precondition failed: ", "Assertion failed: "};
  const char *const kind = kinds[(flags & 0xff) < 3 ? flags & 0xff : 0];
  nova_flush();
  if (file_byte_count > 0) {
    say(file, file_byte_count);
    say(":", 1);
    say_decimal(line);
    say(": ", 2);
  }
  size_t kind_byte_count = 0;
  while (kind[kind_byte_count])
    kind_byte_count++;
  say(kind, byte_count > 0 ? kind_byte_count : kind_byte_count - 2);
  say(message, byte_count);
  say("\n", 1);
  __builtin_trap();
}

HOOK void _swift_reportError(const unsigned char *message, size_t byte_count, options flags) {
  _swift_reportErrorAt(message, byte_count, nullptr, 0, 0, flags);
}

HOOK void _swift_exit(intptr_t status) { nova_exit((int32_t)status); }

#endif
