// allocate.c — C's allocation functions over the process's arena, which NovaMemory keeps.
// What is lent is zero, so calloc has nothing to do.
// Source: ISO C23 7.24.4; POSIX.1-2024 posix_memalign.

#if NOVA_FREESTANDING

#include "internal.h"

enum {
  ALIGNMENT = 16, // of everything that any type may be stored in
  EINVAL = 22,
};

int posix_memalign(void **result, size_t alignment, size_t byte_count);
void *aligned_alloc(size_t alignment, size_t byte_count);
void *malloc(size_t byte_count);
void *calloc(size_t count, size_t byte_count);
void *realloc(void *address, size_t byte_count);
void free(void *address);

static bool is_alignment(size_t alignment) {
  return alignment != 0 && (alignment & (alignment - 1)) == 0 && alignment <= NOVA_ALIGNMENT_MAX;
}

// Swift's runtime allocates with this and does not look at the result, so that it must not fail:
// where there is no room the program stops with a report. C programs ask malloc or aligned_alloc.
int posix_memalign(void **result, size_t alignment, size_t byte_count) {
  if (!is_alignment(alignment))
    return EINVAL;
  void *const address = nova_allocate(byte_count, alignment);
  if (address == nullptr)
    nova_out_of_memory(byte_count, alignment);
  *result = address;
  return 0;
}

void *aligned_alloc(size_t alignment, size_t byte_count) {
  return is_alignment(alignment) ? nova_allocate(byte_count, alignment) : nullptr;
}

void *malloc(size_t byte_count) { return nova_allocate(byte_count, ALIGNMENT); }

void *calloc(size_t count, size_t byte_count) {
  size_t product;
  if (__builtin_mul_overflow(count, byte_count, &product))
    return nullptr;
  return nova_allocate(product, ALIGNMENT);
}

void *realloc(void *address, size_t byte_count) {
  if (address == nullptr)
    return malloc(byte_count);
  const size_t held = nova_lent_byte_count(address);
  if (byte_count <= held)
    return address;
  void *const larger = malloc(byte_count);
  if (larger == nullptr)
    return nullptr;
  __builtin_memcpy(larger, address, held);
  nova_release(address);
  return larger;
}

void free(void *address) {
  if (address != nullptr)
    nova_release(address);
}

#endif
