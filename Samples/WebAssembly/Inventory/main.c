// main.c — what a store has: reads deliveries from a file, writes what there is to another.
// Usage: inventory DELIVERIES REPORT [PIECES], where each line of DELIVERIES is `NAME COUNT CENTS`.
// With PIECES, says what that many pieces of the whole stock are worth on average.

#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTE_COUNT_MAX = 63, STATUS_USAGE = 2 };

static int failed(const char *path) {
  fprintf(stderr, "inventory: %s: %s\n", path, strerror(errno));
  return 1;
}

/// Adds the deliveries of a file; returns how many, or -1.
static long read_deliveries(struct table *table, const char *path) {
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    return -1;
  }
  char name[NAME_BYTE_COUNT_MAX + 1];
  long count;
  long cents;
  long lines = 0;
  while (fscanf(file, "%63s %ld %ld", name, &count, &cents) == 3) {
    struct article *article = table_find(table, name);
    if (article == NULL) {
      fclose(file);
      return -1;
    }
    article->count += count;
    article->value += count * cents;
    lines++;
  }
  fclose(file);
  return lines;
}

/// Writes a line for each article; returns whether it could.
static int write_report(const struct table *table, const char *path) {
  FILE *file = fopen(path, "w");
  if (file == NULL) {
    return 0;
  }
  for (size_t index = 0; index < table->used_count; index++) {
    const struct article *article = &table->slots[index];
    fprintf(file, "%-12s %6ld %9ld.%02ld\n", article->name, article->count, article->value / 100,
            article->value % 100);
  }
  return fclose(file) == 0;
}

/// What `pieces` of the stock are worth on average, in cents.
static long average(const struct table *table, long pieces) {
  long count = 0;
  long value = 0;
  for (size_t index = 0; index < table->used_count; index++) {
    count += table->slots[index].count;
    value += table->slots[index].value;
  }
  return value / (count / pieces);
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: inventory DELIVERIES REPORT [PIECES]\n");
    return STATUS_USAGE;
  }
  struct table table = {0};
  long deliveries = read_deliveries(&table, argv[1]);
  if (deliveries < 0) {
    return failed(argv[1]);
  }
  table_sort(&table);
  if (!write_report(&table, argv[2])) {
    return failed(argv[2]);
  }
  printf("%ld deliveries, %zu articles\n", deliveries, table.used_count);
  if (argc > 3) {
    printf("%ld cents\n", average(&table, strtol(argv[3], NULL, 10)));
  }
  table_free(&table);
}
