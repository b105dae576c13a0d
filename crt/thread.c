// thread.c — threads over clone: their memory, numbers, locks, start and join.
// A thread's memory, from low to high: guard, stack, guard, signal stack, struct
// nova_thread_block (to which the thread pointer points).
// A program that starts no thread links none of this: the rest of crt/ reaches it through
// nova_thread_functions, which is null until the second thread.
// Source: clone(2), sigaltstack(2); Drepper, "Futexes Are Tricky" (2011).

#if NOVA_FREESTANDING

#include "internal.h"

enum { // Linux uapi: sched.h, mman-common.h, signal.h, futex.h
  CLONE_VM = 0x100,
  CLONE_FS = 0x200,
  CLONE_FILES = 0x400,
  CLONE_SIGHAND = 0x800,
  CLONE_THREAD = 0x10000,
  CLONE_SYSVSEM = 0x40000, // qemu-user starts no thread without it
  CLONE_SETTLS = 0x80000,
  CLONE_PARENT_SETTID = 0x100000,
  CLONE_CHILD_CLEARTID = 0x200000,
  PROT_NONE = 0,
  PROT_READ_WRITE = 3,
  MAP_PRIVATE_ANONYMOUS = 0x22,
  MAP_NORESERVE = 0x4000,
  MAP_FIXED_NOREPLACE = 0x100000,
  SIG_SETMASK = 2,
  FUTEX_WAIT = 0, // not private, as the kernel wakes at a thread's end
  WORD_BIT_COUNT = 64,
  STARTED_COUNT_MAX = NOVA_THREAD_COUNT_MAX - 1, // without the first
  FAULT_WAIT_COUNT_MAX = 10,
  FAULT_WAIT_NANOSECONDS = 10'000'000,
};

// Every signal but ILL, TRAP, ABRT, BUS, FPE and SEGV.
static const uint64_t blocked_signals = ~(uint64_t)0x4f8;

bool nova_is_multithreaded;
const struct nova_thread_functions *nova_thread_functions;
void (*nova_end_storage)(struct nova_thread_block *block);

// ---- Locks -----------------------------------------------------------------------------------
//
// word: 0 free → 1 held (take), 1 → 2 held with waiters (take), 1|2 → 0 free (give).

enum { FREE, HELD, AWAITED };

static void take(struct nova_lock *lock) {
  const uint32_t own = nova_local()->number;
  if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) == own) {
    lock->depth++;
    return;
  }
  uint32_t expected = FREE;
  if (!__atomic_compare_exchange_n(&lock->word, &expected, HELD, false,
                                   __ATOMIC_ACQUIRE, // pairs with give
                                   __ATOMIC_RELAXED))
    while (__atomic_exchange_n(&lock->word, AWAITED, __ATOMIC_ACQUIRE) != FREE) // pairs with give
      nova_wait(&lock->word, AWAITED, -1);
  __atomic_store_n(&lock->owner, own, __ATOMIC_RELAXED);
}

static void give(struct nova_lock *lock) {
  if (lock->depth > 0) {
    lock->depth--;
    return;
  }
  __atomic_store_n(&lock->owner, 0, __ATOMIC_RELAXED);
  if (__atomic_exchange_n(&lock->word, FREE, __ATOMIC_RELEASE) == AWAITED) // pairs with take
    nova_wake(&lock->word, 1);
}

// ---- Numbers ---------------------------------------------------------------------------------

// Of the thread with number i + 2; all zero when there is none. The lock guards all of it, but a
// fault's report reads without it.
static struct {
  uintptr_t stack_low, stack_high;
} stacks[STARTED_COUNT_MAX];
static uint64_t taken[(STARTED_COUNT_MAX + WORD_BIT_COUNT - 1) / WORD_BIT_COUNT];
static struct nova_lock numbers_lock;

// The lowest free index, or STARTED_COUNT_MAX when all are taken.
static uint32_t take_index(void) {
  uint32_t index = 0;
  take(&numbers_lock);
  while (index < STARTED_COUNT_MAX && ~taken[index / WORD_BIT_COUNT] == 0)
    index += WORD_BIT_COUNT;
  if (index < STARTED_COUNT_MAX)
    index += (uint32_t)__builtin_ctzll(~taken[index / WORD_BIT_COUNT]);
  if (index < STARTED_COUNT_MAX)
    taken[index / WORD_BIT_COUNT] |= (uint64_t)1 << index % WORD_BIT_COUNT;
  give(&numbers_lock);
  return index < STARTED_COUNT_MAX ? index : STARTED_COUNT_MAX;
}

static void set_stack(uint32_t index, uintptr_t low, uintptr_t high) {
  __atomic_store_n(&stacks[index].stack_low, low, __ATOMIC_RELAXED);
  __atomic_store_n(&stacks[index].stack_high, high, __ATOMIC_RELAXED);
}

static void give_index_back(uint32_t index) {
  take(&numbers_lock);
  taken[index / WORD_BIT_COUNT] &= ~((uint64_t)1 << index % WORD_BIT_COUNT);
  give(&numbers_lock);
}

uint32_t nova_thread_register(void) { return nova_local()->number; }

// ---- Faults ----------------------------------------------------------------------------------

// Says on whose stack the signal frame at `frame` lies, and keeps the other threads from printing.
static void on_fault(uint64_t frame, struct nova_fault_stack *stack) {
  for (uint32_t index = 0; index < STARTED_COUNT_MAX; index++) {
    const uintptr_t high = __atomic_load_n(&stacks[index].stack_high, __ATOMIC_RELAXED);
    if (high == 0 || frame - high >= NOVA_GUARD_BYTE_COUNT + NOVA_SIGNAL_STACK_BYTE_COUNT)
      continue;
    stack->low = __atomic_load_n(&stacks[index].stack_low, __ATOMIC_RELAXED);
    stack->high = high;
    stack->name = "thread's";
    stack->thread = index + 2;
  }
  // The lock's holder may be this very thread, or one that waits because it faulted too.
  struct nova_lock *const lock = &nova_output_lock;
  const uint32_t own = stack->thread ? (uint32_t)stack->thread : 1;
  for (uint32_t i = 0; i < FAULT_WAIT_COUNT_MAX; i++) {
    const uint32_t before =
        __atomic_exchange_n(&lock->word, AWAITED, __ATOMIC_ACQUIRE); // pairs with give
    if (before == FREE || __atomic_load_n(&lock->owner, __ATOMIC_RELAXED) == own)
      break;
    nova_wait(&lock->word, AWAITED, FAULT_WAIT_NANOSECONDS);
  }
}

// ---- Output ----------------------------------------------------------------------------------

static int put_character(int character) {
  const unsigned char byte = (unsigned char)character;
  nova_print(&byte, sizeof byte);
  return byte;
}

static int64_t flush(void) {
  take(&nova_output_lock);
  const int64_t result = nova_empty_output();
  give(&nova_output_lock);
  return result;
}

// ---- Memory ----------------------------------------------------------------------------------

// From a stack's top to the end of the thread's memory.
static const uintptr_t above_stack = NOVA_GUARD_BYTE_COUNT + NOVA_SIGNAL_STACK_BYTE_COUNT;

static struct nova_thread_block *block_of(const struct nova_thread *thread) {
  return (struct nova_thread_block *)(thread->stack_high + above_stack) - 1;
}

static void unmap(const struct nova_thread *thread) {
  const uintptr_t low = thread->stack_low - NOVA_GUARD_BYTE_COUNT;
  nova_unmap(low, thread->stack_high + above_stack - low);
}

static bool open_pages(uintptr_t low, size_t byte_count) {
  return nova_syscall(NOVA_SYS_mprotect, (int64_t)low, (int64_t)byte_count, PROT_READ_WRITE, 0, 0,
                      0) == 0;
}

// Reserves at the index's fixed address, or anywhere unless the policy is strict: the address or a
// negated errno. What is larger than the stride has no fixed address. Old kernels and qemu 7.2 take
// MAP_FIXED_NOREPLACE for a hint, so the result is always compared.
static int64_t reserve(uint32_t index, size_t byte_count) {
  const int64_t flags = MAP_PRIVATE_ANONYMOUS | MAP_NORESERVE;
  const uint64_t wanted =
      NOVA_THREAD_STACK_BASE + (uint64_t)index * NOVA_THREAD_STACK_STRIDE - NOVA_GUARD_BYTE_COUNT;
  const bool is_strict = nova_start_record.address_policy == NOVA_ADDRESS_strict;
  int64_t result = -NOVA_EEXIST;
  if (byte_count <= NOVA_THREAD_STACK_STRIDE)
    result = nova_syscall(NOVA_SYS_mmap, (int64_t)wanted, (int64_t)byte_count, PROT_NONE,
                          flags | MAP_FIXED_NOREPLACE, -1, 0);
  if (result == (int64_t)wanted || (result != -NOVA_EEXIST && nova_failed(result)))
    return result;
  if (!is_strict)
    return nova_failed(result) ? nova_syscall(NOVA_SYS_mmap, 0, (int64_t)byte_count, PROT_NONE,
                                              flags, -1, 0)
                               : result;
  if (!nova_failed(result))
    nova_unmap((uintptr_t)result, byte_count);
  return -NOVA_EEXIST;
}

static int64_t map(struct nova_thread *thread, uint32_t index, size_t stack_byte_count) {
  const int64_t low =
      reserve(index, NOVA_GUARD_BYTE_COUNT + stack_byte_count + above_stack);
  if (nova_failed(low))
    return low;
  thread->stack_low = (uintptr_t)low + NOVA_GUARD_BYTE_COUNT;
  thread->stack_high = thread->stack_low + stack_byte_count;
  if (open_pages(thread->stack_low, stack_byte_count) &&
      open_pages(thread->stack_high + NOVA_GUARD_BYTE_COUNT, NOVA_SIGNAL_STACK_BYTE_COUNT))
    return 0;
  unmap(thread);
  return -NOVA_ENOMEM;
}

// ---- Start and join --------------------------------------------------------------------------

// Runs on the thread, called by nova_clone.
[[noreturn]] static void run(void *argument) {
  struct nova_thread *const thread = argument;
  struct nova_thread_block *const block = block_of(thread);
  const uintptr_t signal_stack = thread->stack_high + NOVA_GUARD_BYTE_COUNT;
  const struct {
    uintptr_t stack;
    int32_t flags;
    uint64_t byte_count;
  } alternate = {signal_stack, 0, (uintptr_t)block - signal_stack};
  nova_syscall(NOVA_SYS_sigaltstack, (int64_t)&alternate, 0, 0, 0, 0, 0);
  thread->entry(thread->context);
  if (nova_end_storage)
    nova_end_storage(block);
  for (;;) // the kernel clears thread->running and wakes those who wait for it
    nova_syscall(NOVA_SYS_exit, 0, 0, 0, 0, 0, 0);
}

static int64_t clone(struct nova_thread *thread) {
  const int64_t flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
                        CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
  struct nova_thread_block *const block = block_of(thread);
  block->local = (struct nova_local){.self = &block->local, .number = thread->number};
  uint64_t before = 0; // the thread inherits the mask
  nova_syscall(NOVA_SYS_rt_sigprocmask, SIG_SETMASK, (int64_t)&blocked_signals, (int64_t)&before,
               sizeof before, 0, 0);
  const int64_t result =
      nova_clone(flags, thread->stack_high, &thread->running, block, run, thread);
  nova_syscall(NOVA_SYS_rt_sigprocmask, SIG_SETMASK, (int64_t)&before, 0, sizeof before, 0, 0);
  return nova_failed(result) ? result : 0;
}

int64_t nova_thread_start(struct nova_thread *thread, size_t stack_byte_count,
                          void (*entry)(void *context), void *context) {
  static const struct nova_thread_functions functions = {take, give, on_fault, put_character,
                                                         flush};
  if (stack_byte_count < NOVA_THREAD_STACK_BYTE_COUNT_MIN ||
      stack_byte_count > NOVA_THREAD_STACK_BYTE_COUNT_MAX)
    return -NOVA_EINVAL;
  if (!nova_is_multithreaded) { // nobody else is there who could read it
    nova_thread_functions = &functions;
    nova_is_multithreaded = true;
  }
  const uint32_t index = take_index();
  if (index == STARTED_COUNT_MAX)
    return -NOVA_EAGAIN;
  *thread = (struct nova_thread){.number = index + 2, .entry = entry, .context = context};
  const size_t page = nova_page_byte_count() - 1;
  int64_t result = map(thread, index, (stack_byte_count + page) & ~page);
  if (result == 0) {
    set_stack(index, thread->stack_low, thread->stack_high);
    result = clone(thread);
    if (result == 0)
      return 0;
    set_stack(index, 0, 0);
    unmap(thread);
  }
  give_index_back(index);
  return result;
}

int64_t nova_thread_join(struct nova_thread *thread, int64_t timeout_nanoseconds) {
  const int64_t start = timeout_nanoseconds > 0 ? nova_clock(NOVA_CLOCK_monotonic) : 0;
  int64_t left = timeout_nanoseconds;
  uint32_t running;
  // Pairs with the kernel's store at the thread's end.
  while ((running = __atomic_load_n(&thread->running, __ATOMIC_ACQUIRE)) != 0) {
    if (nova_futex_wait(&thread->running, FUTEX_WAIT, running, left) == -NOVA_ETIMEDOUT)
      return -NOVA_ETIMEDOUT;
    if (timeout_nanoseconds > 0) {
      left = timeout_nanoseconds - (nova_clock(NOVA_CLOCK_monotonic) - start);
      left = left > 0 ? left : 0;
    }
  }
  set_stack(thread->number - 2, 0, 0);
  unmap(thread);
  give_index_back(thread->number - 2);
  return 0;
}

#endif
