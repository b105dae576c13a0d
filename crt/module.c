// module.c — the note in which `nova build` states where a program's module lies.
// In a section that is linked only into programs that ask for their module. Hosted, there is none:
// a hosted program is made by the host's linker.

#include "include/nova_abi.h"

#if NOVA_FREESTANDING

// Elf64_Nhdr, name and description; notes are aligned to 4 bytes. The linker script puts it beside
// its own note. Volatile, because the file is changed after the compiler has read it.
struct note {
  uint32_t name_byte_count, description_byte_count, type;
  char name[16];
  uint32_t address[2], byte_count[2]; // low half first
};

[[gnu::section(".nova_module_note"), gnu::aligned(4)]]
static const volatile struct note note = {
    .name_byte_count = sizeof NOVA_NOTE_MODULE_NAME,
    .description_byte_count = 16,
    .type = NOVA_NOTE_MODULE,
    .name = NOVA_NOTE_MODULE_NAME,
};
static_assert(sizeof note == 44, "nova build looks for a description of two words");

const void *nova_module(size_t *byte_count) {
  *byte_count = note.byte_count[0] | (size_t)note.byte_count[1] << 32;
  return (const void *)(note.address[0] | (uintptr_t)note.address[1] << 32);
}

#else

const void *nova_module(size_t *byte_count) {
  *byte_count = 0;
  return NULL;
}

#endif
