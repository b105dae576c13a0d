// matmul.c — product of two matrices of 120 by 120 doubles, n times.

#include "common.h"
#define N 120
static double A[N][N], B[N][N], C[N][N];
ENTRY i32 run(i32 n) {
  for (i32 i = 0; i < N; i++)
    for (i32 j = 0; j < N; j++) {
      A[i][j] = i * 0.5 + j;
      B[i][j] = i - j * 0.25;
    }
  double s = 0;
  for (i32 it = 0; it < n; it++) {
    for (i32 i = 0; i < N; i++)
      for (i32 j = 0; j < N; j++) {
        double t = 0;
        for (i32 k = 0; k < N; k++)
          t += A[i][k] * B[k][j];
        C[i][j] = t;
      }
    s += C[it % N][(it * 7) % N];
  }
  return (i32)s;
}
