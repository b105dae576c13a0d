// Modules.c — calls what the page's block of C declares; it stands behind the block.

#include "BookModulesC.h"

int32_t book_add_count(void *loader) { return count_add(loader, "env", NULL, NULL, 0); }

int32_t book_call_add(void *instance, int32_t left, int32_t right) {
  struct nova_function function;
  int32_t result = 0;
  if (add_find(instance, &function, NULL, 0) != NOVA_CALL_done ||
      add_call(&function, &result, left, right) != NOVA_CALL_done)
    return -1;
  return result;
}
