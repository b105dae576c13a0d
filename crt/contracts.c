// contracts.c — the process's record of which contract numbers are taken; hosted as well.

#include "include/nova_abi.h"

static uint32_t records[NOVA_CONTRACT_COUNT_MAX + 1];

uint32_t *nova_contract_record(uint32_t number) { return &records[number]; }
