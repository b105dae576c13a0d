// output.c — the standard output's buffer, and unbuffered writes.
// `print` reaches the kernel in pieces of OUTPUT_BYTE_COUNT, by line on a terminal, at exit and at a trap.

#if NOVA_FREESTANDING

#include "internal.h"

enum {
  OUTPUT_BYTE_COUNT = 32768, // a megabyte of print makes 32 system calls
  TCGETS = 0x5401,
  KERNEL_TERMIOS_BYTE_COUNT = 64, // at least struct termios of every CPU
  EINTR = 4,
};

static struct {
  unsigned char bytes[OUTPUT_BYTE_COUNT];
  uint32_t count;
  enum { UNKNOWN, TERMINAL, OTHER } kind;
} output;

int64_t nova_write(int32_t descriptor, const void *bytes, size_t byte_count) {
  return nova_syscall(NOVA_SYS_write, descriptor, (int64_t)bytes, (int64_t)byte_count, 0, 0, 0);
}

int64_t nova_flush(void) {
  const unsigned char *next = output.bytes;
  size_t left = output.count;
  output.count = 0; // refused bytes are dropped, so that a full disk cannot end in a loop
  while (left > 0) {
    const int64_t written = nova_write(1, next, left);
    if (written == -EINTR)
      continue;
    if (written <= 0)
      return written;
    next += written;
    left -= (size_t)written;
  }
  return 0;
}

static bool is_terminal(void) {
  unsigned char settings[KERNEL_TERMIOS_BYTE_COUNT];
  return !nova_failed(nova_syscall(NOVA_SYS_ioctl, 1, TCGETS, (int64_t)settings, 0, 0, 0));
}

int64_t nova_print(const void *bytes, size_t byte_count) {
  if (output.kind == UNKNOWN)
    output.kind = is_terminal() ? TERMINAL : OTHER;
  int64_t result = 0;
  bool line_ended = false;
  const unsigned char *const source = bytes;
  for (size_t i = 0; i < byte_count; i++) {
    if (output.count == OUTPUT_BYTE_COUNT) {
      const int64_t flushed = nova_flush();
      result = flushed < 0 ? flushed : result;
    }
    output.bytes[output.count++] = source[i];
    line_ended |= source[i] == '\n';
  }
  if (line_ended && output.kind == TERMINAL)
    return nova_flush();
  return result;
}

#endif
