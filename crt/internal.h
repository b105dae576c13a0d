// internal.h — what the files of crt/ share with each other and with nobody else.
// Each arch.h empties itself on another CPU, so no condition stands here.

#ifndef NOVA_INTERNAL_H
#define NOVA_INTERNAL_H

#include "include/nova_abi.h"
#include "include/nova_files.h"

#include "aarch64/arch.h"
#include "riscv64/arch.h"
#include "x86_64/arch.h"

// Code that runs before `main` and never after it, placed apart so that a trace can leave it out.
#define NOVA_START_TEXT [[gnu::section(".text.nova_start"), gnu::cold, clang::minsize]]
// Code that every program has and hardly runs: small, and `cold` so that it is not aligned.
#define NOVA_RARE_TEXT [[gnu::cold, gnu::noinline, clang::minsize]]
// Records that vary from run to run by design, placed apart from what the harness compares.
#define NOVA_RECORDED [[gnu::section(".bss.nova_recorded")]]
// The same for what is large and rarely touched: placed first, so that the small share a page.
#define NOVA_RECORDED_LARGE [[gnu::section(".bss.nova_recorded_large")]]

extern struct nova_start_record nova_start_record;

// What the kernel says of the CPU; zero where it does not. Read by crt0.S, by these offsets.
struct nova_capabilities {
  uint64_t hardware;                // 0: AT_HWCAP
  uint64_t hardware_2;              // 8: AT_HWCAP2
  uint64_t signal_frame_byte_count; // 16: AT_MINSIGSTKSZ
};
extern struct nova_capabilities nova_capabilities;

// Called by crt0.S; in this order.
uint64_t nova_start(const uint64_t *initial);
void nova_initialise(void);
uint64_t nova_renew_stack(void);

// What memory.S may use: 0 the least of its architecture, the only value under NOVA_CPU_baseline.
extern uint32_t nova_cpu_level;

// The standard output has refused bytes: an exit status of 0 would be a lie.
extern bool nova_output_is_lost;

// ---- Threads ---------------------------------------------------------------------------------

enum {
  NOVA_STORAGE_KEY_COUNT = 8,             // of Swift's thread-local storage
  NOVA_SIGNAL_STACK_BYTE_COUNT = 64 << 10, // more than any CPU's signal frame (11 KiB with AMX)
};

// To its first byte the thread pointer points.
struct nova_thread_block {
  alignas(16) struct nova_local local;
  void *storage[NOVA_STORAGE_KEY_COUNT]; // platform_layer.c's
  void *exclusivity;
};
extern struct nova_thread_block nova_first_thread; // filled by crt0.S
static_assert(sizeof(struct nova_thread_block) % 16 == 0, "the block lies at the top of a stack");

// Called at a thread's end, once somebody keeps values that must be ended; null before.
extern void (*nova_end_storage)(struct nova_thread_block *block);

// Starts a thread on `stack_high`; `word` gets its number, and 0 at its end: <arch>/clone.S.
int64_t nova_clone(int64_t flags, uintptr_t stack_high, uint32_t *word,
                   struct nova_thread_block *thread_pointer, void (*run)(void *argument),
                   void *argument);

// nova_wait with a futex operation of the caller's.
int64_t nova_futex_wait(const uint32_t *word, int64_t operation, uint32_t expected,
                        int64_t timeout_nanoseconds);

// A lock that a thread may take again while it holds it. Nothing but thread.c touches the fields.
struct nova_lock {
  uint32_t word;
  uint32_t owner; // a thread's number; 0 when free
  uint32_t depth; // times that the owner took it beyond the first
};

// The stack on which a fault happened, as the report tells it.
struct nova_fault_stack {
  uint64_t low, high;
  const char *name;
  uint64_t thread; // its number
};

// What a second thread makes necessary; null before it, so that nobody links or pays it.
struct nova_thread_functions {
  void (*take)(struct nova_lock *lock);
  void (*give)(struct nova_lock *lock);
  void (*fault)(uint64_t frame, struct nova_fault_stack *stack);
  int (*putchar)(int character);
  int64_t (*flush)(void);
};
extern const struct nova_thread_functions *nova_thread_functions;

static inline void nova_take(struct nova_lock *lock) {
  if (nova_thread_functions)
    nova_thread_functions->take(lock);
}
static inline void nova_give(struct nova_lock *lock) {
  if (nova_thread_functions)
    nova_thread_functions->give(lock);
}

// ---- Output and end --------------------------------------------------------------------------

// Guards the standard output's buffer. nova_empty_output is nova_flush for who holds it.
extern struct nova_lock nova_output_lock;
int64_t nova_empty_output(void);

// Ends the process; the only call of exit_group after start-up, so that a harness can stop there.
[[noreturn]] void nova_end(int32_t status);

// Random bytes that seed a hash.
void nova_hash_seed(void *bytes, size_t byte_count);

// Memory primitives: <arch>/memory.S.
void *memcpy(void *restrict to, const void *restrict from, size_t byte_count);
void *memmove(void *to, const void *from, size_t byte_count);
void *memset(void *start, int value, size_t byte_count);
int memcmp(const void *left, const void *right, size_t byte_count);

// Makes faults and traps end in a report (trap.c); the stack must be there.
void nova_install_traps(void);

enum { // Linux uapi: errno-base.h
  NOVA_EINTR = 4,
  NOVA_ENOMEM = 12,
};

// True for a system call's result that is a negated errno.
static inline bool nova_failed(int64_t result) { return result < 0 && result > -4096; }

#endif
