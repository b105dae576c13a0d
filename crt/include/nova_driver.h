// nova_driver.h — what a driver and the registry that it joins tell each other; the whole contract.
// C11, C++17; no bit-field, no enum in a record, so that Rust's repr(C) says the same.
// Design: NovaCore.docc/Drivers.md.

#ifndef NOVA_DRIVER_H
#define NOVA_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define NOVA_DRIVER_ASSERT static_assert
extern "C" {
#else
#define NOVA_DRIVER_ASSERT _Static_assert
#endif

// Raised when a field changes its meaning. A field that is added lies behind the others and raises
// only the record's size: each side reads no further than both know.
#define NOVA_DRIVER_ABI 1u

// Limits of a registry.
#define NOVA_DRIVER_NAME_BYTE_COUNT_MAX 32u // of drivers and operations, without the ending zero
#define NOVA_DRIVER_OPERATION_COUNT_MAX 64u

// Every record begins with these two, of the side that made it.
//   byte_count   sizeof the record
//   abi          NOVA_DRIVER_ABI

// One call, made by the registry.
struct nova_driver_call {
  uint32_t byte_count;
  uint32_t abi;
  const uint64_t *handles; // handle_count memory handles; the caller holds a reference to each
  uint64_t handle_count;
  const void *input; // input_byte_count bytes
  uint64_t input_byte_count;
  void *output; // room for output_capacity bytes
  uint64_t output_capacity;
  uint64_t output_byte_count; // 0; the operation says how many it wrote
};

// 0, or the driver's own reason for failure, any other number: the caller gets it. The pointers of
// `call` are valid until the operation returns. Any thread may call, several at once.
typedef int32_t (*nova_driver_function)(void *context, struct nova_driver_call *call);

// What a driver does, by its place in the table and by name.
struct nova_driver_operation {
  uint32_t byte_count;
  uint32_t abi;
  const char *name; // 1 … NOVA_DRIVER_NAME_BYTE_COUNT_MAX bytes and a zero
  nova_driver_function function;
};

// A driver. The record, its table and its strings stay as they are until the driver was
// unregistered.
struct nova_driver {
  uint32_t byte_count;
  uint32_t abi;
  const char *name;      // 1 … NOVA_DRIVER_NAME_BYTE_COUNT_MAX bytes and a zero
  uint32_t major, minor; // serves who asks for the same major and at most this minor version
  uint64_t grants;       // NOVA_GRANT_… that the driver cannot work without
  void *context;         // handed to each function
  const struct nova_driver_operation *operations;
  uint64_t operation_count; // 1 … NOVA_DRIVER_OPERATION_COUNT_MAX
  int32_t (*open)(void *context); // before the first call; not 0: the driver is refused. Or null
  void (*close)(void *context);   // after the last call. Or null
};

// Why a registry refuses a driver; NovaCore's DriverError tells the same in Swift.
enum nova_driver_refusal {
  NOVA_DRIVER_accepted = 0,
  NOVA_DRIVER_duplicate = 1,     // the name is taken
  NOVA_DRIVER_bad_record = 2,    // size, ABI number, name, version or table
  NOVA_DRIVER_registry_full = 3, // as many drivers as there can be
  NOVA_DRIVER_not_granted = 4,
  NOVA_DRIVER_not_opened = 5, // `open` failed
  NOVA_DRIVER_no_memory = 6,
};

// A registry that drivers join, made by the registry.
struct nova_driver_host {
  uint32_t byte_count;
  uint32_t abi;
  // One of enum nova_driver_refusal.
  int32_t (*add)(const struct nova_driver_host *host, const struct nova_driver *driver);
  void *registry; // the registry's own
};

// Called once for each registry of the process, when it starts: adds drivers to it.
typedef void (*nova_driver_entry)(const struct nova_driver_host *host);

// The link-time table is the section nova_drivers: the addresses of entries, nothing else.
#if defined(__has_attribute)
#if __has_attribute(retain)
#define NOVA_DRIVER_KEPT __attribute__((used, retain, section("nova_drivers")))
#endif
#endif
#ifndef NOVA_DRIVER_KEPT
#define NOVA_DRIVER_KEPT __attribute__((used, section("nova_drivers")))
#endif

// Puts an entry, a function of type nova_driver_entry with a name of its own, into the link-time
// table: NOVA_DRIVER_ENTRY(add_mine);
#define NOVA_DRIVER_ENTRY(entry)                                                                   \
  NOVA_DRIVER_KEPT static const nova_driver_entry nova_driver_kept_##entry = entry

// Puts `driver`, a struct nova_driver with a name of its own, into the link-time table:
// NOVA_DRIVER(mine);
#define NOVA_DRIVER(driver)                                                                        \
  static void nova_driver_entry_of_##driver(const struct nova_driver_host *host) {                 \
    host->add(host, &(driver));                                                                    \
  }                                                                                                \
  NOVA_DRIVER_ENTRY(nova_driver_entry_of_##driver)

// The table's bounds; null where no driver is stated.
extern const nova_driver_entry __start_nova_drivers[] __attribute__((weak));
extern const nova_driver_entry __stop_nova_drivers[] __attribute__((weak));

static inline const nova_driver_entry *nova_driver_entries(uint64_t *count) {
  *count = (uint64_t)(__stop_nova_drivers - __start_nova_drivers);
  return __start_nova_drivers;
}

#define NOVA_DRIVER_AT(record, field, offset)                                                      \
  NOVA_DRIVER_ASSERT(offsetof(struct record, field) == (offset), #record "." #field)
NOVA_DRIVER_ASSERT(sizeof(void *) == 8, "a 64-bit CPU");
NOVA_DRIVER_ASSERT(sizeof(struct nova_driver_call) == 64, "nova_driver_call");
NOVA_DRIVER_AT(nova_driver_call, handles, 8);
NOVA_DRIVER_AT(nova_driver_call, input, 24);
NOVA_DRIVER_AT(nova_driver_call, output, 40);
NOVA_DRIVER_AT(nova_driver_call, output_byte_count, 56);
NOVA_DRIVER_ASSERT(sizeof(struct nova_driver_operation) == 24, "nova_driver_operation");
NOVA_DRIVER_AT(nova_driver_operation, function, 16);
NOVA_DRIVER_ASSERT(sizeof(struct nova_driver) == 72, "nova_driver");
NOVA_DRIVER_AT(nova_driver, name, 8);
NOVA_DRIVER_AT(nova_driver, major, 16);
NOVA_DRIVER_AT(nova_driver, grants, 24);
NOVA_DRIVER_AT(nova_driver, operations, 40);
NOVA_DRIVER_AT(nova_driver, close, 64);
NOVA_DRIVER_ASSERT(sizeof(struct nova_driver_host) == 24, "nova_driver_host");
NOVA_DRIVER_AT(nova_driver_host, registry, 16);

#ifdef __cplusplus
}
#endif

#endif
