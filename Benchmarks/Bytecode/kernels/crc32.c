// crc32.c — CRC-32 over 64 KiB, n times: table look-ups on a chain of dependences.

#include "common.h"
static u32 T[256];
static u8 buf[65536];
ENTRY i32 run(i32 n) {
  for (u32 i = 0; i < 256; i++) {
    u32 c = i;
    for (int k = 0; k < 8; k++)
      c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
    T[i] = c;
  }
  for (u32 i = 0; i < 65536; i++)
    buf[i] = (u8)(i * 31 + (i >> 7));
  u32 c = ~0u;
  for (i32 it = 0; it < n; it++)
    for (u32 i = 0; i < 65536; i++)
      c = T[(c ^ buf[i]) & 255] ^ (c >> 8);
  return (i32)~c;
}
