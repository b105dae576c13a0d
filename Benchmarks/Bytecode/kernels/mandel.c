// mandel.c — the Mandelbrot set, n by n points, 50 iterations.

#include "common.h"
ENTRY i32 run(i32 n) {
  i32 cnt = 0;
  for (i32 y = 0; y < n; y++)
    for (i32 x = 0; x < n; x++) {
      double ci = 2.0 * y / n - 1.0, cr = 2.0 * x / n - 1.5, zr = 0, zi = 0;
      i32 k = 0;
      for (; k < 50; k++) {
        double r2 = zr * zr, i2 = zi * zi;
        if (r2 + i2 > 4.0)
          break;
        zi = 2 * zr * zi + ci;
        zr = r2 - i2 + cr;
      }
      cnt += k;
    }
  return cnt;
}
