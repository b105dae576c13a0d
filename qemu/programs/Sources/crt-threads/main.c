// main.c — crt-threads WAY: how a program with several threads prints, ends and faults.
// Without a way: what Swift's platform layer keeps for each thread.

#include "crt_checks.h"

enum {
  THREAD_COUNT = 4,
  LINE_COUNT = 200,
  STACK_BYTE_COUNT = 1 << 18,
  SHARED_KEY = 3,
};

typedef uint64_t options;

void _swift_mutexRecursive_init(void *mutex, options flags);
void _swift_mutexRecursive_lock(void *mutex);
void _swift_mutexRecursive_unlock(void *mutex);
void _swift_tls_init(intptr_t key, void (*destructor)(void *));
void *_swift_tls_get(intptr_t key);
void _swift_tls_set(intptr_t key, void *value);
intptr_t _swift_thread_isMain(void);
void *_swift_getExclusivityTLS(void);
void _swift_setExclusivityTLS(void *value);

static struct nova_thread threads[THREAD_COUNT];
static uint32_t gate;

static void put(const char *text) {
  size_t byte_count = 0;
  while (text[byte_count])
    byte_count++;
  nova_print(text, byte_count);
}

static void start(void (*entry)(void *context)) {
  for (uint64_t i = 0; i < THREAD_COUNT; i++)
    if (nova_thread_start(&threads[i], STACK_BYTE_COUNT, entry, (void *)i) != 0)
      put("a thread did not start\n");
}

static void join(void) {
  for (uint32_t i = 0; i < THREAD_COUNT; i++)
    nova_thread_join(&threads[i], -1);
}

static void wait_at_gate(void) {
  while (__atomic_load_n(&gate, __ATOMIC_ACQUIRE) == 0) // pairs with open_gate
    nova_wait(&gate, 0, -1);
}

static void open_gate(void) {
  __atomic_store_n(&gate, 1, __ATOMIC_RELEASE); // pairs with wait_at_gate
  nova_wake(&gate, UINT32_MAX);
}

// ---- What each thread has for itself -----------------------------------------------------------

static void *mutex[8];
static uint32_t counter;         // guarded by `mutex`
static uint32_t ended, mistakes; // atomic

static void on_end(void *value) {
  if (_swift_tls_get(SHARED_KEY))
    __atomic_fetch_add(&mistakes, 1, __ATOMIC_RELAXED);
  __atomic_fetch_add(&ended, (uint32_t)(uintptr_t)value, __ATOMIC_RELAXED);
}

static void use_storage(void *context) {
  const uintptr_t own = (uintptr_t)context + 1;
  bool is_wrong = _swift_thread_isMain() || _swift_tls_get(SHARED_KEY) ||
                  _swift_getExclusivityTLS();
  _swift_tls_set(SHARED_KEY, (void *)own);
  _swift_setExclusivityTLS((void *)own);
  for (uint32_t i = 0; i < 10000; i++) {
    _swift_mutexRecursive_lock(mutex);
    _swift_mutexRecursive_lock(mutex);
    counter++;
    _swift_mutexRecursive_unlock(mutex);
    _swift_mutexRecursive_unlock(mutex);
  }
  is_wrong |= _swift_tls_get(SHARED_KEY) != (void *)own;
  is_wrong |= _swift_getExclusivityTLS() != (void *)own;
  __atomic_fetch_add(&mistakes, is_wrong, __ATOMIC_RELAXED);
}

static int check_storage(void) {
  _swift_mutexRecursive_init(mutex, 0);
  _swift_tls_init(SHARED_KEY, on_end);
  _swift_tls_set(SHARED_KEY, &counter);
  start(use_storage);
  join();
  crt_check(mistakes == 0, "each thread has values of its own");
  crt_check(ended == 1 + 2 + 3 + 4, "each thread's value is ended once");
  crt_check(counter == THREAD_COUNT * 10000, "a mutex lets in one thread at a time");
  crt_check(_swift_tls_get(SHARED_KEY) == &counter, "the first thread keeps its value");
  crt_check(_swift_thread_isMain() == 1, "and is the main one");
  crt_check(nova_thread_register() == 1, "with the number 1");
  return crt_finish();
}

// ---- Ways to print, end and fault ---------------------------------------------------------------

static void print_lines(void *context) {
  char line[] = "thread A, line 000\n";
  line[7] = (char)('A' + (uintptr_t)context);
  for (uint32_t i = 0; i < LINE_COUNT; i++) {
    line[15] = (char)('0' + i / 100);
    line[16] = (char)('0' + i / 10 % 10);
    line[17] = (char)('0' + i % 10);
    nova_print(line, sizeof line - 1);
  }
}

static void say_hook(void *context) { put(context); }

static void exit_together(void *context) {
  (void)context;
  wait_at_gate();
  nova_exit(7);
}

static void sleep_forever(void *context) {
  (void)context;
  for (;;)
    nova_wait(&gate, 0, -1);
}

static void print_from_nowhere(void *context) {
  (void)context;
  nova_print((const void *)16, 1);
}

static void fault(void *context) {
  wait_at_gate();
  *(volatile uint32_t *)context = 1;
}

static void nothing(void *context) { (void)context; }

// Starts one thread although its place is taken.
static int start_elsewhere(void) {
  const int64_t taken = nova_map(NOVA_THREAD_STACK_BASE, 4096);
  const int64_t result = nova_thread_start(&threads[0], STACK_BYTE_COUNT, nothing, nullptr);
  crt_say("taken", (uint64_t)taken);
  crt_say("errno", (uint64_t)-result);
  if (result == 0)
    nova_thread_join(&threads[0], -1);
  crt_say("low", result == 0 ? threads[0].stack_low : 0);
  const int64_t large = nova_thread_start(&threads[1], NOVA_THREAD_STACK_STRIDE, nothing, nullptr);
  crt_say("errno of a large one", (uint64_t)-large);
  if (large == 0)
    nova_thread_join(&threads[1], -1);
  return 0;
}

static bool is(const char *argument, const char *word) {
  while (*argument && *argument == *word)
    argument++, word++;
  return *argument == *word;
}

int main(void) {
  if (nova_started()->argument_count < 2)
    return check_storage();
  const char *const way = nova_started()->arguments[1];
  nova_at_exit(say_hook, "hook\n");
  if (is(way, "elsewhere"))
    return start_elsewhere();
  put("before\n");
  if (is(way, "print")) {
    start(print_lines);
    join();
  } else if (is(way, "exit")) {
    start(exit_together);
    open_gate();
    join();
  } else if (is(way, "return")) {
    start(sleep_forever);
    return 5;
  } else if (is(way, "print-fault")) {
    start(print_from_nowhere);
    join();
  } else if (is(way, "fault")) {
    start(fault);
    open_gate();
    join();
  }
  return 0;
}
