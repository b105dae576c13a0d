// bootstrap.c — the bootstrap record's defaults, its first layer.
// Read by start.c; the other layers come from the program's source and the linker.

#if NOVA_FREESTANDING

#include "internal.h"

[[gnu::used, gnu::section(".nova_bootstrap.default")]]
static const struct nova_entry defaults[] = {
    {NOVA_KEY_stack_byte_count, 8u << 20},
    {NOVA_KEY_stack_policy, NOVA_STACK_initial},
    {NOVA_KEY_stack_initial_byte_count, 64u << 10},
    {NOVA_KEY_heap_byte_count, 64u << 20},
    {NOVA_KEY_worker_count, 0},
    {NOVA_KEY_address_policy, NOVA_ADDRESS_fallback},
    {NOVA_KEY_entropy_policy, NOVA_ENTROPY_fixed},
    {NOVA_KEY_cpu_policy, NOVA_CPU_baseline},
};

#endif
