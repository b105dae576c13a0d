// numbers.h — system calls that only planted leaks make, Linux on aarch64.

enum {
  LEAK_SYS_getcwd = 17,
  LEAK_SYS_clock_gettime = 113,
  LEAK_SYS_sched_yield = 124,
  LEAK_SYS_getpid = 172,
};
