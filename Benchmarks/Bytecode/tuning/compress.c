// compress.c — an LZ77 compressor with a hash of three bytes, and its inverse.
#include "../kernels/common.h"
static u8 text[16384], packed[32768], again[16384];
static u16 heads[4096];
static u32 key(const u8 *p) {
  return ((p[0] | (u32)p[1] << 8 | (u32)p[2] << 16) * 2654435761u) >> 20;
}
static u32 pack(const u8 *in, u32 n, u8 *out) {
  u8 *o = out;
  u32 i = 0, start = 0;
  for (u32 k = 0; k < 4096; k++)
    heads[k] = 0xffff;
  while (i + 3 < n) {
    u32 h = key(in + i), at = heads[h];
    heads[h] = (u16)i;
    u32 length = 0;
    if (at != 0xffff)
      while (length < 255 && i + length < n && in[at + length] == in[i + length])
        length++;
    if (length < 4) {
      i++;
      if (i - start == 255) {
        *o++ = 255;
        *o++ = 0;
        for (; start < i; start++)
          *o++ = in[start];
      }
      continue;
    }
    *o++ = (u8)(i - start);
    *o++ = (u8)length;
    for (; start < i; start++)
      *o++ = in[start];
    *o++ = (u8)(i - at);
    *o++ = (u8)((i - at) >> 8);
    i += length;
    start = i;
  }
  *o++ = (u8)(n - start);
  *o++ = 0;
  for (; start < n; start++)
    *o++ = in[start];
  return (u32)(o - out);
}
static u32 unpack(const u8 *in, u32 n, u8 *out) {
  const u8 *end = in + n;
  u8 *o = out;
  while (in < end) {
    u32 literal = *in++, length = *in++;
    while (literal--)
      *o++ = *in++;
    if (!length)
      continue;
    const u8 *from = o - (in[0] | in[1] << 8);
    in += 2;
    while (length--)
      *o++ = *from++;
  }
  return (u32)(o - out);
}
ENTRY i32 run(i32 n) {
  u32 sum = 0;
  for (i32 k = 0; k < n; k++) {
    u32 x = (u32)k;
    for (u32 i = 0; i < sizeof text; i++) {
      x = x * 1664525u + 1013904223u;
      text[i] = (x >> 28) < 11 && i > 64 ? text[i - 17 - (x >> 20 & 31)] : (u8)(97 + (x >> 26));
    }
    u32 size = pack(text, sizeof text, packed);
    u32 back = unpack(packed, size, again);
    sum = sum * 31 + size + (back == sizeof text);
    for (u32 i = 0; i < back; i++)
      sum += text[i] ^ again[i];
  }
  return (i32)sum;
}
