// nova_native.h — how compiled code of a module is laid out, for its makers and its runners.
// C11. How a compiled function is called: NovaCore.docc/Decisions/0019-compiled-code.md.

#ifndef NOVA_NATIVE_H
#define NOVA_NATIVE_H

#include <stdint.h>

#define NOVA_NATIVE_MAGIC 0x6e74762d63766eu // "nvc-vtn" and a zero
// Raised when the record, the context's words or the way of calling change.
#define NOVA_NATIVE_VERSION 1

enum nova_native_flags {
  // Taken branches, calls and bulk work are charged.
  NOVA_NATIVE_charged = 1,
};

// What a module's compiled code begins with.
struct nova_native_code {
  uint64_t magic;   // NOVA_NATIVE_MAGIC
  uint64_t version; // NOVA_NATIVE_VERSION
  // The content hash of the module that it was compiled from.
  uint64_t hash_low, hash_high;
  uint64_t flags;          // enum nova_native_flags
  uint64_t function_count; // of the module's own
  // Bytes of stack that each call takes at most, besides NOVA_NATIVE_REGISTER_BYTE_COUNT for each
  // register of its frame.
  uint64_t call_byte_count;
  // For each function: entry(context, frame, control), which takes arguments from the frame and
  // leaves results there.
  const void *const *entries;
};

#define NOVA_NATIVE_REGISTER_BYTE_COUNT 32
// Bytes of stack that are left for what compiled code calls: the way to another stack, memset and
// kin, handlers of signals.
#define NOVA_NATIVE_RESERVED_BYTE_COUNT 65536

#endif
