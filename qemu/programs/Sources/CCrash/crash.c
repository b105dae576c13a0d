// crash.c — faults made in C, one function each; the tests know the names.

#if NOVA_FREESTANDING

#include "include/crash.h"

#include "../../../../crt/internal.h"

#define KEPT [[gnu::noinline]]

// Keeps a call from becoming a jump, so that its caller stays on the stack.
static inline int32_t kept(int32_t value) {
  __asm__ volatile("" : "+r"(value));
  return value;
}

KEPT int32_t crash_c_recursion(int32_t depth) {
  volatile char room[256];
  room[depth & 255] = (char)depth;
  return kept(crash_c_recursion(depth + 1)) + room[0];
}

KEPT int32_t crash_c_null(const int32_t *address) {
  return kept(*(const volatile int32_t *)address);
}

KEPT int32_t crash_c_write(int32_t *address) {
  *(volatile int32_t *)address = 1;
  return kept(0);
}

KEPT int32_t crash_c_divide(int32_t dividend, int32_t divisor) {
  return kept(kept(dividend) / kept(divisor));
}

KEPT int32_t crash_c_call(uintptr_t address) {
  int32_t (*volatile function)(void) = (int32_t (*)(void))address;
  return kept(function());
}

KEPT static void fill(volatile char *room, int32_t byte_count) {
  for (int32_t i = 0; i < byte_count; i++)
    room[i] = 'x';
}

KEPT int32_t crash_c_smash(int32_t byte_count) {
  volatile char room[16];
  fill(room, byte_count);
  return kept(room[3]);
}

[[noreturn]] void abort(void);
KEPT int32_t crash_c_abort(void) { abort(); }

// Touches a mapped page of this program's file that lies past the file's end.
KEPT int32_t crash_c_bus(void) {
  const int64_t byte_count = 1 << 30;
  const int64_t file = nova_syscall(NOVA_SYS_openat, -100, (int64_t) "/proc/self/exe", 0, 0, 0, 0);
  const int64_t mapped = nova_syscall(NOVA_SYS_mmap, 0, byte_count, 1, 2, file, 0);
  return kept(*(volatile char *)(mapped + byte_count - 4096));
}

KEPT int32_t crash_c_illegal(void) {
  __builtin_trap();
  return kept(0);
}

KEPT int32_t crash_c_signal(int32_t signal) {
  const int64_t thread = nova_syscall(NOVA_SYS_gettid, 0, 0, 0, 0, 0, 0);
  return kept((int32_t)nova_syscall(NOVA_SYS_tkill, thread, signal, 0, 0, 0, 0));
}

int32_t crash_c_thread(void) {
  return (int32_t)nova_syscall(NOVA_SYS_gettid, 0, 0, 0, 0, 0, 0);
}

void crash_c_send(int32_t thread, int32_t signal) {
  nova_syscall(NOVA_SYS_tkill, thread, signal, 0, 0, 0, 0);
}

// Faults with frame and stack pointer at an unmapped place, so that the report itself faults.
KEPT int32_t crash_c_lost_stack(void) {
#define LOST "0x700000000000"
#if defined(__x86_64__)
  __asm__ volatile("movabsq $" LOST ",%rsp\n movq %rsp,%rbp\n ud2");
#elif defined(__aarch64__)
  __asm__ volatile("mov x29,#" LOST "\n mov sp,x29\n brk #1");
#else
  __asm__ volatile("li sp," LOST "\n addi s0,sp,16\n ebreak");
#endif
  return kept(0);
}

// Faults in assembly, which has no frame.
KEPT int32_t crash_c_copy(void *to) {
  memcpy(to, crash_constant(), 16);
  return kept(0);
}

KEPT int32_t crash_c_leaf_of(const int32_t *address) {
  return kept(crash_c_null(address));
}

KEPT int32_t crash_c_between(int32_t (*callback)(const int32_t *address), const int32_t *address) {
  return kept(callback(address));
}

static const int32_t constant[4] = {1, 2, 3, 4};
int32_t *crash_constant(void) { return (int32_t *)(uintptr_t)constant; }

#endif
