// pause.h — the pause of a waiting loop on aarch64; nova_abi.h includes it, so C11.
// Source: Arm ARM, C6.2 (YIELD).

#if defined(__aarch64__)

static inline void nova_pause(void) { __asm__ volatile("yield"); }

#endif
