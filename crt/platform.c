// platform.c — what Embedded Swift's runtime asks of a platform up to Swift 6.3.
// putchar is in output.c, arc4random_buf in random.c. What is newer: platform_layer.c.
// Source: swift-embedded-examples, "External dependencies".

#if NOVA_FREESTANDING

#include "internal.h"

void *memcpy(void *restrict to, const void *restrict from, size_t byte_count) {
  for (size_t i = 0; i < byte_count; i++) ((volatile char *)to)[i] = ((const char *)from)[i];
  return to;
}
void *memmove(void *to, const void *from, size_t byte_count) {
  if (to < from) return memcpy(to, from, byte_count);
  while (byte_count--) ((volatile char *)to)[byte_count] = ((const char *)from)[byte_count];
  return to;
}
void *memset(void *start, int value, size_t byte_count) {
  for (size_t i = 0; i < byte_count; i++) ((volatile char *)start)[i] = (char)value;
  return start;
}
int memcmp(const void *left, const void *right, size_t byte_count) {
  for (size_t i = 0; i < byte_count; i++) { int d = ((const unsigned char *)left)[i] - ((const unsigned char *)right)[i]; if (d) return d; }
  return 0;
}

static uint64_t next;
int posix_memalign(void **out, size_t alignment, size_t byte_count);
int posix_memalign(void **out, size_t alignment, size_t byte_count) {
  if (!next) next = nova_start_record.heap_low;
  const uint64_t start = (next + alignment - 1) & ~(alignment - 1);
  if (start + byte_count > nova_start_record.heap_high) return 12;
  next = start + byte_count;
  *out = (void *)start;
  return 0;
}
void free(void *p);
void free(void *p) { (void)p; }

#endif
