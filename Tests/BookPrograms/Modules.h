// Modules.h — what the page's block of C is called through.

#include <stdint.h>

// Registers the block's function as `count` of `env`; a nova_call_status.
int32_t book_add_count(void *loader);
// What the module's `add` gives, or -1.
int32_t book_call_add(void *instance, int32_t left, int32_t right);
