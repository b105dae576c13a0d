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

#endif
