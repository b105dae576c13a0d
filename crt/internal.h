// internal.h — what the files of crt/ share with each other and with nobody else.
// Each arch.h empties itself on another CPU, so no condition stands here.

#ifndef NOVA_INTERNAL_H
#define NOVA_INTERNAL_H

#include "include/nova_abi.h"

#include "aarch64/arch.h"
#include "riscv64/arch.h"
#include "x86_64/arch.h"

// Code that runs before `main` and never after it, placed apart so that a trace can leave it out.
#define NOVA_START_TEXT [[gnu::section(".text.nova_start"), clang::minsize]]
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

// True for a system call's result that is a negated errno.
static inline bool nova_failed(int64_t result) { return result < 0 && result > -4096; }

#endif
