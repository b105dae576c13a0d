// nova-trace.c — a TCG plug-in for qemu-user: counts and hashes what programs execute.
// Hosted, loaded into qemu (plug-in API 0 … 1). Results go to a mapped file, to survive any end.
// Source: QEMU, docs/devel/tcg-plugins.rst; own declarations: no package has the header.
//
// Arguments: result=FILE main=ADDRESS [close=DIGITS] [window=FIRST+COUNT] [kind=pc|access]
//   FILE exists and has the size of `struct result` and the window; ADDRESS is hexadecimal, FIRST
//   and COUNT decimal. `close` names descriptors by one digit each that the program shall find
//   closed: qemu needs 0–2 itself while it starts, so it loses them with the first translation.
//
// Traced is the main thread (CPU 0): how threads interleave differs from run to run by nature.

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- qemu's side -----------------------------------------------------------------------------

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;

typedef void (*translated_callback)(qemu_plugin_id_t id, struct qemu_plugin_tb *block);
typedef void (*executed_callback)(unsigned int cpu, void *context);
typedef void (*accessed_callback)(unsigned int cpu, uint32_t kind, uint64_t address, void *context);

enum { QEMU_PLUGIN_CB_NO_REGS = 0, QEMU_PLUGIN_MEM_RW = 3 };

extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                                  translated_callback callback);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block,
                                                        size_t index);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
                                                   executed_callback callback, int flags,
                                                   void *context);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *instruction,
                                             accessed_callback callback, int flags, int kinds,
                                             void *context);
extern void qemu_plugin_outs(const char *text);

[[gnu::visibility("default")]] int qemu_plugin_version = 1;
[[gnu::visibility("default")]] int qemu_plugin_install(qemu_plugin_id_t id,
                                                       const struct qemu_info_t *info, int count,
                                                       char **arguments);

// ---- The result file -------------------------------------------------------------------------

#define MAGIC 0x3165636172546f4eu // "NoTrace1"

enum {
  CHECKPOINT_COUNT_MAX = 1024,
  CHECKPOINT_INTERVAL_FIRST = 256, // instructions; doubles whenever the table is full
};

// Read by QemuTrace.swift: 64-bit words in this order.
struct result {
  uint64_t magic; // set once the plug-in is installed
  uint64_t has_reached_main;
  uint64_t instruction_count, instruction_hash;
  uint64_t access_count, access_hash;
  uint64_t checkpoint_interval, checkpoint_count;
  uint64_t window_first, window_capacity, window_count; // in instructions or accesses
  uint64_t reserved[5];
  uint64_t checkpoints[CHECKPOINT_COUNT_MAX]; // instruction_hash after each interval
  struct {
    uint64_t instruction_number; // instructions from `main` before this one
    uint64_t pc;
    uint64_t address; // what it accesses; its pc again in a window of instructions
  } window[];
};
static_assert(offsetof(struct result, checkpoints) == 16 * 8);
static_assert(offsetof(struct result, window) == (16 + CHECKPOINT_COUNT_MAX) * 8);

static struct result *result;
static uint64_t main_address, current_pc;
static const char *closed_descriptors = "";
static bool is_tracing, records_accesses;

// FNV-1a, 64 bits, over the value's 8 little-endian bytes.
static uint64_t hashed(uint64_t hash, uint64_t value) {
  for (int i = 0; i < 8; i++, value >>= 8)
    hash = (hash ^ (value & 0xff)) * 0x100000001b3u;
  return hash;
}
#define HASH_OF_NOTHING 0xcbf29ce484222325u

// Keeps each second checkpoint: the interval doubles, and what stays lies on its multiples.
static void thin_checkpoints(void) {
  for (size_t i = 0; i < CHECKPOINT_COUNT_MAX / 2; i++)
    result->checkpoints[i] = result->checkpoints[2 * i + 1];
  result->checkpoint_count = CHECKPOINT_COUNT_MAX / 2;
  result->checkpoint_interval *= 2;
}

static void record(uint64_t number, uint64_t instruction_number, uint64_t address) {
  const uint64_t slot = number - result->window_first; // wraps to a large value in front of it
  if (slot >= result->window_capacity)
    return;
  result->window[slot].instruction_number = instruction_number;
  result->window[slot].pc = current_pc;
  result->window[slot].address = address;
  result->window_count = slot + 1;
}

static void executed(unsigned int cpu, void *context) {
  const uint64_t pc = (uint64_t)context;
  if (cpu != 0)
    return;
  if (!is_tracing) {
    if (pc != main_address || result->has_reached_main)
      return;
    is_tracing = true;
    result->has_reached_main = 1;
    qemu_plugin_outs("nova-trace: main\n"); // into the log that also lists the system calls
  }
  current_pc = pc;
  if (!records_accesses)
    record(result->instruction_count, result->instruction_count, pc);
  result->instruction_hash = hashed(result->instruction_hash, pc);
  result->instruction_count++;
  if (result->instruction_count % result->checkpoint_interval != 0)
    return;
  result->checkpoints[result->checkpoint_count++] = result->instruction_hash;
  if (result->checkpoint_count == CHECKPOINT_COUNT_MAX)
    thin_checkpoints();
}

static void accessed(unsigned int cpu, uint32_t kind, uint64_t address, void *context) {
  (void)kind, (void)context;
  if (cpu != 0 || !is_tracing)
    return;
  if (records_accesses) // the instruction itself is counted already
    record(result->access_count, result->instruction_count - 1, address);
  result->access_hash = hashed(result->access_hash, address);
  result->access_count++;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
  (void)id;
  for (; *closed_descriptors != 0; closed_descriptors++)
    close(*closed_descriptors - '0');
  const size_t count = qemu_plugin_tb_n_insns(block);
  for (size_t i = 0; i < count; i++) {
    struct qemu_plugin_insn *const instruction = qemu_plugin_tb_get_insn(block, i);
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, executed, QEMU_PLUGIN_CB_NO_REGS,
                                           (void *)qemu_plugin_insn_vaddr(instruction));
    qemu_plugin_register_vcpu_mem_cb(instruction, accessed, QEMU_PLUGIN_CB_NO_REGS,
                                     QEMU_PLUGIN_MEM_RW, nullptr);
  }
}

// A forked child of the program shares the mapping; its instructions are not the program's.
static void stop_in_child(void) { is_tracing = false; }

static bool map_result(const char *path) {
  const int descriptor = open(path, O_RDWR | O_CLOEXEC);
  struct stat status;
  if (descriptor < 0)
    return false;
  if (fstat(descriptor, &status) != 0 || (size_t)status.st_size < sizeof *result) {
    close(descriptor);
    return false;
  }
  void *const mapped =
      mmap(nullptr, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  close(descriptor); // the program must not find it
  if (mapped == MAP_FAILED)
    return false;
  result = mapped;
  result->window_capacity =
      ((uint64_t)status.st_size - sizeof *result) / sizeof result->window[0];
  return true;
}

// The text behind `name=` in an argument, or null.
static const char *value_of(const char *argument, const char *name) {
  const size_t length = strlen(name);
  return strncmp(argument, name, length) == 0 && argument[length] == '=' ? argument + length + 1
                                                                         : nullptr;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int count,
                        char **arguments) {
  (void)info;
  uint64_t window_first = 0, window_count = 0;
  for (int i = 0; i < count; i++) {
    const char *value;
    if ((value = value_of(arguments[i], "result"))) {
      if (!map_result(value))
        return -1;
    } else if ((value = value_of(arguments[i], "main"))) {
      main_address = strtoull(value, nullptr, 16);
    } else if ((value = value_of(arguments[i], "close"))) {
      closed_descriptors = strdup(value); // qemu frees the arguments
    } else if ((value = value_of(arguments[i], "kind"))) {
      records_accesses = strcmp(value, "access") == 0;
    } else if ((value = value_of(arguments[i], "window"))) {
      char *rest;
      window_first = strtoull(value, &rest, 10);
      window_count = *rest == '+' ? strtoull(rest + 1, nullptr, 10) : 0;
    } else {
      return -1;
    }
  }
  if (!result || main_address == 0 || !closed_descriptors ||
      window_count > result->window_capacity ||
      pthread_atfork(nullptr, nullptr, stop_in_child) != 0)
    return -1;
  memset(result, 0, sizeof *result);
  result->window_first = window_first;
  result->window_capacity = window_count;
  result->instruction_hash = result->access_hash = HASH_OF_NOTHING;
  result->checkpoint_interval = CHECKPOINT_INTERVAL_FIRST;
  result->magic = MAGIC;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  return 0;
}
