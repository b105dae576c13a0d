// sort.c — quicksort with insertion of short runs, then heap sort, of 4,096 numbers.
#include "../kernels/common.h"
static u32 v[4096];
static void insertion(u32 *a, i32 n) {
  for (i32 i = 1; i < n; i++) {
    u32 x = a[i];
    i32 j = i;
    for (; j > 0 && a[j - 1] > x; j--)
      a[j] = a[j - 1];
    a[j] = x;
  }
}
static void quick(u32 *a, i32 n) {
  while (n > 12) {
    u32 p = a[n / 2];
    i32 i = 0, j = n - 1;
    while (i <= j) {
      while (a[i] < p)
        i++;
      while (a[j] > p)
        j--;
      if (i <= j) {
        u32 t = a[i];
        a[i++] = a[j];
        a[j--] = t;
      }
    }
    quick(a, j + 1);
    a += i;
    n -= i;
  }
  insertion(a, n);
}
static void sift(u32 *a, i32 i, i32 n) {
  u32 x = a[i];
  for (i32 c; (c = 2 * i + 1) < n; i = c) {
    if (c + 1 < n && a[c + 1] > a[c])
      c++;
    if (a[c] <= x)
      break;
    a[i] = a[c];
  }
  a[i] = x;
}
static void heap(u32 *a, i32 n) {
  for (i32 i = n / 2; i-- > 0;)
    sift(a, i, n);
  for (i32 i = n; i-- > 1;) {
    u32 t = a[0];
    a[0] = a[i];
    a[i] = t;
    sift(a, 0, i);
  }
}
static void fill(u32 x) {
  for (i32 i = 0; i < 4096; i++)
    v[i] = x = x * 1103515245u + 12345u;
}
ENTRY i32 run(i32 n) {
  u32 h = 0;
  for (i32 k = 0; k < n; k++) {
    fill((u32)k);
    quick(v, 4096);
    h = h * 31 + v[k & 4095];
    fill((u32)k + 7);
    heap(v, 4096);
    h = h * 31 + v[(k * 5) & 4095];
  }
  return (i32)h;
}
