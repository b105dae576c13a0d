// match.c — regular expressions with . * + ? and classes, by backtracking over lines of text.
#include "../kernels/common.h"
static const char *patterns[] = {"a*b+c",  "^h.*o$",    "[0-9]+\\.[0-9]*",
                                 "wor?ld", "[a-f]+x?y", "(none"};
static const char *lines[] = {"hello",       "aaabbbc world",  "pi is 3.14159 or so",
                              "wold deadxy", "nothing at all", "hallo",
                              "x86 and 6.0", "abcabcabfy"};
static i32 matches(const char *p, const char *t);
static i32 one(const char *p, char c, i32 *length) {
  i32 k = 1, yes;
  if (*p == '\\') {
    yes = p[1] == c;
    k = 2;
  } else if (*p == '[') {
    yes = 0;
    for (k = 1; p[k] != ']'; k++) {
      if (p[k + 1] == '-') {
        yes |= c >= p[k] && c <= p[k + 2];
        k += 2;
      } else
        yes |= c == p[k];
    }
    k++;
  } else
    yes = *p == '.' || *p == c;
  *length = k;
  return yes && c;
}
static __attribute__((noinline)) i32 star(const char *p, const char *rest, const char *t) {
  i32 k;
  const char *s = t;
  while (one(p, *s, &k))
    s++;
  for (; s >= t; s--)
    if (matches(rest, s))
      return 1;
  return 0;
}
static i32 matches(const char *p, const char *t) {
  for (;;) {
    if (!*p)
      return 1;
    if (*p == '$' && !p[1])
      return !*t;
    i32 k, yes = one(p, *t, &k);
    switch (p[k]) {
    case '*':
      return star(p, p + k + 1, t);
    case '+':
      return yes && star(p, p + k + 1, t + 1);
    case '?':
      if (yes && matches(p + k + 1, t + 1))
        return 1;
      p += k + 1;
      continue;
    }
    if (!yes)
      return 0;
    p += k;
    t++;
  }
}
static i32 found(const char *p, const char *t) {
  if (*p == '^')
    return matches(p + 1, t);
  do
    if (matches(p, t))
      return 1;
  while (*t++);
  return 0;
}
ENTRY i32 run(i32 n) {
  u32 sum = 0;
  for (i32 k = 0; k < n; k++)
    for (i32 p = 0; p < 6; p++)
      for (i32 l = 0; l < 8; l++)
        sum = sum * 3 + (u32)found(patterns[p], lines[(l + k) & 7]);
  return (i32)sum;
}
