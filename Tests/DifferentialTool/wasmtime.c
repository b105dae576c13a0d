// wasmtime.c — runs generated modules with wasmtime's library, and prints what each came to.
// Usage: wasmtime FILE FIRST   FILE: modules, each behind its byte count of 4 bytes; FIRST: the
//        first one's number. The lines are those of qemu/programs/Sources/differential.
// Declares what it uses of the C API (wasm.h, wasmtime.h), since the library comes without headers.

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct wasm_config_t wasm_config_t;
typedef struct wasm_engine_t wasm_engine_t;
typedef struct wasm_functype_t wasm_functype_t;
typedef struct wasm_trap_t wasm_trap_t;
typedef struct wasmtime_context wasmtime_context_t;
typedef struct wasmtime_error wasmtime_error_t;
typedef struct wasmtime_module wasmtime_module_t;
typedef struct wasmtime_store wasmtime_store_t;
typedef struct {
  size_t size;
  uint8_t *data;
} wasm_byte_vec_t;
typedef struct {
  size_t size;
  void **data;
} wasm_valtype_vec_t;
typedef struct {
  uint64_t store_id;
  size_t index;
} wasmtime_instance_t;
// The kind is a byte, the union is 8-byte aligned, of 24 bytes.
typedef struct {
  uint8_t kind;
  uint64_t of[3];
} wasmtime_extern_t;
typedef struct {
  uint8_t kind;
  union {
    uint32_t i32;
    uint64_t i64;
    float f32;
    double f64;
    uint64_t reference[3];
  } of;
} wasmtime_val_t;

enum { I32, I64, F32, F64 };

wasm_config_t *wasm_config_new(void);
void wasmtime_config_cranelift_opt_level_set(wasm_config_t *, uint8_t);
wasm_engine_t *wasm_engine_new_with_config(wasm_config_t *);
wasmtime_error_t *wasmtime_module_new(wasm_engine_t *, const uint8_t *, size_t,
                                      wasmtime_module_t **);
void wasmtime_module_delete(wasmtime_module_t *);
wasmtime_store_t *wasmtime_store_new(wasm_engine_t *, void *, void (*)(void *));
wasmtime_context_t *wasmtime_store_context(wasmtime_store_t *);
void wasmtime_store_delete(wasmtime_store_t *);
wasmtime_error_t *wasmtime_instance_new(wasmtime_context_t *, const wasmtime_module_t *,
                                        const wasmtime_extern_t *, size_t, wasmtime_instance_t *,
                                        wasm_trap_t **);
bool wasmtime_instance_export_get(wasmtime_context_t *, const wasmtime_instance_t *, const char *,
                                  size_t, wasmtime_extern_t *);
wasm_functype_t *wasmtime_func_type(wasmtime_context_t *, const void *);
const wasm_valtype_vec_t *wasm_functype_results(const wasm_functype_t *);
void wasm_functype_delete(wasm_functype_t *);
wasmtime_error_t *wasmtime_func_call(wasmtime_context_t *, const void *, const wasmtime_val_t *,
                                     size_t, wasmtime_val_t *, size_t, wasm_trap_t **);
bool wasmtime_trap_code(const wasm_trap_t *, uint8_t *);
void wasm_trap_delete(wasm_trap_t *);
void wasmtime_error_message(const wasmtime_error_t *, wasm_byte_vec_t *);
void wasmtime_error_delete(wasmtime_error_t *);

// In the order of trap codes.
static const char *const trap_names[] = {
    "stack", "memory",   "misaligned", "table",      "null",        "type",
    "overflow", "division", "conversion", "unreachable",
};

static void print_error(wasmtime_error_t *error) {
  wasm_byte_vec_t message;
  wasmtime_error_message(error, &message);
  printf("!refused: ");
  for (size_t index = 0; index < message.size; index++)
    putchar(message.data[index] == '\n' ? ' ' : message.data[index]);
  wasmtime_error_delete(error);
}

static void print_trap(wasm_trap_t *trap) {
  uint8_t code = 255;
  wasmtime_trap_code(trap, &code);
  if (code < sizeof trap_names / sizeof *trap_names)
    printf("!%s", trap_names[code]);
  else
    printf("!trap %d", code);
  wasm_trap_delete(trap);
}

static void print_value(const wasmtime_val_t *value) {
  putchar(' ');
  switch (value->kind) {
  case I32: printf("%" PRIx32, value->of.i32); break;
  case I64: printf("%" PRIx64, value->of.i64); break;
  case F32:
    if (isnan(value->of.f32))
      printf("nan");
    else
      printf("%" PRIx32, value->of.i32);
    break;
  case F64:
    if (isnan(value->of.f64))
      printf("nan");
    else
      printf("%" PRIx64, value->of.i64);
    break;
  default: printf(value->of.reference[0] ? "reference" : "null");
  }
}

// call: prints what an export came to, behind `mark`; false where there is none.
static bool call(wasmtime_context_t *context, const wasmtime_instance_t *instance,
                 const char *name, const char *mark) {
  enum { result_count_max = 16 };
  wasmtime_extern_t function;
  if (!wasmtime_instance_export_get(context, instance, name, strlen(name), &function))
    return false;
  wasm_functype_t *type = wasmtime_func_type(context, &function.of);
  size_t count = wasm_functype_results(type)->size;
  wasm_functype_delete(type);
  wasmtime_val_t results[result_count_max];
  wasm_trap_t *trap = NULL;
  if (count > result_count_max)
    exit(1);
  wasmtime_error_t *error =
      wasmtime_func_call(context, &function.of, NULL, 0, results, count, &trap);
  printf("%s", mark);
  if (error)
    print_error(error);
  else if (trap)
    print_trap(trap);
  else
    for (size_t index = 0; index < count; index++)
      print_value(&results[index]);
  return true;
}

// instantiate: false where that failed, which was printed unless it `is_again`.
static bool instantiate(wasmtime_context_t *context, const wasmtime_module_t *module,
                        wasmtime_instance_t *instance, bool is_again) {
  wasm_trap_t *trap = NULL;
  wasmtime_error_t *error = wasmtime_instance_new(context, module, NULL, 0, instance, &trap);
  if (error)
    print_error(error);
  else if (trap)
    print_trap(trap);
  else if (!is_again)
    printf("ok");
  return !error && !trap;
}

static void play(wasm_engine_t *engine, const uint8_t *bytes, size_t byte_count) {
  wasmtime_module_t *module;
  wasmtime_error_t *error = wasmtime_module_new(engine, bytes, byte_count, &module);
  if (error) {
    print_error(error);
    return;
  }
  wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
  wasmtime_context_t *context = wasmtime_store_context(store);
  wasmtime_instance_t instance;
  if (instantiate(context, module, &instance, false)) {
    char name[16];
    for (int step = 0;; step++) {
      snprintf(name, sizeof name, "step%d", step);
      if (!call(context, &instance, name, ";"))
        break;
      call(context, &instance, "digest", ";#");
    }
    if (instantiate(context, module, &instance, true))
      call(context, &instance, "through", ";^");
  }
  wasmtime_store_delete(store);
  wasmtime_module_delete(module);
}

int main(int count, char **words) {
  if (count != 3)
    return 2;
  FILE *file = fopen(words[1], "rb");
  if (!file) {
    perror(words[1]);
    return 1;
  }
  wasm_config_t *config = wasm_config_new();
  // What is compiled runs for less time than that takes.
  wasmtime_config_cranelift_opt_level_set(config, 0);
  wasm_engine_t *engine = wasm_engine_new_with_config(config);
  uint8_t head[4];
  for (long number = atol(words[2]); fread(head, 1, 4, file) == 4; number++) {
    size_t byte_count = head[0] | head[1] << 8 | head[2] << 16 | (size_t)head[3] << 24;
    uint8_t *bytes = malloc(byte_count);
    if (!bytes || fread(bytes, 1, byte_count, file) != byte_count)
      return 1;
    printf("%ld: ", number);
    play(engine, bytes, byte_count);
    putchar('\n');
    fflush(stdout);
    free(bytes);
  }
  return 0;
}
