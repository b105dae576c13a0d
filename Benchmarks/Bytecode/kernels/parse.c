// parse.c — a tokenizer of JSON-like text, byte by byte, 32 KiB, n times.

#include "common.h"
/* JSON-ish tokenizer: switch state machine over bytes */
static u8 buf[32768];
static const char pat[] =
    "{\"name\": \"nova core\", \"vals\": [1, 23.5, -456, 7e3, true, null], "
    "\"s\": \"a\\\"b\\n\", \"o\": {\"k\": false}}, ";
enum { S_VAL, S_STR, S_ESC, S_NUM, S_ID };
ENTRY i32 run(i32 n) {
  u32 L = sizeof(pat) - 1;
  for (u32 i = 0; i < sizeof buf; i++)
    buf[i] = pat[i % L];
  u32 toks = 0, depth = 0, hash = 0;
  for (i32 it = 0; it < n; it++) {
    u32 st = S_VAL;
    for (u32 i = 0; i < sizeof buf; i++) {
      u8 c = buf[i];
      switch (st) {
      case S_VAL:
      again:
        switch (c) {
        case '{':
        case '[':
          depth++;
          toks++;
          break;
        case '}':
        case ']':
          depth--;
          toks++;
          break;
        case ',':
        case ':':
          toks++;
          break;
        case ' ':
        case '\n':
        case '\t':
          break;
        case '"':
          st = S_STR;
          toks++;
          break;
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
          st = S_NUM;
          toks++;
          hash = hash * 10 + (c - '0');
          break;
        default:
          st = S_ID;
          toks++;
          hash ^= c;
        }
        break;
      case S_STR:
        if (c == '\\')
          st = S_ESC;
        else if (c == '"')
          st = S_VAL;
        else
          hash = hash * 31 + c;
        break;
      case S_ESC:
        hash = hash * 33 + c;
        st = S_STR;
        break;
      case S_NUM:
        if ((c >= '0' && c <= '9') || c == '.' || c == 'e' || c == '-' || c == '+')
          hash = hash * 10 + (c - '0');
        else {
          st = S_VAL;
          goto again;
        }
        break;
      case S_ID:
        if (c >= 'a' && c <= 'z')
          hash = hash * 7 + c;
        else {
          st = S_VAL;
          goto again;
        }
        break;
      }
    }
  }
  return (i32)(toks ^ hash ^ depth);
}
