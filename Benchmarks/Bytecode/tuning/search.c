// search.c — Boyer-Moore-Horspool and a plain search for words in 16 KiB of text.
#include "../kernels/common.h"
static u8 text[16384], shift[256];
static i32 horspool(const u8 *t, i32 n, const u8 *w, i32 m) {
  i32 found = 0;
  for (i32 i = 0; i < 256; i++)
    shift[i] = (u8)m;
  for (i32 i = 0; i < m - 1; i++)
    shift[w[i]] = (u8)(m - 1 - i);
  for (i32 i = 0; i <= n - m; i += shift[t[i + m - 1]]) {
    i32 j = m - 1;
    while (j >= 0 && t[i + j] == w[j])
      j--;
    if (j < 0)
      found += i;
  }
  return found;
}
static i32 plain(const u8 *t, i32 n, const u8 *w, i32 m) {
  i32 found = 0;
  for (i32 i = 0; i <= n - m; i++) {
    i32 j = 0;
    while (j < m && t[i + j] == w[j])
      j++;
    if (j == m)
      found ^= i;
  }
  return found;
}
ENTRY i32 run(i32 n) {
  u32 x = 42, sum = 0;
  for (i32 i = 0; i < (i32)sizeof text; i++) {
    x = x * 1103515245u + 12345u;
    text[i] = "etaoin shrdlu"[(x >> 16) % 13];
  }
  for (i32 k = 0; k < n; k++) {
    const u8 *word = text + (k * 37) % 16000;
    sum = sum * 31 + (u32)horspool(text, sizeof text, word, 3 + k % 6);
    sum = sum * 31 + (u32)plain(text, sizeof text, word, 3 + k % 4);
  }
  return (i32)sum;
}
