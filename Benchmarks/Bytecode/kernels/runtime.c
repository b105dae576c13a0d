// runtime.c — what clang calls on its own where there is no C library.

typedef __SIZE_TYPE__ size_t;
__attribute__((weak)) void *memset(void *d, int c, size_t n) {
  volatile unsigned char *p = d;
  while (n--)
    *p++ = c;
  return d;
}
__attribute__((weak)) void *memcpy(void *d, const void *s, size_t n) {
  unsigned char *p = d;
  const unsigned char *q = s;
  while (n--) {
    *p++ = *q++;
    __asm__ volatile("");
  }
  return d;
}
