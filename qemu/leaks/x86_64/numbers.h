// numbers.h — system calls that only planted leaks make, Linux on x86_64.

enum {
  LEAK_SYS_sched_yield = 24,
  LEAK_SYS_getpid = 39,
  LEAK_SYS_getcwd = 79,
  LEAK_SYS_clock_gettime = 228,
};
