// text.c — numbers to text and back, words counted, base64.
#include "../kernels/common.h"
static char out[4096], encoded[8192];
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static char *put(char *p, i32 value) {
  char digits[12];
  i32 n = 0;
  u32 u = value < 0 ? 0u - (u32)value : (u32)value;
  if (value < 0)
    *p++ = '-';
  do
    digits[n++] = (char)('0' + u % 10);
  while (u /= 10);
  while (n)
    *p++ = digits[--n];
  return p;
}
static i32 get(const char **p) {
  i32 sign = 1, value = 0;
  if (**p == '-') {
    sign = -1;
    ++*p;
  }
  for (; **p >= '0' && **p <= '9'; ++*p)
    value = value * 10 + (**p - '0');
  return sign * value;
}
static i32 words(const char *p, i32 n) {
  i32 count = 0, inside = 0;
  for (i32 i = 0; i < n; i++) {
    i32 is = p[i] != ' ' && p[i] != '\n' && p[i] != ',';
    count += is && !inside;
    inside = is;
  }
  return count;
}
static i32 encode(const u8 *p, i32 n, char *o) {
  char *start = o;
  for (i32 i = 0; i + 2 < n; i += 3) {
    u32 v = (u32)p[i] << 16 | (u32)p[i + 1] << 8 | p[i + 2];
    *o++ = alphabet[v >> 18];
    *o++ = alphabet[v >> 12 & 63];
    *o++ = alphabet[v >> 6 & 63];
    *o++ = alphabet[v & 63];
  }
  return (i32)(o - start);
}
ENTRY i32 run(i32 n) {
  u32 sum = 0, x = 11;
  for (i32 k = 0; k < n; k++) {
    char *p = out;
    while (p < out + 4000) {
      x = x * 1664525u + 1013904223u;
      p = put(p, (i32)x >> (x & 15));
      *p++ = ", \n "[x >> 30];
    }
    *p = 0;
    sum += (u32)words(out, (i32)(p - out));
    for (const char *q = out; *q; q++)
      sum = sum * 31 + (u32)get(&q);
    i32 length = encode((const u8 *)out, (i32)(p - out), encoded);
    for (i32 i = 0; i < length; i++)
      sum = (sum << 5 | sum >> 27) ^ (u8)encoded[i];
  }
  return (i32)sum;
}
