// nova_module.h — modules of bytecode in a program's own file, executed where they lie.
// C11 and C++17, for whoever links a module in; Swift reads the bounds.

#ifndef NOVA_MODULE_H
#define NOVA_MODULE_H

#include <stdint.h>

// The section nova_modules: for each module a head of 64 bytes, then the module's bytes, then zeros
// up to the next multiple of 64, where the next head begins. The section begins at such a multiple.
#define NOVA_LINKED_MODULE_MAGIC 0x6b6e6c2d63766eu // "nvc-lnk" and a zero
#define NOVA_LINKED_MODULE_ALIGNMENT 64
#define NOVA_LINKED_MODULE_NAME_BYTE_COUNT_MAX 48

struct nova_linked_module {
  uint64_t magic;      // NOVA_LINKED_MODULE_MAGIC
  uint64_t byte_count; // of the module
  // The name under which a loader registers it, with zeros behind unless it fills the field.
  char name[NOVA_LINKED_MODULE_NAME_BYTE_COUNT_MAX];
};

// What `nova build` grants a module through WASI: a head of the same form, without a name, behind
// the modules that the program's own was built with, or where they would begin; and texts, each
// with a zero behind it. A text's first letter says what it is: d a folder, g what the module calls
// the folder before, e a variable NAME=value, i, alone, that the standard input may be read.
#define NOVA_WASI_GRANTS_MAGIC 0x6973617763766eu // "nvcwasi" and a zero

// The section's bounds: null or equal where no module is linked. The first may come before what
// aligns the section.
extern const unsigned char __start_nova_modules[] __attribute__((weak));
extern const unsigned char __stop_nova_modules[] __attribute__((weak));

static inline const unsigned char *nova_linked_modules(uint64_t *byte_count) {
  const uint64_t start = (uint64_t)(uintptr_t)__start_nova_modules;
  const uint64_t stop = (uint64_t)(uintptr_t)__stop_nova_modules;
  const uint64_t skipped = -start % NOVA_LINKED_MODULE_ALIGNMENT;
  *byte_count = stop - start > skipped ? stop - start - skipped : 0;
  return *byte_count > 0 ? __start_nova_modules + skipped : 0;
}

// Puts the module in the file `path` into the program as `name`, two literals, at a file's top
// level: NOVA_MODULE("sha256", "modules/sha256.nvc"). The compiler looks for a relative path where
// it runs, and in the folders that it is given for includes.
#define NOVA_MODULE(name, path)                                                                    \
  __asm__(".pushsection nova_modules,\"aR\",%progbits\n"                                           \
          ".balign 64\n"                                                                           \
          "1: .quad 0x6b6e6c2d63766e, 3f - 2f\n"                                                   \
          ".ascii \"" name "\"\n"                                                                  \
          ".org 1b + 64\n"                                                                         \
          "2: .incbin \"" path "\"\n"                                                              \
          "3: .balign 64\n"                                                                        \
          ".popsection\n")

#endif
