// table.c — a hash table with chains: insertions, look-ups and removals of 64-bit keys.
#include "../kernels/common.h"
typedef struct Node {
  u64 key;
  u32 value;
  struct Node *next;
} Node;
static Node nodes[4096], *buckets[1024], *unused;
static u32 hash(u64 k) {
  k ^= k >> 33;
  k *= 0xff51afd7ed558ccdull;
  k ^= k >> 29;
  return (u32)k & 1023;
}
static __attribute__((noinline)) Node *find(u64 key) {
  for (Node *p = buckets[hash(key)]; p; p = p->next)
    if (p->key == key)
      return p;
  return 0;
}
static __attribute__((noinline)) i32 insert(u64 key, u32 value) {
  Node *p = find(key);
  if (p) {
    p->value += value;
    return 0;
  }
  if (!unused)
    return 0;
  p = unused;
  unused = p->next;
  u32 b = hash(key);
  p->key = key;
  p->value = value;
  p->next = buckets[b];
  buckets[b] = p;
  return 1;
}
static __attribute__((noinline)) i32 removed(u64 key) {
  Node **p = &buckets[hash(key)];
  while (*p && (*p)->key != key)
    p = &(*p)->next;
  if (!*p)
    return 0;
  Node *q = *p;
  *p = q->next;
  q->next = unused;
  unused = q;
  return 1;
}
ENTRY i32 run(i32 n) {
  unused = 0;
  for (i32 i = 0; i < 1024; i++)
    buckets[i] = 0;
  for (i32 i = 0; i < 4096; i++) {
    nodes[i].next = unused;
    unused = &nodes[i];
  }
  u64 x = 88172645463325252ull;
  u32 sum = 0;
  for (i32 k = 0; k < n * 1000; k++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    u64 key = x % 6000;
    if (k % 4 == 3)
      sum += (u32)removed(key);
    else if (k % 4 == 2) {
      Node *p = find(key);
      sum = sum * 33 + (p ? p->value : 1);
    } else
      sum += (u32)insert(key, (u32)k);
  }
  return (i32)sum;
}
