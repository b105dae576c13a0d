// module.c — the note in which `nova build` states where a program's module lies.
// In a section that is linked only into programs that ask for their module. Hosted, there is none:
// a hosted program is made by the host's linker.

#include "include/nova_abi.h"
#include "include/nova_module.h"

#if NOVA_FREESTANDING

// Elf64_Nhdr, name and description; notes are aligned to 4 bytes. The linker script puts it beside
// its own note. Volatile, because the file is changed after the compiler has read it.
struct note {
  uint32_t name_byte_count, description_byte_count, type;
  char name[16];
  // Low half first: of the program's module; of the modules behind it; what was verified.
  uint32_t address[2], byte_count[2], linked_byte_count[2], statement[2];
};

[[gnu::section(".nova_module_note"), gnu::aligned(4)]]
static const volatile struct note note = {
    .name_byte_count = sizeof NOVA_NOTE_MODULE_NAME,
    .description_byte_count = 32,
    .type = NOVA_NOTE_MODULE,
    .name = NOVA_NOTE_MODULE_NAME,
};
static_assert(sizeof note == 60, "nova build looks for a description of four words");

static uint64_t word(const volatile uint32_t half[2]) {
  return half[0] | (uint64_t)half[1] << 32;
}

const void *nova_module(size_t *byte_count) {
  *byte_count = word(note.byte_count);
  return (const void *)(uintptr_t)word(note.address);
}

const void *nova_built_modules(size_t *byte_count) {
  *byte_count = word(note.linked_byte_count);
  const uintptr_t end = word(note.address) + word(note.byte_count);
  return (const void *)(end + -end % NOVA_LINKED_MODULE_ALIGNMENT);
}

const void *nova_wasi_grants(size_t *byte_count) {
  size_t linked_byte_count;
  const char *const linked = nova_built_modules(&linked_byte_count);
  const struct nova_linked_module *const head = (const void *)(linked + linked_byte_count);
  const bool stated = word(note.byte_count) > 0 && head->magic == NOVA_WASI_GRANTS_MAGIC;
  *byte_count = stated ? head->byte_count : 0;
  return stated ? head + 1 : nullptr;
}

uint64_t nova_module_statement(void) { return word(note.statement); }

#else

const void *nova_module(size_t *byte_count) {
  *byte_count = 0;
  return NULL;
}

const void *nova_built_modules(size_t *byte_count) {
  *byte_count = 0;
  return NULL;
}

const void *nova_wasi_grants(size_t *byte_count) {
  *byte_count = 0;
  return NULL;
}

uint64_t nova_module_statement(void) { return 0; }

#endif
