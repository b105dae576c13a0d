// internal.h — what the files of crt/ share with each other and with nobody else.
// Each arch.h empties itself on another CPU, so no condition stands here.

#ifndef NOVA_INTERNAL_H
#define NOVA_INTERNAL_H

#include "include/nova_abi.h"

#include "aarch64/arch.h"
#include "riscv64/arch.h"
#include "x86_64/arch.h"

// Code that runs before `main` and never after it, placed apart so that a trace can leave it out.
#define NOVA_START_TEXT [[gnu::section(".text.nova_start")]]
// Records that vary from run to run by design, placed apart from what the harness compares.
#define NOVA_RECORDED [[gnu::section(".bss.nova_recorded")]]

extern struct nova_start_record nova_start_record;

// Ends the process; the only call of exit_group after start-up, so that a harness can stop there.
[[noreturn]] void nova_end(int32_t status);

// True for a system call's result that is a negated errno.
static inline bool nova_failed(int64_t result) { return result < 0 && result > -4096; }

#endif
