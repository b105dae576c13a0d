// wabt.c — fib(24) as an export without parameters, which is what wasm-interp can call.
#include "../kernels/fib.c"
__attribute__((export_name("fib24"))) i32 fib24(void) { return fib(24); }
