// atomics.c — atomic operations wider than the CPU's own; the compiler calls them by size.
// Each object is guarded by one of LOCK_COUNT spin locks, chosen by its address. Swift never calls
// them: it inlines what the CPU has and refuses the rest. Weak: a program may bring its own.
// Source: LLVM, "Atomic Instructions and Concurrency Guide", libcalls __atomic_*.

#if NOVA_FREESTANDING

#include "internal.h"

enum { LOCK_COUNT = 32, CACHE_LINE_BYTE_COUNT = 64 };

typedef unsigned __int128 uint128;

static struct {
  alignas(CACHE_LINE_BYTE_COUNT) uint8_t taken;
} locks[LOCK_COUNT];

static uint8_t *lock(const volatile void *object) {
  const uintptr_t line = (uintptr_t)object / 16;
  uint8_t *const taken = &locks[line % LOCK_COUNT].taken;
  while (__atomic_test_and_set(taken, __ATOMIC_ACQUIRE)) { // pairs with unlock
  }
  return taken;
}

static void unlock(uint8_t *taken) {
  __atomic_clear(taken, __ATOMIC_RELEASE); // pairs with lock
}

// The compiler knows these names as builtins of another type, hence the labels. The order of memory
// is always the strongest.
void load_object(size_t byte_count, const void *object, void *result, int order)
    __asm__("__atomic_load");
void store_object(size_t byte_count, void *object, const void *value, int order)
    __asm__("__atomic_store");
void exchange_object(size_t byte_count, void *object, const void *value, void *result, int order)
    __asm__("__atomic_exchange");
bool compare_exchange_object(size_t byte_count, void *object, void *expected, const void *desired,
                             int success, int failure) __asm__("__atomic_compare_exchange");
uint128 load_16(const uint128 *object, int order) __asm__("__atomic_load_16");
void store_16(uint128 *object, uint128 value, int order) __asm__("__atomic_store_16");
uint128 exchange_16(uint128 *object, uint128 value, int order) __asm__("__atomic_exchange_16");
bool compare_exchange_16(uint128 *object, uint128 *expected, uint128 desired, int success,
                         int failure) __asm__("__atomic_compare_exchange_16");
uint128 add_16(uint128 *object, uint128 value, int order) __asm__("__atomic_fetch_add_16");
uint128 subtract_16(uint128 *object, uint128 value, int order) __asm__("__atomic_fetch_sub_16");
uint128 and_16(uint128 *object, uint128 value, int order) __asm__("__atomic_fetch_and_16");
uint128 or_16(uint128 *object, uint128 value, int order) __asm__("__atomic_fetch_or_16");
uint128 xor_16(uint128 *object, uint128 value, int order) __asm__("__atomic_fetch_xor_16");

[[gnu::weak]] void load_object(size_t byte_count, const void *object, void *result, int order) {
  (void)order;
  uint8_t *const taken = lock(object);
  memcpy(result, object, byte_count);
  unlock(taken);
}

[[gnu::weak]] void store_object(size_t byte_count, void *object, const void *value, int order) {
  (void)order;
  uint8_t *const taken = lock(object);
  memcpy(object, value, byte_count);
  unlock(taken);
}

[[gnu::weak]] void exchange_object(size_t byte_count, void *object, const void *value, void *result,
                                   int order) {
  (void)order;
  uint8_t *const taken = lock(object);
  memcpy(result, object, byte_count);
  memcpy(object, value, byte_count);
  unlock(taken);
}

[[gnu::weak]] bool compare_exchange_object(size_t byte_count, void *object, void *expected,
                                           const void *desired, int success, int failure) {
  (void)success;
  (void)failure;
  uint8_t *const taken = lock(object);
  const bool equal = memcmp(object, expected, byte_count) == 0;
  memcpy(equal ? object : expected, equal ? desired : object, byte_count);
  unlock(taken);
  return equal;
}

[[gnu::weak]] uint128 load_16(const uint128 *object, int order) {
  uint128 result;
  load_object(sizeof result, object, &result, order);
  return result;
}

[[gnu::weak]] void store_16(uint128 *object, uint128 value, int order) {
  store_object(sizeof value, object, &value, order);
}

[[gnu::weak]] bool compare_exchange_16(uint128 *object, uint128 *expected, uint128 desired,
                                       int success, int failure) {
  return compare_exchange_object(sizeof desired, object, expected, &desired, success, failure);
}

[[gnu::weak]] uint128 exchange_16(uint128 *object, uint128 value, int order) {
  (void)order;
  uint8_t *const taken = lock(object);
  const uint128 old = *object;
  *object = value;
  unlock(taken);
  return old;
}

[[gnu::weak]] uint128 add_16(uint128 *object, uint128 value, int order) {
  (void)order;
  uint8_t *const taken = lock(object);
  const uint128 old = *object;
  *object = old + value;
  unlock(taken);
  return old;
}

[[gnu::weak]] uint128 subtract_16(uint128 *object, uint128 value, int order) {
  (void)order;
  uint8_t *const taken = lock(object);
  const uint128 old = *object;
  *object = old - value;
  unlock(taken);
  return old;
}

[[gnu::weak]] uint128 and_16(uint128 *object, uint128 value, int order) {
  (void)order;
  uint8_t *const taken = lock(object);
  const uint128 old = *object;
  *object = old & value;
  unlock(taken);
  return old;
}

[[gnu::weak]] uint128 or_16(uint128 *object, uint128 value, int order) {
  (void)order;
  uint8_t *const taken = lock(object);
  const uint128 old = *object;
  *object = old | value;
  unlock(taken);
  return old;
}

[[gnu::weak]] uint128 xor_16(uint128 *object, uint128 value, int order) {
  (void)order;
  uint8_t *const taken = lock(object);
  const uint128 old = *object;
  *object = old ^ value;
  unlock(taken);
  return old;
}

#endif
