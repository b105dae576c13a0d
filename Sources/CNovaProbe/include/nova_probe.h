// nova_probe.h — what Swift cannot say of fork, exec, ptrace and cpuid; the contract of CNovaProbe.
// Hosted, Linux. Results follow the kernel's convention: -4095 … -1 is a negated errno.

#ifndef NOVA_PROBE_H
#define NOVA_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// ---- Children --------------------------------------------------------------------------------

#define NOVA_SPAWN_CLOSED (-1)    // the program starts without this descriptor
#define NOVA_SPAWN_INHERITED (-2) // the program shares this process's descriptor

struct nova_spawn_request {
  const char *executable;
  char *const *arguments;        // null-terminated, the program's name first
  char *const *environment;      // null-terminated
  const char *working_directory; // null for this process's
  // A descriptor >= 4 that becomes the program's 0, 1, 2, 3, or NOVA_SPAWN_….
  int32_t descriptors[4];
  bool limits_stack, limits_address_space;
  uint64_t stack_limit_bytes, address_space_limit_bytes;
  bool fixes_addresses;  // personality ADDR_NO_RANDOMIZE
  bool is_traced;        // stops at exec with SIGTRAP, this thread is its tracer
  bool leads_group;      // a process group of its own; dies with the thread that starts it
  uint32_t skipped_process_count; // process numbers consumed first
};

// The step at which a child failed.
enum nova_spawn_step {
  NOVA_SPAWN_STEP_fork,
  NOVA_SPAWN_STEP_group,
  NOVA_SPAWN_STEP_trace,
  NOVA_SPAWN_STEP_personality,
  NOVA_SPAWN_STEP_stack_limit,
  NOVA_SPAWN_STEP_address_space_limit,
  NOVA_SPAWN_STEP_working_directory,
  NOVA_SPAWN_STEP_descriptors,
  NOVA_SPAWN_STEP_execute,
};

// Starts a program with default signal dispositions, nothing blocked, and no descriptor but 0–3.
// Returns its process number once exec succeeded; otherwise a negated errno, and the step in
// `step`.
int64_t nova_spawn(const struct nova_spawn_request *request, uint32_t *step);

// A descriptor that polls readable when the process ends, or a negated errno.
int64_t nova_process_descriptor(pid_t process);

// A pipe whose ends (reading, writing) close at exec: 0 or a negated errno.
int64_t nova_pipe(int32_t *ends);

// An unlinked, empty file in memory.
int64_t nova_memory_file(void);

// Makes a folder in `parent` for the files gdb, log, result, unused and program, and writes its
// path: 0 or a negated errno. -EINTR when a signal is about to end this process.
int64_t nova_scratch_make(const char *parent, char *path, size_t capacity);
// Removes such a folder with its files.
void nova_scratch_remove(const char *path);
// From now on SIGHUP, SIGINT and SIGTERM remove these folders before they end this process.
void nova_scratch_end_on_signals(void);

// Kills `process` unless the watch is ended within the time; never another process that took its
// number. Null with errno when that cannot be promised.
struct nova_watch;
struct nova_watch *nova_watch_begin(pid_t process, uint64_t limit_milliseconds);
// True when the process was killed.
bool nova_watch_end(struct nova_watch *watch);

// ---- Tracing ---------------------------------------------------------------------------------

enum nova_trace_resume {
  NOVA_TRACE_continue, // to the next signal
  NOVA_TRACE_call,     // to the next system call's entry or exit
  NOVA_TRACE_step,     // one instruction
};

// System calls are told apart from SIGTRAP, exec is reported, the program dies with its tracer.
int64_t nova_trace_options(pid_t process);
int64_t nova_trace_go(pid_t process, enum nova_trace_resume how, int32_t signal);

// One register set by its ELF note type: bytes filled, at most `byte_count`.
int64_t nova_trace_registers(pid_t process, uint32_t note_type, void *bytes, size_t byte_count);
int64_t nova_trace_set_registers(pid_t process, uint32_t note_type, void *bytes,
                                 size_t byte_count);

struct nova_trace_call {
  bool is_entry;
  uint64_t number;       // at entry
  uint64_t arguments[6]; // at entry
  int64_t result;        // at exit
};
// The system call at which the program stands; -ENOENT when it stands at none.
int64_t nova_trace_read_call(pid_t process, struct nova_trace_call *call);

struct nova_trace_counts {
  uint64_t instruction_count;
  uint64_t hash;                // FNV-1a, 64 bits, over each pc as 8 little-endian bytes
  uint64_t *checkpoints;        // the hash after each interval
  size_t checkpoint_capacity;   // even
  size_t checkpoint_count;
  uint64_t checkpoint_interval; // instructions; doubles whenever the table is full
};
// Steps from where the program stands until it ends, and counts, at most `limit` instructions.
// Returns the wait status with bit 32 set; 0 when the limit was reached; a negated errno.
#define NOVA_TRACE_ENDED ((int64_t)1 << 32)
int64_t nova_trace_count(pid_t process, uint32_t pc_offset, uint64_t limit,
                         struct nova_trace_counts *count);

// Where the CPU's XSAVE area, in standard form, holds a component; false where it has none.
bool nova_trace_xsave_component(uint32_t component, uint32_t *offset, uint32_t *byte_count);

#endif
