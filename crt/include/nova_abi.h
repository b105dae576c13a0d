// nova_abi.h — every function and record that C and Swift share; the one contract.
// C11 (Swift reads it). Implemented twice: by crt/ over system calls, by CNovaHost over the host's
// libc.

#ifndef NOVA_ABI_H
#define NOVA_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Raised when a record below changes its layout or a key its meaning.
#define NOVA_ABI_VERSION 1

// ---- Bootstrap record ------------------------------------------------------------------------
//
// Chosen at link time: pairs of 64-bit words, in three layers of which the last that names a key
// wins.
// The ELF note "NovaCore.bootstrap" (type NOVA_NOTE_BOOTSTRAP) holds the record's first address and
// the address past its end, so that tools find it in a stripped file too.
//   1. NOVA_…_DEFAULT below   what nobody chose otherwise
//   2. sections nova_…        what the program's source says: section `nova_stack_size` holds one
//                             64-bit word. Names: nova_stack_size, nova_stack_policy,
//                             nova_stack_initial, nova_heap_size, nova_worker_count,
//                             nova_address_policy, nova_entropy_policy, nova_cpu_policy,
//                             nova_driver_grants
//   3. linker symbols         what the link says: --defsym nova_stack_size=…, the same names
//
// A hosted program knows the first two layers.

#define NOVA_NOTE_BOOTSTRAP 1

// The ELF note "NovaCore.module" of a program that asks for its module: the address and the byte
// count of a module's file, two 64-bit words; both 0 until `nova build MODULE` has put one in.
#define NOVA_NOTE_MODULE 2
#define NOVA_NOTE_MODULE_NAME "NovaCore.module"

struct nova_entry {
  uint64_t key;   // NOVA_KEY_…; 0 is an empty entry
  uint64_t value; // bytes, a count, an address or a policy, by key
};

enum nova_key {
  NOVA_KEY_none = 0,
  // What a tool must know of the image; written by the linker script, addresses.
  NOVA_KEY_abi_version = 0x01,
  NOVA_KEY_main = 0x10,             // the program's entry after start-up
  NOVA_KEY_start_record = 0x11,     // struct nova_start_record
  NOVA_KEY_start_text = 0x12,       // first byte of start-up code
  NOVA_KEY_program_text = 0x13,     // first byte of code that runs from `main` on
  NOVA_KEY_text_end = 0x14,
  NOVA_KEY_rodata_start = 0x15,
  NOVA_KEY_rodata_end = 0x16,
  NOVA_KEY_data_start = 0x17,
  NOVA_KEY_data_end = 0x18,
  NOVA_KEY_bss_start = 0x19,
  NOVA_KEY_bss_end = 0x1a,
  NOVA_KEY_recorded_start = 0x1b,   // start record and kin: vary by design, not compared
  NOVA_KEY_recorded_end = 0x1c,
  NOVA_KEY_end = 0x1d,              // nova_end: every way out of the program passes it
  NOVA_KEY_stack_guard = 0x1e,      // the stack protector's guard, 8 bytes set before `main`
  // What the program is started with.
  NOVA_KEY_stack_byte_count = 0x100,   // reserved for the main stack
  NOVA_KEY_stack_policy = 0x101,       // enum nova_stack_policy
  NOVA_KEY_stack_initial_byte_count = 0x102, // committed and zeroed under `initial`
  NOVA_KEY_heap_byte_count = 0x103,    // capacity of the one arena
  NOVA_KEY_worker_count = 0x104,       // extra workers of the executor
  NOVA_KEY_address_policy = 0x105,     // enum nova_address_policy
  NOVA_KEY_entropy_policy = 0x106,     // enum nova_entropy_policy
  NOVA_KEY_cpu_policy = 0x107,         // enum nova_cpu_policy
  NOVA_KEY_driver_grants = 0x108,      // NOVA_GRANT_…, ored
  // Where the first runtime writes its trace, or 0. `nova trace` sets it in a copy of the program:
  // the environment would make the program's course depend on it.
  NOVA_KEY_trace_descriptor = 0x109,
};

enum nova_stack_policy {
  NOVA_STACK_lazy = 0,    // zero on demand, by the kernel
  NOVA_STACK_initial = 1, // the initial window committed and explicitly zeroed
  NOVA_STACK_full = 2,    // the whole reservation committed and explicitly zeroed
};

enum nova_address_policy {
  // a taken fixed address is replaced by the kernel's choice, and recorded
  NOVA_ADDRESS_fallback = 0,
  // a taken fixed address stops the program with NOVA_STATUS_address_taken
  NOVA_ADDRESS_strict = 1,
};

enum nova_entropy_policy {
  NOVA_ENTROPY_fixed = 0,  // hash seeds, random numbers and the stack guard are constants
  NOVA_ENTROPY_kernel = 1, // all three come from the kernel
};

enum nova_cpu_policy {
  NOVA_CPU_baseline = 0, // one code path, whatever the CPU offers: deterministic
  NOVA_CPU_native = 1,   // memory primitives may use what the CPU offers
};

// What a runtime's drivers may reach.
#define NOVA_GRANT_console (1u << 0)         // descriptors 0, 1 and 2
#define NOVA_GRANT_monotonic_clock (1u << 1) // nova_clock(NOVA_CLOCK_monotonic)
#define NOVA_GRANT_wall_clock (1u << 2)      // nova_clock(NOVA_CLOCK_wall)
#define NOVA_GRANT_entropy (1u << 3)         // nova_random, under the policy of entropy
#define NOVA_GRANT_arguments (1u << 4)
#define NOVA_GRANT_environment (1u << 5)
#define NOVA_GRANT_ALL 0x3fu

// ---- Start record ----------------------------------------------------------------------------

// What happened at start-up. Filled once before `main`, read-only afterwards. Lies between the
// linker symbols __nova_recorded_start and __nova_recorded_end, outside what the harness compares.
//
// In a hosted program the environment and the arguments are those of its start, and `auxiliary`,
// stack and heap are null.
struct nova_start_record {
  uint64_t argument_count;
  const char *const *arguments;   // argument_count entries and a null
  const char *const *environment; // null-terminated; empty when `secure`
  const uint64_t *auxiliary;      // pairs (type, value), ends with type 0
  uint64_t page_byte_count;
  uint64_t stack_low, stack_high; // the usable reservation, guards excluded
  uint64_t heap_low, heap_high;
  uint64_t flags;                 // NOVA_STARTED_…
  // The bootstrap record after all three layers, in bytes and counts.
  uint64_t stack_byte_count;
  uint64_t stack_policy;
  uint64_t stack_initial_byte_count;
  uint64_t heap_byte_count;
  uint64_t worker_count;
  uint64_t address_policy;
  uint64_t entropy_policy;
  uint64_t cpu_policy;
  uint64_t driver_grants;
  uint64_t trace_descriptor; // hosted: the variable NOVA_TRACE; ~0 when that is no number
};

#define NOVA_STARTED_stack_moved (1u << 0)  // the stack is not at NOVA_STACK_BASE
#define NOVA_STARTED_heap_moved (1u << 1)   // the heap is not at NOVA_HEAP_BASE
#define NOVA_STARTED_secure (1u << 2)       // AT_SECURE was set: the environment is ignored
#define NOVA_STARTED_opened_0 (1u << 3)     // descriptor 0 was closed and is /dev/null now
#define NOVA_STARTED_opened_1 (1u << 4)
#define NOVA_STARTED_opened_2 (1u << 5)

// ---- Fixed places and limits -----------------------------------------------------------------

#define NOVA_STACK_BASE 0x1000000000u // lowest usable byte of the main stack
#define NOVA_HEAP_BASE 0x2000000000u  // lowest byte of the arena
#define NOVA_GUARD_BYTE_COUNT 0x10000u // on each side of the stack; a multiple of every page size

#define NOVA_STACK_BYTE_COUNT_MIN 0x10000u
#define NOVA_STACK_BYTE_COUNT_MAX 0x40000000u // 1 GiB
#define NOVA_HEAP_BYTE_COUNT_MIN 0x10000u
#define NOVA_HEAP_BYTE_COUNT_MAX 0x1000000000u // 64 GiB
#define NOVA_WORKER_COUNT_MAX 256u

#define NOVA_STACK_BYTE_COUNT_DEFAULT 0x800000u        // 8 MiB
#define NOVA_STACK_INITIAL_BYTE_COUNT_DEFAULT 0x10000u // 64 KiB
#define NOVA_HEAP_BYTE_COUNT_DEFAULT 0x4000000u        // 64 MiB
#define NOVA_WORKER_COUNT_DEFAULT 0u
#define NOVA_STACK_POLICY_DEFAULT NOVA_STACK_initial
#define NOVA_ADDRESS_POLICY_DEFAULT NOVA_ADDRESS_fallback
#define NOVA_ENTROPY_POLICY_DEFAULT NOVA_ENTROPY_fixed
#define NOVA_CPU_POLICY_DEFAULT NOVA_CPU_baseline
#define NOVA_DRIVER_GRANTS_DEFAULT NOVA_GRANT_console

// Exit statuses that start-up itself chooses; a fault ends with 128 + its signal.
#define NOVA_STATUS_bad_bootstrap 120 // a value in the bootstrap record is out of range
#define NOVA_STATUS_no_memory 121     // the kernel refused the stack or the heap
#define NOVA_STATUS_address_taken 122 // strict, and a fixed address was taken
// Instead of 0, when the standard output has refused bytes (a full disk): they are lost.
#define NOVA_STATUS_output_lost 123

// ---- Functions -------------------------------------------------------------------------------
//
// Kernel convention: a result in -4095 … -1 is a negated errno. Those that callers tell apart, the
// same on every CPU:
#define NOVA_EAGAIN 11
#define NOVA_EEXIST 17
#define NOVA_EINVAL 22
#define NOVA_ETIMEDOUT 110

// The start record.
const struct nova_start_record *nova_started(void);

// Looks `type` (AT_…) up in the auxiliary vector. False when the kernel did not pass it.
bool nova_auxiliary(uint64_t type, uint64_t *value);

// Runs exit hooks, flushes the standard output and ends the process with the low 8 bits of
// `status`. Other threads end where they are; one that calls it too waits for the end.
_Noreturn void nova_exit(int32_t status);

// Calls `hook(context)` at exit, last registered first. False when all NOVA_EXIT_HOOK_COUNT_MAX are
// taken.
#define NOVA_EXIT_HOOK_COUNT_MAX 32
bool nova_at_exit(void (*hook)(void *context), void *context);

// Writes to a descriptor, unbuffered, once: bytes written or a negated errno.
int64_t nova_write(int32_t descriptor, const void *bytes, size_t byte_count);

// Appends to the buffered standard output; `nova_flush` empties it. Negated errno when the
// descriptor refused bytes; the refused bytes are dropped.
int64_t nova_print(const void *bytes, size_t byte_count);
int64_t nova_flush(void);

// Maps zeroed, readable, writable, unshared pages, at `address` or (0) anywhere: the address or a
// negated errno (-EEXIST when `address` is taken). Unmaps pages.
int64_t nova_map(uintptr_t address, size_t byte_count);
int64_t nova_unmap(uintptr_t address, size_t byte_count);

// Bytes per page.
size_t nova_page_byte_count(void);

// Fills memory with random bytes: constants unless the bootstrap asks for entropy; hosted, entropy.
void nova_random(void *bytes, size_t byte_count);

// The module that `nova build MODULE` put into the program, as bytes that nobody can change, at a
// multiple of 64; null, and 0 bytes, when there is none.
const void *nova_module(size_t *byte_count);

// The modules that it put behind that one, in the form of the section nova_modules (nova_module.h);
// 0 bytes when there are none.
const void *nova_built_modules(size_t *byte_count);

// What it grants the module through WASI, in the form that nova_module.h tells; 0 bytes when that
// was not said.
const void *nova_wasi_grants(size_t *byte_count);

// What `nova build` stated of all of them: by which version of the format it verified them; 0 when
// it did not.
uint64_t nova_module_statement(void);

// ---- Threads ---------------------------------------------------------------------------------

// Threads that exist at once, the first one included.
#define NOVA_THREAD_COUNT_MAX 1024u
#define NOVA_THREAD_STACK_BYTE_COUNT_MIN 0x10000u
#define NOVA_THREAD_STACK_BYTE_COUNT_MAX 0x40000000u

// What a thread finds of itself without a call; zero but for what is said.
struct nova_local {
  struct nova_local *self; // at offset 0: x86_64 reads it through fs
  // 1 … NOVA_THREAD_COUNT_MAX, another for each living thread and used again after its end; the
  // first thread of a freestanding program has 1. Hosted, 0 until `nova_thread_register`.
  uint32_t number;
  uint32_t reserved;
  void *worker; // the executor's, of the worker that runs on the thread
  // The driver registry's: the innermost call of a driver that is under way on the thread.
  const void *driver_call;
};

// Inlined by attribute: Swift's compiler, whose functions name another CPU, calls them otherwise.
#define NOVA_ALWAYS_INLINE static inline __attribute__((always_inline))
#if NOVA_FREESTANDING
// True from before the second thread starts until the process ends.
extern bool nova_is_multithreaded;
NOVA_ALWAYS_INLINE struct nova_local *nova_local(void) {
  return (struct nova_local *)__builtin_thread_pointer();
}
NOVA_ALWAYS_INLINE bool nova_single_threaded(void) { return !nova_is_multithreaded; }
#else
extern __thread struct nova_local nova_hosted_local;
extern char __libc_single_threaded;
NOVA_ALWAYS_INLINE struct nova_local *nova_local(void) { return &nova_hosted_local; }
NOVA_ALWAYS_INLINE bool nova_single_threaded(void) { return __libc_single_threaded != 0; }
#endif

// Gives the calling thread its number, if it has none; 0 when all are taken. A hosted thread gives
// it back when it ends.
uint32_t nova_thread_register(void);

// A thread that was started; the caller's, at one address, until it was joined.
struct nova_thread {
  // Not 0 until the thread has ended. May be read; who waits for it calls nova_thread_join.
  uint32_t running;
  uint32_t number;  // as in struct nova_local
  uintptr_t stack_low, stack_high; // the usable stack, guards excluded
  void (*entry)(void *context);
  void *context;
  uint64_t host; // hosted: the pthread_t
};

// Starts a thread that calls `entry(context)` on a zeroed stack of its own between guards, with
// every signal but the faults' blocked. 0, or a negated errno and no thread: -EINVAL for a stack
// out of range, -EAGAIN when there are NOVA_THREAD_COUNT_MAX, or the kernel's.
// Freestanding, the stack of the thread with number k + 2 lies at a fixed address,
// NOVA_THREAD_STACK_BASE + k * …_STRIDE, so that equal runs have equal addresses. One that is
// taken, or a stack that does not fit a stride with its guards, lies where the kernel chooses;
// under NOVA_ADDRESS_strict there is no such thread (-EEXIST).
#define NOVA_THREAD_STACK_BASE 0x1100000000u
#define NOVA_THREAD_STACK_STRIDE 0x2000000u
int64_t nova_thread_start(struct nova_thread *thread, size_t stack_byte_count,
                          void (*entry)(void *context), void *context);

// Waits until the thread has ended, and gives its stack back. 0, or -ETIMEDOUT after
// `timeout_nanoseconds` (forever when negative): the thread still runs then.
int64_t nova_thread_join(struct nova_thread *thread, int64_t timeout_nanoseconds);

// Sleeps while `*word == expected` until woken. 0 when woken (or for no reason: look again),
// -EAGAIN when the word differs, -ETIMEDOUT after `timeout_nanoseconds` (forever when negative).
// Only threads of the same process wake each other.
int64_t nova_wait(const uint32_t *word, uint32_t expected, int64_t timeout_nanoseconds);

// Wakes up to `count` threads that wait on `word`; returns how many.
int64_t nova_wake(const uint32_t *word, uint32_t count);

// Lets another thread run.
void nova_yield(void);

// nova_pause tells the CPU that the thread waits for another in a loop. Each file empties itself on
// another CPU.
#include "../aarch64/pause.h"
#include "../riscv64/pause.h"
#include "../x86_64/pause.h"

// The CPUs that the process may run on; at least 1.
uint32_t nova_processor_count(void);

// ---- Clocks and input ------------------------------------------------------------------------

enum nova_clock {
  NOVA_CLOCK_wall = 0,      // since 1970-01-01 UTC; may jump
  NOVA_CLOCK_monotonic = 1, // since some moment before the process; never goes back
  NOVA_CLOCK_process = 2,   // that the CPUs have spent on the process
  NOVA_CLOCK_thread = 3,    // that a CPU has spent on the calling thread
};

// Nanoseconds, or a negated errno; and how fine the clock goes.
int64_t nova_clock(enum nova_clock clock);
int64_t nova_clock_resolution(enum nova_clock clock);

// Reads from a descriptor, once: bytes read, 0 at the end, or a negated errno.
int64_t nova_read(int32_t descriptor, void *bytes, size_t byte_count);

// ---- Files -----------------------------------------------------------------------------------

// Opens a file for reading; `path` ends with a zero. A descriptor or a negated errno.
int64_t nova_open(const char *path);

// Gives a descriptor back. 0 or a negated errno.
int64_t nova_close(int32_t descriptor);

// How many bytes a file has, and sets the place of the next read to its first. A negated errno
// (-ESPIPE) for what has no end, such as a pipe.
int64_t nova_file_byte_count(int32_t descriptor);

// Maps the first bytes of a memory file, to be read. It must be sealed against writing, growing and
// shrinking, so that nobody can change what is mapped: -NOVA_EPERM otherwise, and the kernel's
// negated errno (-EINVAL) for what is no memory file. The address, until `nova_unmap`.
#define NOVA_EPERM 1
int64_t nova_map_sealed(int32_t descriptor, size_t byte_count);

// ---- Stacks ----------------------------------------------------------------------------------

// Calls function(a, b, c) on the stack whose top, a multiple of 16, is `top`, and keeps this
// stack's pointer in `*here`. 0 when the function has returned, on the stack that `*here` holds by
// then; else the value that `nova_switch` came back with.
uint64_t nova_switch_call(uintptr_t *here, uintptr_t top, const void *function, uintptr_t a,
                          uintptr_t b, uintptr_t c);

// Keeps this stack's pointer in `*here`, and goes on where `there` was kept, once: the call that
// kept it returns `value`. What has come back to `*here` is this call's result.
uint64_t nova_switch(uintptr_t *here, uintptr_t there, uint64_t value);

// ---- Contracts -------------------------------------------------------------------------------

// Memory contracts that a process has at once, at most: numbers 1 … NOVA_CONTRACT_COUNT_MAX.
#define NOVA_CONTRACT_COUNT_MAX 4095u

// The word that NovaMemory keeps of a contract's number for the whole process; 0 at first.
uint32_t *nova_contract_record(uint32_t number);

// ---- What Swift implements --------------------------------------------------------------------
//
// NovaMemory's side of C's allocation functions, in a freestanding program only.

// Lends zeroed bytes of the process's arena; null when there is no room. `alignment` is a power of
// two of at most NOVA_ALIGNMENT_MAX.
#define NOVA_ALIGNMENT_MAX 0x10000u
void *nova_allocate(size_t byte_count, size_t alignment);

// Takes lent bytes back; stops the program when `address` is not lent.
void nova_release(void *address);

// Bytes that may be used at `address`: at least as many as were asked for. Stops the program when
// it
// is not lent.
size_t nova_lent_byte_count(const void *address);

// Says on descriptor 2 why there is no room, and stops the program.
_Noreturn void nova_out_of_memory(size_t byte_count, size_t alignment);

#endif
