// table.h — a hash table from names to stock; it grows, and owns its names.

#pragma once

#include <stddef.h>

/// What is known of one article.
struct article {
  char *name;
  long count;
  /// In cents, of all pieces together.
  long value;
};

/// Articles, in slots of which at most half are used.
struct table {
  struct article *slots;
  size_t slot_count;
  size_t used_count;
};

/// The article of this name, made if there is none; null when there is no memory for it.
///
/// It may move when another is made.
struct article *table_find(struct table *table, const char *name);

/// Puts the articles at the front, the most valuable first, then by name; none is found any more.
void table_sort(struct table *table);

/// Gives the memory back.
void table_free(struct table *table);
