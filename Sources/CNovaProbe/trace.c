// trace.c — ptrace, which Swift cannot call (it is variadic), and the XSAVE layout that cpuid
// tells.
// Hosted C, glibc. Source: ptrace(2); Intel SDM volume 1, chapter 13.

#define _GNU_SOURCE
#include "nova_probe.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

int64_t nova_trace_options(pid_t process) {
  long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  return ptrace(PTRACE_SETOPTIONS, process, nullptr, options) < 0 ? -errno : 0;
}

int64_t nova_trace_go(pid_t process, enum nova_trace_resume how, int32_t signal) {
  static const int requests[] = {PTRACE_CONT, PTRACE_SYSCALL, PTRACE_SINGLESTEP};
  return ptrace((enum __ptrace_request)requests[how], process, nullptr, (long)signal) < 0 ? -errno
                                                                                          : 0;
}

int64_t nova_trace_registers(pid_t process, uint32_t note_type, void *bytes, size_t byte_count) {
  struct iovec range = {bytes, byte_count};
  if (ptrace(PTRACE_GETREGSET, process, (unsigned long)note_type, &range) < 0)
    return -errno;
  return (int64_t)range.iov_len;
}

int64_t nova_trace_set_registers(pid_t process, uint32_t note_type, void *bytes,
                                 size_t byte_count) {
  struct iovec range = {bytes, byte_count};
  return ptrace(PTRACE_SETREGSET, process, (unsigned long)note_type, &range) < 0 ? -errno : 0;
}

int64_t nova_trace_read_call(pid_t process, struct nova_trace_call *call) {
  struct __ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, process, sizeof info, &info) < 0)
    return -errno;
  *call = (struct nova_trace_call){0};
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
    call->is_entry = true;
    call->number = info.entry.nr;
    for (int index = 0; index < 6; index++)
      call->arguments[index] = info.entry.args[index];
    return 0;
  }
  if (info.op != PTRACE_SYSCALL_INFO_EXIT)
    return -ENOENT;
  call->result = info.exit.rval;
  return 0;
}

static uint64_t add_to_hash(uint64_t hash, uint64_t pc) {
  for (int byte = 0; byte < 8; byte++)
    hash = (hash ^ (pc >> (8 * byte) & 0xff)) * 0x100000001b3u;
  return hash;
}

static void count_instruction(struct nova_trace_counts *counts, uint64_t pc) {
  counts->hash = add_to_hash(counts->hash, pc);
  counts->instruction_count++;
  if (counts->instruction_count % counts->checkpoint_interval != 0)
    return;
  counts->checkpoints[counts->checkpoint_count++] = counts->hash;
  if (counts->checkpoint_count < counts->checkpoint_capacity)
    return;
  // Each second one stays: those on multiples of the doubled interval.
  counts->checkpoint_count /= 2;
  for (size_t index = 0; index < counts->checkpoint_count; index++)
    counts->checkpoints[index] = counts->checkpoints[2 * index + 1];
  counts->checkpoint_interval *= 2;
}

int64_t nova_trace_count(pid_t process, uint32_t pc_offset, uint64_t limit,
                         struct nova_trace_counts *counts) {
  counts->instruction_count = 0;
  counts->hash = 0xcbf29ce484222325u;
  counts->checkpoint_count = 0;
  int signal = 0;
  while (counts->instruction_count < limit) {
    alignas(8) unsigned char registers[512];
    int64_t filled = nova_trace_registers(process, NT_PRSTATUS, registers, sizeof registers);
    if (filled < 0)
      return filled;
    uint64_t pc;
    if (pc_offset + sizeof pc > (size_t)filled)
      return -EINVAL;
    memcpy(&pc, registers + pc_offset, sizeof pc);
    if (ptrace(PTRACE_SINGLESTEP, process, nullptr, (long)signal) < 0)
      return -errno;
    int status;
    while (waitpid(process, &status, __WALL) < 0)
      if (errno != EINTR)
        return -errno;
    count_instruction(counts, pc);
    if (!WIFSTOPPED(status))
      return NOVA_TRACE_ENDED | status;
    signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
  }
  return 0;
}

bool nova_trace_xsave_component(uint32_t component, uint32_t *offset, uint32_t *byte_count) {
  *offset = 0;
  *byte_count = 0;
#if defined(__x86_64__)
  unsigned ignored_c, ignored_d;
  if (!__get_cpuid_count(0xd, component, byte_count, offset, &ignored_c, &ignored_d))
    return false;
#else
  (void)component;
#endif
  return *byte_count != 0;
}
