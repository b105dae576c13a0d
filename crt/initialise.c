// initialise.c — .preinit_array and .init_array before `main`; exit hooks and .fini_array after it.
// Source: System V ABI, "Initialization and Termination Functions".

#if NOVA_FREESTANDING

#include "internal.h"

typedef void (*initialiser)(void);
extern const initialiser __preinit_array_start[], __init_array_end[];
extern const initialiser __fini_array_start[], __fini_array_end[];

static struct {
  void (*call)(void *context);
  void *context;
} hooks[NOVA_EXIT_HOOK_COUNT_MAX];
static uint32_t hook_count;
static size_t finaliser_count; // that have run
static struct nova_lock exit_lock; // guards all of this; nova_exit keeps it

// Called by crt0.S on the program's stack, only when there is an initialiser.
NOVA_START_TEXT void nova_initialise(void) {
  // Two arrays, of which the linker script makes one.
  for (const initialiser *each = __preinit_array_start; each < __init_array_end; each++)
    (*each)();
}

bool nova_at_exit(void (*hook)(void *context), void *context) {
  nova_take(&exit_lock);
  const bool found = hook_count < NOVA_EXIT_HOOK_COUNT_MAX;
  if (found) {
    hooks[hook_count].call = hook;
    hooks[hook_count].context = context;
    hook_count++;
  }
  nova_give(&exit_lock);
  return found;
}

NOVA_RARE_TEXT void nova_exit(int32_t status) {
  nova_take(&exit_lock); // another thread that exits waits for the process's end
  while (hook_count > 0) { // a hook may register another, or exit itself
    hook_count--;
    hooks[hook_count].call(hooks[hook_count].context);
  }
  while (finaliser_count < (size_t)(__fini_array_end - __fini_array_start)) {
    finaliser_count++; // a finaliser may exit too
    __fini_array_end[-(ptrdiff_t)finaliser_count]();
  }
  nova_flush();
  nova_end(status == 0 && nova_output_is_lost ? NOVA_STATUS_output_lost : status);
}

NOVA_RARE_TEXT void nova_end(int32_t status) {
  nova_syscall(NOVA_SYS_exit_group, status, 0, 0, 0, 0, 0);
  __builtin_unreachable();
}

#endif
