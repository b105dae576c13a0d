// parse.c — a tokenizer of JSON-like text, byte by byte, 32 KiB, n times.

#include "common.h"
/* JSON-ish tokenizer: switch state machine over bytes */
static u8 buf[32768];
static const char pat[] =
    "{\"name\": \"nova core\", \"vals\": [1, 23.5, -456, 7e3, true, null], "
    "\"s\": \"a\\\"b\\n\", \"o\": {\"k\": false}}, ";
enum { S_VAL, S_STR, S_ESC, S_NUM, S_ID };
typedef struct {
  u32 toks, depth, hash;
} counts;

/* The state after a token's first byte. Inlined: the kernel is one loop over one switch. */
static inline __attribute__((always_inline)) u32 begin(u8 c, counts *n) {
  switch (c) {
  case '{':
  case '[':
    n->depth++;
    n->toks++;
    return S_VAL;
  case '}':
  case ']':
    n->depth--;
    n->toks++;
    return S_VAL;
  case ',':
  case ':':
    n->toks++;
    return S_VAL;
  case ' ':
  case '\n':
  case '\t':
    return S_VAL;
  case '"':
    n->toks++;
    return S_STR;
  case '-':
  case '0':
  case '1':
  case '2':
  case '3':
  case '4':
  case '5':
  case '6':
  case '7':
  case '8':
  case '9':
    n->toks++;
    n->hash = n->hash * 10 + (c - '0');
    return S_NUM;
  default:
    n->toks++;
    n->hash ^= c;
    return S_ID;
  }
}

ENTRY i32 run(i32 n) {
  u32 L = sizeof(pat) - 1;
  for (u32 i = 0; i < sizeof buf; i++)
    buf[i] = pat[i % L];
  counts all = {0, 0, 0};
  for (i32 it = 0; it < n; it++) {
    u32 st = S_VAL;
    for (u32 i = 0; i < sizeof buf; i++) {
      u8 c = buf[i];
      switch (st) {
      case S_VAL:
      again:
        st = begin(c, &all);
        break;
      case S_STR:
        if (c == '\\')
          st = S_ESC;
        else if (c == '"')
          st = S_VAL;
        else
          all.hash = all.hash * 31 + c;
        break;
      case S_ESC:
        all.hash = all.hash * 33 + c;
        st = S_STR;
        break;
      case S_NUM:
        if ((c >= '0' && c <= '9') || c == '.' || c == 'e' || c == '-' || c == '+')
          all.hash = all.hash * 10 + (c - '0');
        else
          goto again;
        break;
      case S_ID:
        if (c >= 'a' && c <= 'z')
          all.hash = all.hash * 7 + c;
        else
          goto again;
        break;
      }
    }
  }
  return (i32)(all.toks ^ all.hash ^ all.depth);
}
