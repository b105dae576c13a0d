// table.c — open addressing with linear probing over memory from malloc.
// Hash: FNV-1a (Fowler, Noll, Vo).

#include "table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOT_COUNT = 8 };

static size_t hash(const char *name) {
  uint32_t hash = 2166136261U;
  for (; *name != 0; name++) {
    hash = (hash ^ (unsigned char)*name) * 16777619U;
  }
  return hash;
}

/// The slot that holds `name`, or would.
static struct article *slot_of(const struct table *table, const char *name) {
  size_t index = hash(name) % table->slot_count;
  while (table->slots[index].name != NULL && strcmp(table->slots[index].name, name) != 0) {
    index = (index + 1) % table->slot_count;
  }
  return &table->slots[index];
}

static int grow(struct table *table) {
  struct table larger = {NULL, table->slot_count == 0 ? FIRST_SLOT_COUNT : table->slot_count * 2,
                         table->used_count};
  larger.slots = calloc(larger.slot_count, sizeof *larger.slots);
  if (larger.slots == NULL) {
    return 0;
  }
  for (size_t index = 0; index < table->slot_count; index++) {
    if (table->slots[index].name != NULL) {
      *slot_of(&larger, table->slots[index].name) = table->slots[index];
    }
  }
  free(table->slots);
  *table = larger;
  return 1;
}

struct article *table_find(struct table *table, const char *name) {
  if ((table->used_count + 1) * 2 > table->slot_count && !grow(table)) {
    return NULL;
  }
  struct article *slot = slot_of(table, name);
  if (slot->name == NULL) {
    slot->name = strdup(name);
    if (slot->name == NULL) {
      return NULL;
    }
    table->used_count++;
  }
  return slot;
}

static int by_value(const void *left, const void *right) {
  const struct article *one = left;
  const struct article *two = right;
  if (one->value != two->value) {
    return one->value < two->value ? 1 : -1;
  }
  return strcmp(one->name, two->name);
}

void table_sort(struct table *table) {
  size_t used = 0;
  for (size_t index = 0; index < table->slot_count; index++) {
    if (table->slots[index].name != NULL) {
      struct article moved = table->slots[index];
      table->slots[index].name = NULL;
      table->slots[used++] = moved;
    }
  }
  qsort(table->slots, used, sizeof *table->slots, by_value);
}

void table_free(struct table *table) {
  for (size_t index = 0; index < table->slot_count; index++) {
    free(table->slots[index].name);
  }
  free(table->slots);
}
