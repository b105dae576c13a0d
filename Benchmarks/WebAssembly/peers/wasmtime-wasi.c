// wasmtime-wasi.c — a WASI program by wasmtime's library: compiled once, then deserialised and run.
// Usage: wasmtime-wasi --compile FILE OUTPUT   compiles, writes what deserialising takes
//        wasmtime-wasi FILE                    deserialises, runs `_start` with the standard output
// Declares what it uses of the C API (wasm.h, wasi.h, wasmtime.h): the library has no headers.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  size_t size;
  uint8_t *data;
} bytes_t;
typedef struct {
  uint64_t store_id;
  uint64_t words[2];
} instance_t;
// The kind is a byte, the union is 8-byte aligned; both with room for later versions.
typedef struct {
  uint8_t kind;
  uint64_t of[4];
} extern_t;

void *wasm_engine_new(void);
void *wasmtime_module_new(void *, const uint8_t *, size_t, void **);
void *wasmtime_module_serialize(void *, bytes_t *);
void *wasmtime_module_deserialize_file(void *, const char *, void **);
void *wasmtime_store_new(void *, void *, void (*)(void *));
void *wasmtime_store_context(void *);
void *wasi_config_new(void);
void wasi_config_inherit_stdout(void *);
void *wasmtime_context_set_wasi(void *, void *);
void *wasmtime_linker_new(void *);
void *wasmtime_linker_define_wasi(void *);
void *wasmtime_linker_instantiate(void *, void *, void *, instance_t *, void **);
bool wasmtime_instance_export_get(void *, const instance_t *, const char *, size_t, extern_t *);
void *wasmtime_func_call(void *, const void *, const void *, size_t, void *, size_t, void **);
void wasmtime_error_message(const void *, bytes_t *);
bool wasmtime_error_exit_status(const void *, int *);

static void check(void *error) {
  int status;
  if (!error)
    return;
  if (wasmtime_error_exit_status(error, &status)) {
    fflush(NULL);
    _Exit(status);
  }
  bytes_t text;
  wasmtime_error_message(error, &text);
  fprintf(stderr, "wasmtime-wasi: %.*s\n", (int)text.size, (char *)text.data);
  exit(1);
}

static void compile(const char *path, const char *output) {
  FILE *file = fopen(path, "rb");
  if (!file)
    exit(1);
  fseek(file, 0, SEEK_END);
  size_t count = (size_t)ftell(file);
  rewind(file);
  uint8_t *data = malloc(count);
  if (fread(data, 1, count, file) != count)
    exit(1);
  void *module;
  bytes_t compiled;
  check(wasmtime_module_new(wasm_engine_new(), data, count, &module));
  check(wasmtime_module_serialize(module, &compiled));
  FILE *made = fopen(output, "wb");
  if (!made || fwrite(compiled.data, 1, compiled.size, made) != compiled.size || fclose(made))
    exit(1);
}

int main(int count, char **words) {
  if (count == 4 && !strcmp(words[1], "--compile")) {
    compile(words[2], words[3]);
    return 0;
  }
  if (count != 2)
    return 2;
  void *engine = wasm_engine_new();
  void *module, *trap = NULL;
  check(wasmtime_module_deserialize_file(engine, words[1], &module));
  void *context = wasmtime_store_context(wasmtime_store_new(engine, NULL, NULL));
  void *config = wasi_config_new();
  wasi_config_inherit_stdout(config);
  check(wasmtime_context_set_wasi(context, config));
  void *linker = wasmtime_linker_new(engine);
  check(wasmtime_linker_define_wasi(linker));
  instance_t instance;
  check(wasmtime_linker_instantiate(linker, context, module, &instance, &trap));
  extern_t start;
  if (trap || !wasmtime_instance_export_get(context, &instance, "_start", 6, &start))
    return 1;
  check(wasmtime_func_call(context, start.of, NULL, 0, NULL, 0, &trap));
  return trap != NULL;
}
