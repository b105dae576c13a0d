// nova_call.h — C calls functions of modules, and modules call functions of C, with C's own types.
// C11; the macros that make typed functions need _Generic, which C++ lacks: it packs nova_value
// itself. Implemented by the product NovaModules. Design: NovaCore.docc/Modules.md.

#ifndef NOVA_CALL_H
#define NOVA_CALL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Raised when a field changes its meaning; every record begins with its size and this number.
#define NOVA_CALL_ABI 1u

// An argument or a result; of a 32-bit member the other bits do not matter.
union nova_value {
  int32_t i32;
  uint32_t u32;
  int64_t i64;
  uint64_t u64; // also a handle, or an externref
  float f32;
  double f64;
};

// A type is a letter for each parameter, ':', and one for each result: "il:d" is
// (i32, i64) -> f64.
//   i i32 · l i64 · f f32 · d f64 · h handle · x externref

// What a function below says; not 0: `message` has the reason in words, with the types wanted and
// found, cut off where it has no room, and a zero behind. It may be null where its room is 0.
enum nova_call_status {
  NOVA_CALL_done = 0,
  NOVA_CALL_bad_record = 1, // size, ABI number, a null pointer, or a type that is none
  NOVA_CALL_refused = 2,    // no such function, another type, a name that is taken, another thread
  NOVA_CALL_trapped = 3,    // the call began and was stopped
};

// ---- C calls a module ------------------------------------------------------------------------

// An exported function of an instance, which outlives it. `instance` is what Swift's
// ModuleInstance.cPointer gives.
struct nova_function {
  uint32_t byte_count;
  uint32_t abi;
  void *instance;
  uint32_t part, index; // which of the instance's functions
};

// Looks a function up and compares its type; `function` has byte_count and abi set.
int32_t nova_function_find(void *instance, const char *name, const char *type,
                           struct nova_function *function, char *message, uint64_t room);

// Calls it, within the instance's limits; as many arguments and results as its type says, which may
// lie in one place.
int32_t nova_function_call(const struct nova_function *function, const union nova_value *arguments,
                           union nova_value *results, char *message, uint64_t room);

// ---- A module calls C ------------------------------------------------------------------------

// A call that is under way. A call back into the module may move the memory.
struct nova_host_call {
  uint32_t byte_count;
  uint32_t abi;
  void *instance;             // who calls
  unsigned char *memory;      // its memory 0, or null
  uint64_t memory_byte_count; // how much of it there is now
};

// 0, or the reason why the module traps, any other number. Arguments and results lie in one place:
// the last argument is read before the first result is written. Any thread that calls a module may
// call, several at once.
typedef int32_t (*nova_host_body)(void *context, const struct nova_host_call *call,
                                  const union nova_value *arguments, union nova_value *results);

// A function that modules import as `name` of `module`; the record and its strings are copied.
struct nova_host_function {
  uint32_t byte_count;
  uint32_t abi;
  const char *module;
  const char *name;
  const char *type;
  nova_host_body body;
  void *context; // handed to each call; stays as long as the loader
};

// Registers it; `loader` is what Swift's ModuleLoader.cPointer gives.
int32_t nova_host_function_add(void *loader, const struct nova_host_function *function,
                               char *message, uint64_t room);

// The `count` bytes at `address` of the caller's memory; null when they are not all in it.
static inline void *nova_host_bytes(const struct nova_host_call *call, uint32_t address,
                                    uint64_t count) {
  if (address > call->memory_byte_count || count > call->memory_byte_count - address)
    return NULL;
  return call->memory + address;
}

#ifdef __cplusplus
}
#else

// ---- Typed functions -------------------------------------------------------------------------

// Not each of the functions that a macro makes is used.
#define NOVA_TYPED_ __attribute__((unused)) static inline

// A type's letter, and a value of it in a nova_value and out of one.
#define NOVA_LETTER(T)                                                                             \
  _Generic((T){0}, int32_t: 'i', uint32_t: 'i', int64_t: 'l', uint64_t: 'l', float: 'f',           \
      double: 'd')
#define NOVA_PUT(value, x)                                                                         \
  (*_Generic((x), int32_t: &(value).i32, uint32_t: &(value).u32, int64_t: &(value).i64,            \
      uint64_t: &(value).u64, float: &(value).f32, double: &(value).f64) = (x))
#define NOVA_GET(value, T)                                                                         \
  (*_Generic((T){0}, int32_t: &(value).i32, uint32_t: &(value).u32, int64_t: &(value).i64,         \
      uint64_t: &(value).u64, float: &(value).f32, double: &(value).f64))

// NOVA_MODULE_FUNCTION2(add, int32_t, int32_t, int32_t) makes, of the export `add` of two
// parameters,
//   int32_t add_find(void *instance, struct nova_function *, char *message, uint64_t room);
//   int32_t add_call(const struct nova_function *, int32_t *result, int32_t, int32_t);
// both with a nova_call_status. The numbers 0 to 4 say how many parameters there are; the result
// comes first. Of a function without one: NOVA_MODULE_PROCEDURE2(log, uint32_t, uint32_t).
#define NOVA_FIND_(name, ...)                                                                      \
  NOVA_TYPED_ int32_t name##_find(void *instance, struct nova_function *function, char *message, \
                                    uint64_t room) {                                               \
    const char type[] = {__VA_ARGS__, 0};                                                          \
    function->byte_count = sizeof *function;                                                       \
    function->abi = NOVA_CALL_ABI;                                                                 \
    return nova_function_find(instance, #name, type, function, message, room);                     \
  }
#define NOVA_CALL_(R, ...)                                                                         \
  {                                                                                                \
    union nova_value values[5] = {{0}};                                                            \
    __VA_ARGS__;                                                                                   \
    const int32_t status = nova_function_call(function, values, values, NULL, 0);                  \
    if (status == NOVA_CALL_done)                                                                  \
      *result = NOVA_GET(values[0], R);                                                            \
    return status;                                                                                 \
  }
#define NOVA_RUN_(...)                                                                             \
  {                                                                                                \
    union nova_value values[5] = {{0}};                                                            \
    __VA_ARGS__;                                                                                   \
    return nova_function_call(function, values, values, NULL, 0);                                  \
  }
#define NOVA_PUT1_(a) NOVA_PUT(values[0], a)
#define NOVA_PUT2_(a, b) NOVA_PUT1_(a), NOVA_PUT(values[1], b)
#define NOVA_PUT3_(a, b, c) NOVA_PUT2_(a, b), NOVA_PUT(values[2], c)
#define NOVA_PUT4_(a, b, c, d) NOVA_PUT3_(a, b, c), NOVA_PUT(values[3], d)
#define NOVA_LETTERS1_(A) NOVA_LETTER(A)
#define NOVA_LETTERS2_(A, B) NOVA_LETTER(A), NOVA_LETTER(B)
#define NOVA_LETTERS3_(A, B, C) NOVA_LETTERS2_(A, B), NOVA_LETTER(C)
#define NOVA_LETTERS4_(A, B, C, D) NOVA_LETTERS3_(A, B, C), NOVA_LETTER(D)

#define NOVA_MODULE_FUNCTION0(name, R)                                                             \
  NOVA_FIND_(name, ':', NOVA_LETTER(R))                                                            \
  NOVA_TYPED_ int32_t name##_call(const struct nova_function *function, R *result)               \
      NOVA_CALL_(R, (void)0)
#define NOVA_MODULE_FUNCTION1(name, R, A)                                                          \
  NOVA_FIND_(name, NOVA_LETTERS1_(A), ':', NOVA_LETTER(R))                                         \
  NOVA_TYPED_ int32_t name##_call(const struct nova_function *function, R *result, A a)          \
      NOVA_CALL_(R, NOVA_PUT1_(a))
#define NOVA_MODULE_FUNCTION2(name, R, A, B)                                                       \
  NOVA_FIND_(name, NOVA_LETTERS2_(A, B), ':', NOVA_LETTER(R))                                      \
  NOVA_TYPED_ int32_t name##_call(const struct nova_function *function, R *result, A a, B b)     \
      NOVA_CALL_(R, NOVA_PUT2_(a, b))
#define NOVA_MODULE_FUNCTION3(name, R, A, B, C)                                                    \
  NOVA_FIND_(name, NOVA_LETTERS3_(A, B, C), ':', NOVA_LETTER(R))                                   \
  NOVA_TYPED_ int32_t name##_call(const struct nova_function *function, R *result, A a, B b,     \
                                    C c) NOVA_CALL_(R, NOVA_PUT3_(a, b, c))
#define NOVA_MODULE_FUNCTION4(name, R, A, B, C, D)                                                 \
  NOVA_FIND_(name, NOVA_LETTERS4_(A, B, C, D), ':', NOVA_LETTER(R))                                \
  NOVA_TYPED_ int32_t name##_call(const struct nova_function *function, R *result, A a, B b,     \
                                    C c, D d) NOVA_CALL_(R, NOVA_PUT4_(a, b, c, d))

#define NOVA_MODULE_PROCEDURE0(name)                                                               \
  NOVA_FIND_(name, ':')                                                                            \
  NOVA_TYPED_ int32_t name##_call(const struct nova_function *function) NOVA_RUN_((void)0)
#define NOVA_MODULE_PROCEDURE1(name, A)                                                            \
  NOVA_FIND_(name, NOVA_LETTERS1_(A), ':')                                                         \
  NOVA_TYPED_ int32_t name##_call(const struct nova_function *function, A a)                     \
      NOVA_RUN_(NOVA_PUT1_(a))
#define NOVA_MODULE_PROCEDURE2(name, A, B)                                                         \
  NOVA_FIND_(name, NOVA_LETTERS2_(A, B), ':')                                                      \
  NOVA_TYPED_ int32_t name##_call(const struct nova_function *function, A a, B b)                \
      NOVA_RUN_(NOVA_PUT2_(a, b))
#define NOVA_MODULE_PROCEDURE3(name, A, B, C)                                                      \
  NOVA_FIND_(name, NOVA_LETTERS3_(A, B, C), ':')                                                   \
  NOVA_TYPED_ int32_t name##_call(const struct nova_function *function, A a, B b, C c)           \
      NOVA_RUN_(NOVA_PUT3_(a, b, c))

// NOVA_HOST_FUNCTION2(add, int32_t, int32_t, int32_t) makes `add_add`, which registers the function
//   int32_t add(void *context, const struct nova_host_call *, int32_t *result, int32_t, int32_t)
// that stands before it:
//   int32_t add_add(void *loader, const char *module, void *context, char *message, uint64_t room);
// Of a function without a result: NOVA_HOST_PROCEDURE2(log, uint32_t, uint32_t).
#define NOVA_ADD_(function_name, ...)                                                              \
  NOVA_TYPED_ int32_t function_name##_add(void *loader, const char *module, void *context,       \
                                            char *message, uint64_t room) {                        \
    const char type[] = {__VA_ARGS__, 0};                                                          \
    const struct nova_host_function function = {                                                   \
        .byte_count = sizeof function,                                                             \
        .abi = NOVA_CALL_ABI,                                                                      \
        .module = module,                                                                          \
        .name = #function_name,                                                                    \
        .type = type,                                                                              \
        .body = function_name##_body,                                                              \
        .context = context,                                                                        \
    };                                                                                             \
    return nova_host_function_add(loader, &function, message, room);                               \
  }
#define NOVA_BODY_(name, R, ...)                                                                   \
  static int32_t name##_body(void *context, const struct nova_host_call *call,                     \
                             const union nova_value *values, union nova_value *results) {          \
    (void)values;                                                                                  \
    R result = 0;                                                                                  \
    const int32_t status = name(__VA_ARGS__);                                                      \
    NOVA_PUT(results[0], result);                                                                  \
    return status;                                                                                 \
  }
#define NOVA_BODY_WITHOUT_(name, ...)                                                              \
  static int32_t name##_body(void *context, const struct nova_host_call *call,                     \
                             const union nova_value *values, union nova_value *results) {          \
    (void)values, (void)results;                                                                   \
    return name(__VA_ARGS__);                                                                      \
  }
#define NOVA_GET1_(A) NOVA_GET(values[0], A)
#define NOVA_GET2_(A, B) NOVA_GET1_(A), NOVA_GET(values[1], B)
#define NOVA_GET3_(A, B, C) NOVA_GET2_(A, B), NOVA_GET(values[2], C)
#define NOVA_GET4_(A, B, C, D) NOVA_GET3_(A, B, C), NOVA_GET(values[3], D)

#define NOVA_HOST_FUNCTION0(name, R)                                                               \
  NOVA_BODY_(name, R, context, call, &result)                                                      \
  NOVA_ADD_(name, ':', NOVA_LETTER(R))
#define NOVA_HOST_FUNCTION1(name, R, A)                                                            \
  NOVA_BODY_(name, R, context, call, &result, NOVA_GET1_(A))                                       \
  NOVA_ADD_(name, NOVA_LETTERS1_(A), ':', NOVA_LETTER(R))
#define NOVA_HOST_FUNCTION2(name, R, A, B)                                                         \
  NOVA_BODY_(name, R, context, call, &result, NOVA_GET2_(A, B))                                    \
  NOVA_ADD_(name, NOVA_LETTERS2_(A, B), ':', NOVA_LETTER(R))
#define NOVA_HOST_FUNCTION3(name, R, A, B, C)                                                      \
  NOVA_BODY_(name, R, context, call, &result, NOVA_GET3_(A, B, C))                                 \
  NOVA_ADD_(name, NOVA_LETTERS3_(A, B, C), ':', NOVA_LETTER(R))
#define NOVA_HOST_FUNCTION4(name, R, A, B, C, D)                                                   \
  NOVA_BODY_(name, R, context, call, &result, NOVA_GET4_(A, B, C, D))                              \
  NOVA_ADD_(name, NOVA_LETTERS4_(A, B, C, D), ':', NOVA_LETTER(R))

#define NOVA_HOST_PROCEDURE0(name)                                                                 \
  NOVA_BODY_WITHOUT_(name, context, call)                                                          \
  NOVA_ADD_(name, ':')
#define NOVA_HOST_PROCEDURE1(name, A)                                                              \
  NOVA_BODY_WITHOUT_(name, context, call, NOVA_GET1_(A))                                           \
  NOVA_ADD_(name, NOVA_LETTERS1_(A), ':')
#define NOVA_HOST_PROCEDURE2(name, A, B)                                                           \
  NOVA_BODY_WITHOUT_(name, context, call, NOVA_GET2_(A, B))                                        \
  NOVA_ADD_(name, NOVA_LETTERS2_(A, B), ':')
#define NOVA_HOST_PROCEDURE3(name, A, B, C)                                                        \
  NOVA_BODY_WITHOUT_(name, context, call, NOVA_GET3_(A, B, C))                                     \
  NOVA_ADD_(name, NOVA_LETTERS3_(A, B, C), ':')

#endif

#endif
