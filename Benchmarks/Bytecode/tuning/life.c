// life.c — Conway's game of life on a torus of 64 by 64 cells.
#include "../kernels/common.h"
static u8 grid[2][64][64];
ENTRY i32 run(i32 n) {
  u32 x = 1;
  for (i32 i = 0; i < 64; i++)
    for (i32 j = 0; j < 64; j++) {
      x = x * 1103515245u + 12345u;
      grid[0][i][j] = x >> 30 == 0;
    }
  i32 now = 0;
  for (i32 k = 0; k < n; k++, now ^= 1)
    for (i32 i = 0; i < 64; i++)
      for (i32 j = 0; j < 64; j++) {
        i32 sum = -grid[now][i][j];
        for (i32 a = -1; a <= 1; a++)
          for (i32 b = -1; b <= 1; b++)
            sum += grid[now][(i + a) & 63][(j + b) & 63];
        grid[now ^ 1][i][j] = sum == 3 || (sum == 2 && grid[now][i][j]);
      }
  u32 h = 0;
  for (i32 i = 0; i < 64; i++)
    for (i32 j = 0; j < 64; j++)
      h = h * 3 + grid[now][i][j];
  return (i32)h;
}
