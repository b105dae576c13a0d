// wasm3.c — runs a kernel with wasm3, and times what its loading takes.
// Usage: wasm3 FILE N [EXPORT]   run(N), printed
//        wasm3 --load ROUNDS FILE EXPORT   nanoseconds of each round, a line each: parse, load,
//        compile every function, first call of EXPORT(0); then the same without compiling all.
//        wasm3 --compile ROUNDS FILE   nanoseconds of each round: parse, load, compile everything

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "m3_env.h"
#include "wasm3.h"

static uint8_t *file;
static size_t byte_count;

static void check(M3Result result) {
  if (result) {
    fprintf(stderr, "wasm3: %s\n", result);
    exit(1);
  }
}

static void read_file(const char *path) {
  FILE *stream = fopen(path, "rb");
  if (!stream) {
    perror(path);
    exit(1);
  }
  fseek(stream, 0, SEEK_END);
  byte_count = (size_t)ftell(stream);
  rewind(stream);
  file = malloc(byte_count);
  if (fread(file, 1, byte_count, stream) != byte_count)
    exit(1);
  fclose(stream);
}

static int32_t call(const char *export, int32_t n, int compiles_all) {
  IM3Environment environment = m3_NewEnvironment();
  IM3Runtime runtime = m3_NewRuntime(environment, 1 << 20, 0);
  IM3Module module;
  IM3Function function;
  int32_t value = 0;
  check(m3_ParseModule(environment, &module, file, (uint32_t)byte_count));
  check(m3_LoadModule(runtime, module));
  if (compiles_all)
    check(m3_CompileModule(module));
  check(m3_FindFunction(&function, runtime, export));
  check(m3_CallV(function, n));
  check(m3_GetResultsV(function, &value));
  m3_FreeRuntime(runtime);
  m3_FreeEnvironment(environment);
  return value;
}

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

static m3ApiRawFunction(nothing) { m3ApiSuccess(); }

// Compiling asks for imported functions; none is called.
static void link_imports(IM3Module module) {
  for (u32 index = 0; index < module->numFunctions; index++) {
    IM3Function function = &module->functions[index];
    if (!function->import.moduleUtf8)
      continue;
    static const char letters[] = {'v', 'i', 'I', 'f', 'F'};
    IM3FuncType type = function->funcType;
    char signature[256];
    size_t end = 0;
    signature[end++] = type->numRets ? letters[type->types[0]] : 'v';
    signature[end++] = '(';
    for (u32 argument = 0; argument < type->numArgs; argument++)
      signature[end++] = letters[type->types[type->numRets + argument]];
    signature[end++] = ')';
    signature[end] = 0;
    check(m3_LinkRawFunction(module, function->import.moduleUtf8, function->import.fieldUtf8,
                             signature, &nothing));
  }
}

static void compile(void) {
  IM3Environment environment = m3_NewEnvironment();
  IM3Runtime runtime = m3_NewRuntime(environment, 1 << 20, 0);
  IM3Module module;
  check(m3_ParseModule(environment, &module, file, (uint32_t)byte_count));
  check(m3_LoadModule(runtime, module));
  link_imports(module);
  check(m3_CompileModule(module));
  m3_FreeRuntime(runtime);
  m3_FreeEnvironment(environment);
}

int main(int count, char **words) {
  if (count >= 4 && !strcmp(words[1], "--compile")) {
    read_file(words[3]);
    for (int round = atoi(words[2]); round > 0; round--) {
      long start = now();
      compile();
      printf("%ld\n", now() - start);
    }
    return 0;
  }
  if (count >= 5 && !strcmp(words[1], "--load")) {
    read_file(words[3]);
    for (int round = atoi(words[2]); round > 0; round--) {
      long start = now();
      call(words[4], 0, 1);
      long middle = now();
      call(words[4], 0, 0);
      printf("%ld %ld\n", middle - start, now() - middle);
    }
    return 0;
  }
  if (count < 3)
    return 2;
  read_file(words[1]);
  printf("%d\n", call(count > 3 ? words[3] : "run", atoi(words[2]), 0));
  return 0;
}
