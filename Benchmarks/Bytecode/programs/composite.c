// composite.c — lists, matrices, a scanner, checksums and a report in one program: CoreMark's size
// (1687 words of code) and kinds of work, not its code. run(n) does n rounds and gives a checksum
// over all that they computed.
#include "../kernels/common.h"

// ---- Checksums -------------------------------------------------------------------------------

// CRC-16 with polynomial x¹⁶ + x¹⁵ + x² + 1, bits reflected, one bit at a time.
static u16 crc_byte(u16 crc, u8 byte) {
  crc ^= byte;
  for (i32 bit = 0; bit < 8; bit++)
    crc = (u16)(crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
  return crc;
}

static __attribute__((noinline)) u16 crc_half(u16 crc, u16 value) {
  return crc_byte(crc_byte(crc, (u8)value), (u8)(value >> 8));
}

static __attribute__((noinline)) u16 crc_word(u16 crc, u32 value) {
  return crc_half(crc_half(crc, (u16)value), (u16)(value >> 16));
}

static u32 random_state;
static u32 next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}

// ---- Lists -----------------------------------------------------------------------------------

typedef struct node {
  struct node *next;
  i32 key;
  u16 order;
  u16 weight;
} node;

enum { NODE_COUNT = 200 };
static node nodes[NODE_COUNT];
static node *free_nodes;

static void list_clear(void) {
  free_nodes = 0;
  for (i32 i = NODE_COUNT - 1; i >= 0; i--) {
    nodes[i].next = free_nodes;
    free_nodes = &nodes[i];
  }
}

static node *list_insert(node **place, i32 key, u16 order, u16 weight) {
  node *const made = free_nodes;
  if (!made)
    return 0;
  free_nodes = made->next;
  made->key = key;
  made->order = order;
  made->weight = weight;
  made->next = *place;
  *place = made;
  return made;
}

static i32 list_remove(node **place) {
  node *const gone = *place;
  if (!gone)
    return 0;
  *place = gone->next;
  gone->next = free_nodes;
  free_nodes = gone;
  return gone->key;
}

static __attribute__((noinline)) node **list_find(node **place, i32 key) {
  while (*place && (*place)->key != key)
    place = &(*place)->next;
  return place;
}

static __attribute__((noinline)) node *list_reverse(node *list) {
  node *reversed = 0;
  while (list) {
    node *const next = list->next;
    list->next = reversed;
    reversed = list;
    list = next;
  }
  return reversed;
}

typedef i32 (*comparison)(const node *, const node *);

static i32 by_key(const node *a, const node *b) { return a->key < b->key ? -1 : a->key > b->key; }
static i32 by_order(const node *a, const node *b) { return (i32)a->order - (i32)b->order; }
static i32 by_weight(const node *a, const node *b) {
  const i32 x = a->weight * 31 ^ a->key, y = b->weight * 31 ^ b->key;
  return x < y ? -1 : x > y;
}
static const comparison comparisons[] = {by_key, by_order, by_weight};

// Merges runs that double in length until there is one.
static __attribute__((noinline)) node *list_sort(node *list, comparison compare) {
  for (i32 length = 1;; length *= 2) {
    node *rest = list, *last = 0;
    i32 merge_count = 0;
    list = 0;
    while (rest) {
      node *left = rest, *right = rest;
      i32 left_count = 0, right_count = length;
      merge_count++;
      while (left_count < length && right) {
        left_count++;
        right = right->next;
      }
      while (left_count > 0 || (right_count > 0 && right)) {
        node *taken;
        if (left_count == 0 ||
            (right_count > 0 && right && compare(left, right) > 0)) {
          taken = right;
          right = right->next;
          right_count--;
        } else {
          taken = left;
          left = left->next;
          left_count--;
        }
        if (last)
          last->next = taken;
        else
          list = taken;
        last = taken;
      }
      rest = right;
    }
    if (last)
      last->next = 0;
    if (merge_count <= 1)
      return list;
  }
}

static u16 list_checksum(u16 crc, const node *list) {
  for (; list; list = list->next)
    crc = crc_half(crc_word(crc, (u32)list->key), list->order);
  return crc;
}

static u16 list_round(u16 crc) {
  node *list = 0;
  list_clear();
  for (i32 i = 0; i < NODE_COUNT - 20; i++) {
    const u32 random = next_random();
    list_insert(&list, (i32)(random % 997), (u16)i, (u16)(random >> 16));
  }
  i32 found = 0;
  for (i32 i = 0; i < 60; i++) {
    node **const place = list_find(&list, (i32)(next_random() % 997));
    if (*place) {
      found += list_remove(place);
      list_insert(&list, found & 1023, (u16)(1000 + i), (u16)i);
    } else {
      list = list_reverse(list);
    }
  }
  crc = crc_word(crc, (u32)found);
  for (u32 i = 0; i < sizeof comparisons / sizeof comparisons[0]; i++) {
    list = list_sort(list, comparisons[(i + crc) % 3]);
    crc = list_checksum(crc, list);
  }
  return crc;
}

#include "matrices.h"

// ---- Scanner ---------------------------------------------------------------------------------

enum state { START, SIGN, ZERO, WHOLE, POINT, FRACTION, EXPONENT, POWER_SIGN, POWER, HEX, BAD };
enum { STATE_COUNT = BAD + 1, TEXT_BYTE_COUNT = 480 };
static u8 text[TEXT_BYTE_COUNT];
static u32 endings[STATE_COUNT], steps[STATE_COUNT];

static void text_fill(void) {
  static const char *const words[] = {"0",     "-17",   "3.25",   "+6e23", "0x7f", "-0.5e-3", "12a",
                                      "1.5.2", "99999", "0xg",    "-",     "7e",   "65536",   ".5",
                                      "1e+9",  "-0x1",  "404.04", "0b1",   "8E8",  "+.e"};
  i32 place = 0;
  while (place < TEXT_BYTE_COUNT) {
    const char *word = words[next_random() % (sizeof words / sizeof words[0])];
    while (*word && place < TEXT_BYTE_COUNT)
      text[place++] = (u8)*word++;
    if (place < TEXT_BYTE_COUNT)
      text[place++] = ',';
  }
}

static i32 is_digit(u8 byte) { return byte >= '0' && byte <= '9'; }

static enum state step(enum state state, u8 byte) {
  switch (state) {
  case START:
    if (byte == '0')
      return ZERO;
    if (is_digit(byte))
      return WHOLE;
    if (byte == '+' || byte == '-')
      return SIGN;
    return byte == '.' ? POINT : BAD;
  case SIGN:
    if (byte == '0')
      return ZERO;
    if (is_digit(byte))
      return WHOLE;
    return byte == '.' ? POINT : BAD;
  case ZERO:
    if (byte == 'x')
      return HEX;
    // Falls through to what any whole number may be followed by.
  case WHOLE:
    if (is_digit(byte))
      return WHOLE;
    if (byte == '.')
      return POINT;
    return byte == 'e' || byte == 'E' ? EXPONENT : BAD;
  case POINT:
    return is_digit(byte) ? FRACTION : BAD;
  case FRACTION:
    if (is_digit(byte))
      return FRACTION;
    return byte == 'e' || byte == 'E' ? EXPONENT : BAD;
  case EXPONENT:
    if (byte == '+' || byte == '-')
      return POWER_SIGN;
    return is_digit(byte) ? POWER : BAD;
  case POWER_SIGN:
  case POWER:
    return is_digit(byte) ? POWER : BAD;
  case HEX:
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') ? HEX : BAD;
  default:
    return BAD;
  }
}

static __attribute__((noinline)) void scan(void) {
  enum state state = START;
  for (i32 i = 0; i < TEXT_BYTE_COUNT; i++) {
    if (text[i] == ',') {
      endings[state]++;
      state = START;
      continue;
    }
    state = step(state, text[i]);
    steps[state]++;
  }
  endings[state]++;
}

// The value of each whole number, read as the scanner accepts it.
static u32 sum_of_numbers(void) {
  u32 sum = 0, value = 0;
  i32 is_whole = 1, is_negative = 0;
  for (i32 i = 0; i < TEXT_BYTE_COUNT; i++) {
    const u8 byte = text[i];
    if (byte == ',') {
      if (is_whole)
        sum += is_negative ? 0 - value : value;
      value = 0;
      is_whole = 1;
      is_negative = 0;
    } else if (is_digit(byte)) {
      value = value * 10 + (byte - '0');
    } else if (byte == '-') {
      is_negative = !is_negative;
    } else {
      is_whole = 0;
    }
  }
  return sum;
}

static u16 scanner_round(u16 crc) {
  for (i32 i = 0; i < STATE_COUNT; i++)
    endings[i] = steps[i] = 0;
  text_fill();
  scan();
  crc = crc_word(crc, sum_of_numbers());
  // Damages some bytes, scans again, and mends them.
  const i32 distance = 7 + (crc & 15);
  for (i32 i = 0; i < TEXT_BYTE_COUNT; i += distance)
    if (text[i] != ',')
      text[i] ^= (u8)(crc >> 8);
  scan();
  for (i32 i = 0; i < TEXT_BYTE_COUNT; i += distance)
    if (text[i] != ',')
      text[i] ^= (u8)(crc >> 8);
  for (i32 i = 0; i < STATE_COUNT; i++)
    crc = crc_word(crc_word(crc, endings[i]), steps[i]);
  return crc;
}

// ---- Report ----------------------------------------------------------------------------------

enum { REPORT_BYTE_COUNT = 640 };
static u8 report[REPORT_BYTE_COUNT];
static i32 report_end;

static __attribute__((noinline)) void put(u8 byte) {
  if (report_end < REPORT_BYTE_COUNT)
    report[report_end++] = byte;
}

static __attribute__((noinline)) void put_text(const char *words) {
  while (*words)
    put((u8)*words++);
}

static __attribute__((noinline)) void put_number(u32 value, u32 base, i32 width, u8 fill) {
  u8 digits[32];
  i32 count = 0;
  do {
    const u32 digit = value % base;
    digits[count++] = (u8)(digit < 10 ? '0' + digit : 'a' - 10 + digit);
    value /= base;
  } while (value);
  for (i32 i = count; i < width; i++)
    put(fill);
  while (count)
    put(digits[--count]);
}

static void put_signed(i32 value, i32 width) {
  if (value < 0)
    put('-');
  put_number(value < 0 ? 0 - (u32)value : (u32)value, 10, width - (value < 0), ' ');
}

// A ratio with three places, rounded to the nearest.
static __attribute__((noinline)) void put_ratio(u32 part, u32 whole) {
  const u64 thousandths = whole ? ((u64)part * 2000 / whole + 1) / 2 : 0;
  put_number((u32)(thousandths / 1000), 10, 0, ' ');
  put('.');
  put_number((u32)(thousandths % 1000), 10, 3, '0');
}

static void put_histogram(const char *name, const u32 *counts) {
  u32 sum = 0, largest = 0;
  for (i32 i = 0; i < STATE_COUNT; i++) {
    sum += counts[i];
    largest = counts[i] > largest ? counts[i] : largest;
  }
  put_text(name);
  for (i32 i = 0; i < STATE_COUNT; i++) {
    put(' ');
    put_ratio(counts[i], sum);
    put(counts[i] == largest ? '*' : counts[i] * 4 < largest ? '.' : ' ');
  }
  put('\n');
}

// Reads a number back; the base follows from what it begins with.
static __attribute__((noinline)) u32 take_number(i32 *place) {
  u32 value = 0, base = 10;
  if (*place + 2 < report_end && report[*place] == '0' && report[*place + 1] == 'x') {
    base = 16;
    *place += 2;
  }
  for (; *place < report_end; ++*place) {
    const u8 byte = report[*place];
    if (is_digit(byte))
      value = value * base + (byte - '0');
    else if (base == 16 && byte >= 'a' && byte <= 'f')
      value = value * base + (byte - 'a' + 10);
    else
      break;
  }
  return value;
}

static u16 report_round(u16 crc, i32 round) {
  report_end = 0;
  put_text("round ");
  put_number((u32)round, 10, 6, '0');
  put_text("\nchecksum 0x");
  put_number(crc, 16, 4, '0');
  put_text("\ncorner ");
  put_signed(product[0][SIDE - 1], 9);
  put_signed((i32)(next_random() & 0xfff) - 0x800, 6);
  put_text("\nsum 0x");
  put_number(sum_of_numbers(), 16, 8, '0');
  put('\n');
  put_histogram("endings", endings);
  put_histogram("steps", steps);
  u32 sum = 0;
  for (i32 place = 0; place < report_end;) {
    if (is_digit(report[place]))
      sum = (sum << 1 | sum >> 31) + take_number(&place);
    else
      crc = crc_byte(crc, report[place++]);
  }
  return crc_word(crc, sum);
}

// ---- The whole -------------------------------------------------------------------------------

ENTRY i32 run(i32 n) {
  u16 crc = 0xffff;
  random_state = 0x2545f491;
  for (i32 i = 0; i < n; i++) {
    crc = list_round(crc);
    crc = matrix_round(crc);
    crc = scanner_round(crc);
    crc = report_round(crc, i);
  }
  return crc;
}
