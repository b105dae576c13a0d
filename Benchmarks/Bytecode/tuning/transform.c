// transform.c — a fast Fourier transform of 1,024 complex numbers, and its inverse.
#include "../kernels/common.h"
static double re[1024], im[1024], wr[512], wi[512];
static void swap(double *a, double *b) {
  double t = *a;
  *a = *b;
  *b = t;
}
static void transform(i32 n, double sign) {
  for (i32 i = 1, j = 0; i < n; i++) {
    i32 bit = n >> 1;
    for (; j & bit; bit >>= 1)
      j ^= bit;
    j ^= bit;
    if (i < j) {
      swap(&re[i], &re[j]);
      swap(&im[i], &im[j]);
    }
  }
  for (i32 size = 2; size <= n; size *= 2)
    for (i32 i = 0; i < n; i += size)
      for (i32 k = 0; k < size / 2; k++) {
        i32 w = k * (n / size), a = i + k, b = a + size / 2;
        double c = wr[w], s = sign * wi[w];
        double x = re[b] * c - im[b] * s, y = re[b] * s + im[b] * c;
        re[b] = re[a] - x;
        im[b] = im[a] - y;
        re[a] += x;
        im[a] += y;
      }
}
ENTRY i32 run(i32 n) {
  double c = 1, s = 0; // (cos, sin) of 2 pi k / 1024, by the angle's addition
  for (i32 k = 0; k < 512; k++) {
    wr[k] = c;
    wi[k] = s;
    double t = c * 0.99998117528260111 - s * 0.0061358846491544753;
    s = s * 0.99998117528260111 + c * 0.0061358846491544753;
    c = t;
  }
  for (i32 i = 0; i < 1024; i++) {
    re[i] = (i * 37) % 101;
    im[i] = 0;
  }
  for (i32 k = 0; k < n; k++) {
    transform(1024, 1);
    transform(1024, -1);
    for (i32 i = 0; i < 1024; i++) {
      re[i] /= 1024;
      im[i] /= 1024;
    }
  }
  double sum = 0;
  for (i32 i = 0; i < 1024; i++)
    sum += re[i] * i;
  return (i32)sum;
}
