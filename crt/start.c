// start.c — from the kernel's initial stack to a program that may run `main`.
// Runs on the kernel's stack, so the program's own is untouched when `main` begins.
// In:  the initial stack pointer (System V ABI, "Process Initialization").
// Out: the top of the program's stack; crt0.S switches to it.

#if NOVA_FREESTANDING

#include "internal.h"

enum { // Linux uapi: elf.h, auxvec.h, mman-common.h, poll.h, fcntl.h, errno
  AT_PAGESZ = 6,
  AT_HWCAP = 16,
  AT_SECURE = 23,
  AT_RANDOM = 25,
  AT_HWCAP2 = 26,
  AT_MINSIGSTKSZ = 51,
  PROT_NONE = 0,
  PROT_READ_WRITE = 3,
  MAP_PRIVATE_ANONYMOUS = 0x22,
  MAP_FIXED = 0x10,
  MAP_NORESERVE = 0x4000,
  MAP_FIXED_NOREPLACE = 0x100000,
  POLLNVAL = 0x20,
  AT_FDCWD = -100,
  O_RDWR = 2,
  DESCRIPTOR_COUNT = 3,
  PAGE_BYTE_COUNT_DEFAULT = 4096,
};

NOVA_RECORDED struct nova_start_record nova_start_record;
NOVA_RECORDED struct nova_capabilities nova_capabilities;
NOVA_RECORDED uint32_t nova_cpu_level;
// With the records that are not compared: what it holds later is the program's.
NOVA_RECORDED struct nova_thread_block nova_first_thread;
uintptr_t __stack_chk_guard;

extern const struct nova_entry __nova_entries_start[], __nova_entries_end[];

[[noreturn]] NOVA_START_TEXT static void stop(const char *message, size_t byte_count,
                                              int32_t status) {
  nova_write(2, message, byte_count);
  nova_syscall(NOVA_SYS_exit_group, status, 0, 0, 0, 0, 0);
  __builtin_unreachable();
}
static const char no_memory[] = "nova: no memory for stack or heap; build with a smaller "
                                "--stack-size or --heap-size, or raise ulimit -v\n";
#define STOP(text, status) stop("nova: " text "\n", sizeof("nova: " text "\n") - 1, status)

// Explicit, although the kernel's pages are zero already: nothing below `main` is taken on trust.
[[clang::no_builtin]] NOVA_START_TEXT static void zero(uint64_t *start, uint64_t byte_count) {
  for (uint64_t *word = start, *end = start + byte_count / 8; word < end; word++)
    *word = 0;
  __asm__ volatile("" : : "r"(start) : "memory"); // the stores are the purpose: keep them
}

// Opens /dev/null for each of descriptors 0–2 that the parent left closed, so that no later file
// takes the place of the standard output.
NOVA_START_TEXT static void open_standard_descriptors(struct nova_start_record *record) {
  struct {
    int32_t descriptor;
    int16_t wanted, seen;
  } polled[DESCRIPTOR_COUNT] = {{0, 0, 0}, {1, 0, 0}, {2, 0, 0}};
  const int64_t no_wait[2] = {0, 0};
  const int64_t ready = nova_syscall(NOVA_SYS_ppoll, (int64_t)polled, DESCRIPTOR_COUNT,
                                     (int64_t)no_wait, 0, 8, 0);
  if (ready <= 0)
    return;
  for (uint32_t i = 0; i < DESCRIPTOR_COUNT; i++) {
    if (!(polled[i].seen & POLLNVAL))
      continue;
    // The lowest free descriptor is the one that is missing.
    if (!nova_failed(
            nova_syscall(NOVA_SYS_openat, AT_FDCWD, (int64_t) "/dev/null", O_RDWR, 0, 0, 0)))
      record->flags |= (uint64_t)NOVA_STARTED_opened_0 << i;
  }
}

// Finds argc, argv, envp and the auxiliary vector; returns AT_RANDOM's 16 bytes, or null.
NOVA_START_TEXT static const uint64_t *read_initial_stack(struct nova_start_record *record,
                                                          const uint64_t *initial) {
  record->argument_count = initial[0];
  record->arguments = (const char *const *)(initial + 1);
  record->environment = record->arguments + record->argument_count + 1;
  const char *const *variable = record->environment;
  while (*variable)
    variable++;
  record->auxiliary = (const uint64_t *)(variable + 1);
  record->page_byte_count = PAGE_BYTE_COUNT_DEFAULT;
  const uint64_t *random = nullptr;
  for (const uint64_t *pair = record->auxiliary; pair[0] != 0; pair += 2) {
    if (pair[0] == AT_PAGESZ)
      record->page_byte_count = pair[1];
    else if (pair[0] == AT_RANDOM)
      random = (const uint64_t *)pair[1];
    else if (pair[0] == AT_HWCAP)
      nova_capabilities.hardware = pair[1];
    else if (pair[0] == AT_HWCAP2)
      nova_capabilities.hardware_2 = pair[1];
    else if (pair[0] == AT_MINSIGSTKSZ)
      nova_capabilities.signal_frame_byte_count = pair[1];
    else if (pair[0] == AT_SECURE && pair[1] != 0) {
      record->flags |= NOVA_STARTED_secure;
      record->environment = variable; // points at the terminating null
    }
  }
  return random;
}

// Resolves the bootstrap record's layers and refuses what no start can honour.
NOVA_START_TEXT static void read_bootstrap(struct nova_start_record *record) {
  uint64_t *const fields = &record->stack_byte_count;
  for (const struct nova_entry *entry = __nova_entries_start; entry < __nova_entries_end; entry++) {
    const uint64_t field = entry->key - NOVA_KEY_stack_byte_count;
    if (field <= NOVA_KEY_trace_descriptor - NOVA_KEY_stack_byte_count)
      fields[field] = entry->value;
  }
  if (record->stack_byte_count < NOVA_STACK_BYTE_COUNT_MIN ||
      record->stack_byte_count > NOVA_STACK_BYTE_COUNT_MAX)
    STOP("stack size out of range (64 KiB … 1 GiB); build with another --stack-size",
         NOVA_STATUS_bad_bootstrap);
  if (record->heap_byte_count < NOVA_HEAP_BYTE_COUNT_MIN ||
      record->heap_byte_count > NOVA_HEAP_BYTE_COUNT_MAX)
    STOP("heap size out of range (64 KiB … 64 GiB); build with another --heap-size",
         NOVA_STATUS_bad_bootstrap);
  if (record->stack_initial_byte_count > record->stack_byte_count)
    record->stack_initial_byte_count = record->stack_byte_count;
  if (record->worker_count > NOVA_WORKER_COUNT_MAX)
    STOP("too many workers (at most 256); build with another --workers", NOVA_STATUS_bad_bootstrap);
  if (record->stack_policy > NOVA_STACK_full || record->address_policy > NOVA_ADDRESS_strict ||
      record->entropy_policy > NOVA_ENTROPY_kernel || record->cpu_policy > NOVA_CPU_native ||
      record->driver_grants > NOVA_GRANT_ALL)
    STOP("an unknown policy or grant in the bootstrap record; rebuild with this nova",
         NOVA_STATUS_bad_bootstrap);
  const uint64_t page = record->page_byte_count - 1;
  record->stack_byte_count = (record->stack_byte_count + page) & ~page;
  record->stack_initial_byte_count = (record->stack_initial_byte_count + page) & ~page;
  record->heap_byte_count = (record->heap_byte_count + page) & ~page;
}

// Maps `byte_count` bytes at `wanted`, or anywhere with `moved` set in the flags. Old kernels and
// qemu 7.2 take MAP_FIXED_NOREPLACE for a hint, so the result is always compared.
NOVA_START_TEXT static uint64_t reserve(struct nova_start_record *record, uint64_t wanted,
                                        uint64_t byte_count, int64_t protection, uint64_t moved) {
  const int64_t flags = MAP_PRIVATE_ANONYMOUS | MAP_NORESERVE;
  int64_t address = nova_syscall(NOVA_SYS_mmap, (int64_t)wanted, (int64_t)byte_count, protection,
                                 flags | MAP_FIXED_NOREPLACE, -1, 0);
  if (address == (int64_t)wanted)
    return wanted;
  if (nova_failed(address))
    address = nova_syscall(NOVA_SYS_mmap, 0, (int64_t)byte_count, protection, flags, -1, 0);
  if (nova_failed(address))
    stop(no_memory, sizeof no_memory - 1, NOVA_STATUS_no_memory);
  if (record->address_policy == NOVA_ADDRESS_strict)
    STOP("a fixed address is taken (stack or heap); build without --strict to start elsewhere",
         NOVA_STATUS_address_taken);
  record->flags |= moved;
  return (uint64_t)address;
}

// Commits and zeroes the window that the policy names; the rest is zero on demand.
NOVA_START_TEXT static void commit_stack(const struct nova_start_record *record) {
  if (record->stack_policy == NOVA_STACK_lazy)
    return;
  const uint64_t window = record->stack_policy == NOVA_STACK_full
                              ? record->stack_byte_count
                              : record->stack_initial_byte_count;
  const uint64_t low = record->stack_high - window;
  // Touching commits as well as MADV_POPULATE_WRITE does, and was measured 5 % of a start faster.
  zero((uint64_t *)low, window);
}

NOVA_START_TEXT static void make_stack(struct nova_start_record *record) {
  const uint64_t byte_count = record->stack_byte_count;
  const uint64_t reserved = reserve(record, NOVA_STACK_BASE - NOVA_GUARD_BYTE_COUNT,
                                    byte_count + 2 * NOVA_GUARD_BYTE_COUNT, PROT_NONE,
                                    NOVA_STARTED_stack_moved);
  record->stack_low = reserved + NOVA_GUARD_BYTE_COUNT;
  record->stack_high = record->stack_low + byte_count;
  if (nova_failed(nova_syscall(NOVA_SYS_mprotect, (int64_t)record->stack_low, (int64_t)byte_count,
                               PROT_READ_WRITE, 0, 0, 0)))
    stop(no_memory, sizeof no_memory - 1, NOVA_STATUS_no_memory);
  commit_stack(record);
}

// Called by crt0.S on the kernel's stack after initialisers ran on the program's: replaces what
// they left there, however deep they went, by fresh pages. Returns the top.
NOVA_START_TEXT uint64_t nova_renew_stack(void) {
  const struct nova_start_record *const record = &nova_start_record;
  if (nova_failed(nova_syscall(NOVA_SYS_mmap, (int64_t)record->stack_low,
                               (int64_t)record->stack_byte_count, PROT_READ_WRITE,
                               MAP_PRIVATE_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0)))
    stop(no_memory, sizeof no_memory - 1, NOVA_STATUS_no_memory);
  commit_stack(record);
  return record->stack_high;
}

NOVA_START_TEXT static void make_heap(struct nova_start_record *record) {
  record->heap_low = reserve(record, NOVA_HEAP_BASE, record->heap_byte_count, PROT_READ_WRITE,
                             NOVA_STARTED_heap_moved);
  record->heap_high = record->heap_low + record->heap_byte_count;
}

// The guard's lowest byte is zero, so that a string function stops in front of it.
NOVA_START_TEXT static void set_stack_guard(const struct nova_start_record *record,
                                            const uint64_t *random) {
  const uint64_t fixed = 0x9e3779b97f4a7c00u; // the golden ratio's digits: not a likely value
  const bool entropy = record->entropy_policy == NOVA_ENTROPY_kernel && random != nullptr;
  __stack_chk_guard = entropy ? random[0] & ~(uint64_t)0xff : fixed;
}

// Called by crt0.S, once.
[[gnu::no_stack_protector]] NOVA_START_TEXT uint64_t nova_start(const uint64_t *initial) {
  struct nova_start_record *const record = &nova_start_record;
  open_standard_descriptors(record);
  const uint64_t *const random = read_initial_stack(record, initial);
  read_bootstrap(record);
  make_stack(record);
  make_heap(record);
  set_stack_guard(record, random);
  nova_install_traps();
  if (record->cpu_policy == NOVA_CPU_native)
    nova_cpu_level = nova_detect_cpu_level();
  return record->stack_high;
}

const struct nova_start_record *nova_started(void) { return &nova_start_record; }

bool nova_auxiliary(uint64_t type, uint64_t *value) {
  for (const uint64_t *pair = nova_start_record.auxiliary; pair[0] != 0; pair += 2) {
    if (pair[0] != type)
      continue;
    *value = pair[1];
    return true;
  }
  return false;
}

size_t nova_page_byte_count(void) { return nova_start_record.page_byte_count; }

#endif
