// output.c — the standard output's buffer, and unbuffered writes.
// `print` reaches the kernel in pieces of OUTPUT_BYTE_COUNT, by line on a terminal, at exit and at
// a trap. With several threads, nova_output_lock lets in one at a time.

#if NOVA_FREESTANDING

#include "internal.h"

enum {
  OUTPUT_BYTE_COUNT = 32768, // a megabyte of print makes 32 system calls
  TCGETS = 0x5401,
  KERNEL_TERMIOS_BYTE_COUNT = 64, // at least struct termios of every CPU
  STANDARD_OUTPUT = 1,
  POLLOUT = 4, // Linux uapi: poll.h
};

int putchar(int character);

// Apart from the buffer, which the linker script puts last: a short output touches one page.
static uint32_t output_count;
struct nova_lock nova_output_lock; // guards all of this
bool nova_output_is_lost;
static enum { UNKNOWN, TERMINAL, OTHER } output_kind;
[[gnu::section(".sbss.nova_output")]] static unsigned char output_bytes[OUTPUT_BYTE_COUNT];

NOVA_RARE_TEXT int64_t nova_write(int32_t descriptor, const void *bytes, size_t byte_count) {
  return nova_syscall(NOVA_SYS_write, descriptor, (int64_t)bytes, (int64_t)byte_count, 0, 0, 0);
}

// Waits until the standard output takes bytes again; it was left non-blocking by somebody else.
static void wait_for_output(void) {
  struct {
    int32_t descriptor;
    int16_t wanted, seen;
  } polled = {STANDARD_OUTPUT, POLLOUT, 0};
  nova_syscall(NOVA_SYS_ppoll, (int64_t)&polled, 1, 0, 0, 0, 0);
}

NOVA_RARE_TEXT int64_t nova_empty_output(void) {
  const unsigned char *next = output_bytes;
  size_t left = output_count;
  output_count = 0; // refused bytes are dropped, so that a full disk cannot end in a loop
  while (left > 0) {
    const int64_t written = nova_write(STANDARD_OUTPUT, next, left);
    if (written == -NOVA_EAGAIN)
      wait_for_output();
    else if (written != -NOVA_EINTR && written <= 0) {
      nova_output_is_lost = true;
      return written;
    } else if (written > 0) {
      next += written;
      left -= (size_t)written;
    }
  }
  return 0;
}

NOVA_RARE_TEXT int64_t nova_flush(void) {
  return nova_thread_functions ? nova_thread_functions->flush() : nova_empty_output();
}

NOVA_RARE_TEXT static bool is_terminal(void) {
  if (output_kind == UNKNOWN) {
    unsigned char settings[KERNEL_TERMIOS_BYTE_COUNT];
    output_kind = nova_failed(nova_syscall(NOVA_SYS_ioctl, STANDARD_OUTPUT, TCGETS,
                                           (int64_t)settings, 0, 0, 0))
                      ? OTHER
                      : TERMINAL;
  }
  return output_kind == TERMINAL;
}

static bool ends_line(const unsigned char *bytes, size_t byte_count) {
  while (byte_count > 0)
    if (bytes[--byte_count] == '\n')
      return true;
  return false;
}

static int64_t append(const void *bytes, size_t byte_count) {
  int64_t result = 0;
  const unsigned char *next = bytes;
  for (size_t left = byte_count; left > 0;) {
    const size_t free_byte_count = OUTPUT_BYTE_COUNT - output_count;
    const size_t taken = left < free_byte_count ? left : free_byte_count;
    memcpy(output_bytes + output_count, next, taken);
    output_count += (uint32_t)taken;
    next += taken;
    left -= taken;
    if (output_count < OUTPUT_BYTE_COUNT)
      continue;
    const int64_t flushed = nova_empty_output();
    result = flushed < 0 ? flushed : result;
  }
  return is_terminal() && ends_line(bytes, byte_count) ? nova_empty_output() : result;
}

int64_t nova_print(const void *bytes, size_t byte_count) {
  nova_take(&nova_output_lock);
  const int64_t result = append(bytes, byte_count);
  nova_give(&nova_output_lock);
  return result;
}

// Embedded Swift's print hands over byte by byte.
[[gnu::weak]] int putchar(int character) {
  if (nova_thread_functions)
    return nova_thread_functions->putchar(character);
  output_bytes[output_count++] = (unsigned char)character;
  if (output_count == OUTPUT_BYTE_COUNT || (character == '\n' && is_terminal()))
    nova_empty_output();
  return (unsigned char)character;
}

#endif
