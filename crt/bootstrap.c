// bootstrap.c — the bootstrap record's defaults, its first layer.
// Read by start.c; the other layers come from the program's source and the linker.

#if NOVA_FREESTANDING

#include "internal.h"

[[gnu::used, gnu::section(".nova_bootstrap.default")]]
static const struct nova_entry defaults[] = {
    {NOVA_KEY_stack_byte_count, NOVA_STACK_BYTE_COUNT_DEFAULT},
    {NOVA_KEY_stack_policy, NOVA_STACK_POLICY_DEFAULT},
    {NOVA_KEY_stack_initial_byte_count, NOVA_STACK_INITIAL_BYTE_COUNT_DEFAULT},
    {NOVA_KEY_heap_byte_count, NOVA_HEAP_BYTE_COUNT_DEFAULT},
    {NOVA_KEY_worker_count, NOVA_WORKER_COUNT_DEFAULT},
    {NOVA_KEY_address_policy, NOVA_ADDRESS_POLICY_DEFAULT},
    {NOVA_KEY_entropy_policy, NOVA_ENTROPY_POLICY_DEFAULT},
    {NOVA_KEY_cpu_policy, NOVA_CPU_POLICY_DEFAULT},
    {NOVA_KEY_driver_grants, NOVA_DRIVER_GRANTS_DEFAULT},
};

#endif
