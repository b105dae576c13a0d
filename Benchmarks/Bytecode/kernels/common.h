// common.h — short names for integers, and how a kernel is exported.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;
typedef long long i64;
#define EXPORT(n) __attribute__((export_name(#n)))
#ifdef ENTRY
// The builder names the export.
#elif defined(__wasm__)
#define ENTRY EXPORT(run)
#else
#define ENTRY
#endif
void *memset(void *d, int c, __SIZE_TYPE__ n);
void *memcpy(void *d, const void *s, __SIZE_TYPE__ n);
