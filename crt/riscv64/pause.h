// pause.h — the pause of a waiting loop on riscv64; nova_abi.h includes it, so C11.
// Source: RISC-V unprivileged specification (Zihintpause): a fence of nothing on older CPUs.

#if defined(__riscv) && __riscv_xlen == 64

static inline void nova_pause(void) { __asm__ volatile(".insn i 0x0f, 0, x0, x0, 0x010"); }

#endif
