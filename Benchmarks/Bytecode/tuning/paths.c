// paths.c — shortest paths in a grid of weights, with a binary heap as priority queue.
#include "../kernels/common.h"
#define SIDE 48
typedef struct {
  u32 distance;
  u16 x, y;
} Entry;
static u8 cost[SIDE][SIDE];
static u32 best[SIDE][SIDE];
static Entry heap[SIDE * SIDE * 4];
static i32 count;
static void push(Entry e) {
  i32 i = count++;
  while (i > 0 && heap[(i - 1) / 2].distance > e.distance) {
    heap[i] = heap[(i - 1) / 2];
    i = (i - 1) / 2;
  }
  heap[i] = e;
}
static Entry pop(void) {
  Entry top = heap[0], last = heap[--count];
  i32 i = 0;
  for (i32 c; (c = 2 * i + 1) < count; i = c) {
    if (c + 1 < count && heap[c + 1].distance < heap[c].distance)
      c++;
    if (heap[c].distance >= last.distance)
      break;
    heap[i] = heap[c];
  }
  heap[i] = last;
  return top;
}
static const signed char steps[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
ENTRY i32 run(i32 n) {
  u32 x = 3, sum = 0;
  for (i32 k = 0; k < n; k++) {
    for (i32 i = 0; i < SIDE; i++)
      for (i32 j = 0; j < SIDE; j++) {
        x = x * 1664525u + 1013904223u;
        cost[i][j] = (u8)(1 + (x >> 28));
        best[i][j] = ~0u;
      }
    count = 0;
    best[0][0] = 0;
    push((Entry){0, 0, 0});
    while (count) {
      Entry e = pop();
      if (e.distance != best[e.y][e.x])
        continue;
      for (i32 s = 0; s < 4; s++) {
        i32 a = e.x + steps[s][0], b = e.y + steps[s][1];
        if (a < 0 || b < 0 || a >= SIDE || b >= SIDE)
          continue;
        u32 d = e.distance + cost[b][a];
        if (d < best[b][a]) {
          best[b][a] = d;
          push((Entry){d, (u16)a, (u16)b});
        }
      }
    }
    sum = sum * 31 + best[SIDE - 1][SIDE - 1];
  }
  return (i32)sum;
}
