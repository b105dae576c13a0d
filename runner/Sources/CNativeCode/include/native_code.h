// native_code.h — the code of the program's module, where `nova build --native` links some in.
// C11. The record: nova_native.h.

#ifndef NOVA_NATIVE_CODE_H
#define NOVA_NATIVE_CODE_H

extern const unsigned char nova_native_main[] __attribute__((weak));

// Null where none is linked in.
static inline const void *nova_native_linked(void) { return nova_native_main; }

#endif
