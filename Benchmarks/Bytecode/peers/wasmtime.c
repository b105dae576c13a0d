// wasmtime.c — runs a kernel with wasmtime's library, and times what its loading takes.
// Usage: wasmtime FILE N   compiles, then run(N); prints the value and the call's nanoseconds
//        wasmtime --load ROUNDS FILE EXPORT   nanoseconds of each round, a line each: deserialise
//        compiled code, instantiate, first call of EXPORT(0); then compile, instantiate, call.
//        wasmtime --compile ROUNDS FILE   nanoseconds of each round, by all of the machine's CPUs
// Declares what it uses of the C API (wasm.h, wasmtime.h), since the library comes without headers.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct wasm_engine_t wasm_engine_t;
typedef struct wasm_trap_t wasm_trap_t;
typedef struct wasmtime_module wasmtime_module_t;
typedef struct wasmtime_store wasmtime_store_t;
typedef struct wasmtime_context wasmtime_context_t;
typedef struct wasmtime_error wasmtime_error_t;
typedef struct {
  size_t size;
  uint8_t *data;
} wasm_byte_vec_t;
typedef struct {
  uint64_t store_id;
  uint64_t words[2];
} wasmtime_instance_t;
// The kind is a byte, the union is 8-byte aligned; both with room for later versions.
typedef struct {
  uint8_t kind;
  uint64_t of[4];
} wasmtime_extern_t;
typedef struct {
  uint8_t kind;
  union {
    int32_t i32;
    uint64_t words[3];
  } of;
} wasmtime_val_t;

wasm_engine_t *wasm_engine_new(void);
void wasm_engine_delete(wasm_engine_t *);
wasmtime_error_t *wasmtime_module_new(wasm_engine_t *, const uint8_t *, size_t,
                                      wasmtime_module_t **);
void wasmtime_module_delete(wasmtime_module_t *);
wasmtime_error_t *wasmtime_module_serialize(wasmtime_module_t *, wasm_byte_vec_t *);
wasmtime_error_t *wasmtime_module_deserialize(wasm_engine_t *, const uint8_t *, size_t,
                                              wasmtime_module_t **);
wasmtime_store_t *wasmtime_store_new(wasm_engine_t *, void *, void (*)(void *));
wasmtime_context_t *wasmtime_store_context(wasmtime_store_t *);
void wasmtime_store_delete(wasmtime_store_t *);
wasmtime_error_t *wasmtime_instance_new(wasmtime_context_t *, const wasmtime_module_t *,
                                        const wasmtime_extern_t *, size_t, wasmtime_instance_t *,
                                        wasm_trap_t **);
bool wasmtime_instance_export_get(wasmtime_context_t *, const wasmtime_instance_t *, const char *,
                                  size_t, wasmtime_extern_t *);
wasmtime_error_t *wasmtime_func_call(wasmtime_context_t *, const void *, const wasmtime_val_t *,
                                     size_t, wasmtime_val_t *, size_t, wasm_trap_t **);
void wasmtime_error_message(const wasmtime_error_t *, wasm_byte_vec_t *);

static void check(wasmtime_error_t *error) {
  if (!error)
    return;
  wasm_byte_vec_t message;
  wasmtime_error_message(error, &message);
  fprintf(stderr, "wasmtime: %.*s\n", (int)message.size, (char *)message.data);
  exit(1);
}

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

static int32_t call(wasm_engine_t *engine, wasmtime_module_t *module, const char *name, int32_t n,
                    long *nanoseconds) {
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_instance_t instance;
  wasm_trap_t *trap = NULL;
  wasmtime_extern_t function = {0};
  check(wasmtime_instance_new(context, module, NULL, 0, &instance, &trap));
  if (trap || !wasmtime_instance_export_get(context, &instance, name, strlen(name), &function)) {
    fprintf(stderr, "wasmtime: no function %s\n", name);
    exit(1);
  }
  wasmtime_val_t argument = {0}, result = {0};
  argument.of.i32 = n;
  long start = now();
  check(wasmtime_func_call(context, &function.of, &argument, 1, &result, 1, &trap));
  if (nanoseconds)
    *nanoseconds = now() - start;
  if (trap)
    exit(1);
  wasmtime_store_delete(store);
  return result.of.i32;
}

static uint8_t *read_file(const char *path, size_t *byte_count) {
  FILE *stream = fopen(path, "rb");
  if (!stream) {
    perror(path);
    exit(1);
  }
  fseek(stream, 0, SEEK_END);
  *byte_count = (size_t)ftell(stream);
  rewind(stream);
  uint8_t *bytes = malloc(*byte_count);
  if (fread(bytes, 1, *byte_count, stream) != *byte_count)
    exit(1);
  fclose(stream);
  return bytes;
}

static void compile(int rounds, const char *path) {
  size_t byte_count;
  uint8_t *bytes = read_file(path, &byte_count);
  wasm_engine_t *engine = wasm_engine_new();
  for (; rounds > 0; rounds--) {
    wasmtime_module_t *module;
    long start = now();
    check(wasmtime_module_new(engine, bytes, byte_count, &module));
    printf("%ld\n", now() - start);
    wasmtime_module_delete(module);
  }
}

int main(int count, char **words) {
  if (count < 3)
    return 2;
  if (count >= 4 && !strcmp(words[1], "--compile")) {
    compile(atoi(words[2]), words[3]);
    return 0;
  }
  bool loads = count >= 5 && !strcmp(words[1], "--load");
  size_t byte_count;
  uint8_t *bytes = read_file(loads ? words[3] : words[1], &byte_count);
  wasm_engine_t *engine = wasm_engine_new();
  wasmtime_module_t *module;
  if (!loads) {
    long nanoseconds;
    check(wasmtime_module_new(engine, bytes, byte_count, &module));
    int32_t value = call(engine, module, "run", atoi(words[2]), &nanoseconds);
    printf("%d %ld\n", value, nanoseconds);
    return 0;
  }
  check(wasmtime_module_new(engine, bytes, byte_count, &module));
  wasm_byte_vec_t compiled;
  check(wasmtime_module_serialize(module, &compiled));
  wasmtime_module_delete(module);
  for (int round = atoi(words[2]); round > 0; round--) {
    long start = now();
    check(wasmtime_module_deserialize(engine, compiled.data, compiled.size, &module));
    call(engine, module, words[4], 0, NULL);
    long middle = now();
    wasmtime_module_delete(module);
    long again = now();
    check(wasmtime_module_new(engine, bytes, byte_count, &module));
    call(engine, module, words[4], 0, NULL);
    printf("%ld %ld\n", middle - start, now() - again);
    wasmtime_module_delete(module);
  }
  return 0;
}
