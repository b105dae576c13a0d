// solve.c — linear equations by elimination with pivots, in single and double precision.
#include "../kernels/common.h"
#define N 40
static double a[N][N + 1];
static float f[N][N + 1];
static double solve(void) {
  for (i32 k = 0; k < N; k++) {
    i32 pivot = k;
    for (i32 i = k + 1; i < N; i++)
      if (__builtin_fabs(a[i][k]) > __builtin_fabs(a[pivot][k]))
        pivot = i;
    for (i32 j = k; j <= N; j++) {
      double t = a[k][j];
      a[k][j] = a[pivot][j];
      a[pivot][j] = t;
    }
    for (i32 i = k + 1; i < N; i++) {
      double factor = a[i][k] / a[k][k];
      for (i32 j = k; j <= N; j++)
        a[i][j] -= factor * a[k][j];
    }
  }
  double sum = 0;
  for (i32 i = N; i-- > 0;) {
    for (i32 j = i + 1; j < N; j++)
      a[i][N] -= a[i][j] * a[j][N];
    a[i][N] /= a[i][i];
    sum += a[i][N];
  }
  return sum;
}
static float relax(void) {
  for (i32 k = 0; k < 8; k++)
    for (i32 i = 1; i < N - 1; i++)
      for (i32 j = 1; j < N; j++)
        f[i][j] = 0.25f * (f[i - 1][j] + f[i + 1][j] + f[i][j - 1] + f[i][j + 1]);
  return f[N / 2][N / 2];
}
ENTRY i32 run(i32 n) {
  double sum = 0;
  u32 x = 5;
  for (i32 k = 0; k < n; k++) {
    for (i32 i = 0; i < N; i++)
      for (i32 j = 0; j <= N; j++) {
        x = x * 1664525u + 1013904223u;
        a[i][j] = (x >> 16) % 1000 - 500.0;
        f[i][j] = (float)(x >> 24);
      }
    sum += solve() + relax();
  }
  return (i32)(sum * 1000);
}
