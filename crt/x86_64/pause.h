// pause.h — the pause of a waiting loop on x86_64; nova_abi.h includes it, so C11.
// Source: Intel SDM vol. 2 (PAUSE).

#if defined(__x86_64__)

static inline void nova_pause(void) { __builtin_ia32_pause(); }

#endif
