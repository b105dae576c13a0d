// cjson.c — cJSON makes a document, prints it, and reads it back.

#include <stdlib.h>
#include <string.h>

#include "cJSON.h"
#include "text.h"

enum { ITEM_COUNT = 200, NAME_BYTE_COUNT = 24 };

static cJSON *document(uint32_t seed) {
  char name[NAME_BYTE_COUNT + 1] = {0};
  cJSON *list = cJSON_CreateArray();
  for (int item = 0; item < ITEM_COUNT; item++) {
    fill_with_text(name, NAME_BYTE_COUNT, seed + (uint32_t)item);
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "name", name);
    cJSON_AddNumberToObject(entry, "count", item * 3);
    cJSON_AddNumberToObject(entry, "share", item / 8.0);
    cJSON_AddBoolToObject(entry, "isOdd", item & 1);
    cJSON_AddItemToArray(list, entry);
  }
  return list;
}

ENTRY int run(int rounds) {
  uint32_t hash = 0;
  for (int round = 0; round < rounds; round++) {
    cJSON *made = document((uint32_t)round);
    char *text = cJSON_Print(made);
    cJSON *read = cJSON_Parse(text);
    char *again = cJSON_PrintUnformatted(read);
    if (!cJSON_Compare(made, read, 1)) {
      __builtin_trap();
    }
    hash = hash_bytes(hash_bytes(hash, text, strlen(text)), again, strlen(again));
    cJSON_Delete(made);
    cJSON_Delete(read);
    free(text);
    free(again);
  }
  return (int)hash;
}
