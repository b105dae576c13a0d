// trap.c — one report for a trap or a fault, then the status 128 + signal.
// The report is text for people and for `nova symbolize`; its form is number REPORT_VERSION.
// Runs on an alternate stack, so that an overflow of the program's own can be reported.

#if NOVA_FREESTANDING

#include "internal.h"

#include "aarch64/trap.h"
#include "riscv64/trap.h"
#include "x86_64/trap.h"

#define REPORT_VERSION "1"
#define END_OF_REPORT "\n  end of report\n"

enum {
  REPORT_BYTE_COUNT_MAX = 6144,          // 34 registers, FRAME_COUNT_MAX frames and the words
  FRAME_COUNT_MAX = 64,
  FRAMELESS_BYTE_COUNT_MAX = 4096, // how far into a function its frame may still be missing
  PROLOGUE_INSTRUCTION_COUNT_MAX = 16,
  FOREIGN_STACK_BYTE_COUNT = 1 << 20, // walked from sp on a stack that start-up did not make
  NULL_BYTE_COUNT = 64 << 10,         // addresses below count as null
  REGISTERS_PER_LINE = 4,
  SIGILL = 4, // Linux uapi: signal.h, siginfo.h; the same on all three CPUs
  SIGTRAP = 5,
  SIGABRT = 6,
  SIGBUS = 7,
  SIGFPE = 8,
  SIGSEGV = 11,
  SIG_SETMASK = 2,
  SA_SIGINFO = 4,
  SA_ONSTACK = 0x08000000,
  SA_NODEFER = 0x40000000, // a fault while reporting must come here, not end the process
  CODE_KERNEL = 0x80,
  CODE_PROTECTION = 2,
  CODE_DIVISION = 1,
  CODE_MISALIGNED = 1,
  INFORMATION_CODE = 2, // words of 32 bits in siginfo
  INFORMATION_SENDER = 4,
};

#define TRAP_TEXT                                                                                  \
  [[gnu::section(".text.nova_trap"), gnu::cold, gnu::no_stack_protector, clang::minsize]]

NOVA_RECORDED_LARGE static struct {
  alignas(16) unsigned char alternate_stack[NOVA_SIGNAL_STACK_BYTE_COUNT];
  char text[REPORT_BYTE_COUNT_MAX];
  uint32_t count;
  int32_t signal;     // the first one
  uint64_t frame;     // where the kernel described the first signal; 0 before
  uint32_t depth;     // faults while reporting
  const char *reason; // said by nova_abort
  struct nova_fault_stack stack;
} report;

static const struct {
  char number;
  char name[5];
} signals[] = {{SIGILL, "ILL"}, {SIGTRAP, "TRAP"}, {SIGABRT, "ABRT"},
               {SIGBUS, "BUS"}, {SIGFPE, "FPE"},   {SIGSEGV, "SEGV"}};
enum { SIGNAL_COUNT = sizeof signals / sizeof signals[0] };

extern const unsigned char __nova_image_start[], __nova_start_text[], __nova_text_end[];
extern const unsigned char __nova_rodata_end[], __nova_build_id[], __nova_build_id_end[];
extern const unsigned char __nova_handlers_start[], __nova_handlers_end[];

// ---- Text ------------------------------------------------------------------------------------

TRAP_TEXT [[gnu::noinline]] static void put_byte(uint64_t byte) {
  if (report.count < REPORT_BYTE_COUNT_MAX)
    report.text[report.count++] = (char)byte;
}

TRAP_TEXT static void put_digits(uint64_t value, int32_t bit_count) {
  while ((bit_count -= 4) >= 0) {
    const uint64_t digit = value >> bit_count & 15;
    put_byte(digit < 10 ? '0' + digit : 'a' - 10 + digit);
  }
}

TRAP_TEXT static void put_decimal(uint64_t value) {
  if (value > 9)
    put_decimal(value / 10);
  put_byte('0' + value % 10);
}

// Appends text in which a control character stands for the next value; in a text that is itself a
// value, for the stack's name.
#define ADDRESS "\1"
#define DECIMAL "\2"
#define TEXT "\3"
TRAP_TEXT [[gnu::noinline]] static void put(const char *text, const uint64_t *values) {
  for (; *text; text++) {
    if (*text == *ADDRESS) {
      put_byte('0');
      put_byte('x');
      put_digits(*values++, 64);
    } else if (*text == *DECIMAL) {
      put_decimal(*values++);
    } else if (*text == *TEXT) {
      put((const char *)*values++, (const uint64_t *)&report.stack.name);
    } else {
      put_byte((unsigned char)*text);
    }
  }
}

TRAP_TEXT [[noreturn]] static void finish(void) {
  nova_write(2, report.text, report.count);
  nova_end(128 + report.signal);
}

// ---- Words -----------------------------------------------------------------------------------

TRAP_TEXT static uint64_t fault_address(const int32_t *information) {
  return *(const uint64_t *)(const void *)(information + INFORMATION_SENDER);
}

TRAP_TEXT [[gnu::noinline]] static bool in_text(uint64_t address) {
  return address - (uint64_t)__nova_start_text < (uint64_t)(__nova_text_end - __nova_start_text);
}

TRAP_TEXT static const char *segment_words(int32_t code, uint64_t address,
                                           const uint64_t *registers) {
  const struct nova_fault_stack *const stack = &report.stack;
  const uint64_t guard = NOVA_GUARD_BYTE_COUNT;
  if (code == CODE_KERNEL)
    return "non-canonical or misaligned address";
  if (address == registers[REGISTER_PC])
    return address < NULL_BYTE_COUNT ? "call of a null function pointer"
           : code == CODE_PROTECTION ? "execution of non-executable memory"
                                     : "jump to an unmapped address";
  if (address < NULL_BYTE_COUNT)
    return "null dereference: address below 64 KiB";
  if (address - (stack->low - guard) < guard)
    return "stack overflow: guard page below the " TEXT " stack";
  if (address - stack->high < guard)
    return "access above the " TEXT " stack: upper guard page";
  if (stack->low - registers[REGISTER_SP] - 1 < NOVA_STACK_BYTE_COUNT_MAX)
    return "stack overflow: below the guard page";
  if (address - nova_start_record.heap_high < guard)
    return "heap overrun: past the end of the arena";
  if (address - (uint64_t)__nova_image_start < (uint64_t)(__nova_rodata_end - __nova_image_start))
    return "write to the read-only image";
  return code == CODE_PROTECTION ? "access that protection forbids"
                                 : "access to an unmapped address";
}

TRAP_TEXT static const char *words(int32_t signal, int32_t code, uint64_t address,
                                   const uint64_t *registers) {
  if (report.reason)
    return report.reason;
  if (code <= 0)
    return "signal from a process";
  if (signal == SIGSEGV)
    return segment_words(code, address, registers);
  if (signal == SIGBUS)
    return code == CODE_MISALIGNED ? "misaligned access"
                                   : "access past the end of a mapped file";
  if (signal == SIGFPE)
    return code == CODE_DIVISION ? "division by zero, or a quotient out of range"
                                 : "floating-point exception";
  const uint64_t pc = registers[REGISTER_PC];
  return !in_text(pc) || !is_trap((const unsigned char *)pc)
             ? "illegal instruction or breakpoint"
             : "runtime check failed: trap instruction";
}

// ---- Stack -----------------------------------------------------------------------------------

// Whether `pc` lies in a prologue, in front of the instruction that sets up the frame.
TRAP_TEXT static bool is_before_frame(uint64_t pc) {
  for (uint32_t i = 0; i < PROLOGUE_INSTRUCTION_COUNT_MAX && in_text(pc); i++) {
    const unsigned char *const at = (const unsigned char *)pc;
    if (sets_frame(at))
      return true;
    if (!is_prologue(at))
      return false;
    pc += step(at);
  }
  return false;
}

// Whether `caller` returns from a direct call of the function around `pc`, and nothing between its
// entry and `pc` sets up a frame: a leaf that needs none, or assembly.
TRAP_TEXT static bool is_frameless(uint64_t pc, uint64_t caller) {
  uint64_t at = call_target((const unsigned char *)caller);
  if (!in_text(at) || pc - at >= FRAMELESS_BYTE_COUNT_MAX)
    return false;
  for (; at < pc; at += step((const unsigned char *)at))
    if (sets_frame((const unsigned char *)at))
      return false;
  return true;
}

// Whether `pc` lies in a handler of the interpreter, which never has a frame and is called, through
// a table, by what has one; on its way to the next handler it leaves the stack and the link alone.
TRAP_TEXT static bool is_handler(uint64_t pc) {
  return pc - (uint64_t)__nova_handlers_start <
         (uint64_t)(__nova_handlers_end - __nova_handlers_start);
}

// Whether a word of the stack can be read at `address`.
TRAP_TEXT static bool is_readable(uint64_t address) {
  const struct nova_fault_stack *const stack = &report.stack;
  const uint64_t byte_count = stack->high - stack->low;
  return address - stack->low <= byte_count - 8 ||
         address - (stack->low - NOVA_STACK_BYTE_COUNT_MAX) >
             NOVA_STACK_BYTE_COUNT_MAX + byte_count + NOVA_GUARD_BYTE_COUNT;
}

// The caller that no frame names, because the code at pc has none (yet); 0 when there is no such.
TRAP_TEXT static uint64_t caller_without_frame(const uint64_t *registers) {
  const uint64_t pc = registers[REGISTER_PC];
  const bool outside = !in_text(pc);
  const bool pushed = !outside && link_is_on_stack() && sets_frame((const unsigned char *)pc);
  if (link_is_on_stack() && !is_readable(registers[REGISTER_SP] + 8u * pushed))
    return 0;
  const uint64_t caller = link_register(registers, pushed);
  if (!in_text(caller))
    return 0;
  return outside || is_handler(pc) || is_before_frame(pc) || is_frameless(pc, caller) ? caller : 0;
}

TRAP_TEXT [[gnu::noinline]] static void put_frame(uint32_t index, uint64_t address) {
  put("\n    #" DECIMAL " " ADDRESS, (const uint64_t[]){index, address});
}

TRAP_TEXT static void put_stack(const uint64_t *registers) {
  const struct nova_fault_stack *const stack = &report.stack;
  uint32_t index = 0;
  put_frame(index++, registers[REGISTER_PC]);
  const uint64_t caller = caller_without_frame(registers);
  if (caller)
    put_frame(index++, caller);
  uint64_t pair = registers[REGISTER_FP] + 8 * (uint64_t)CALLER_WORD;
  const bool on_own_stack = pair - stack->low < stack->high - stack->low;
  // Each pair lies between the one before and the top of its stack, so the walk ends.
  uint64_t low = on_own_stack ? stack->low : registers[REGISTER_SP];
  const uint64_t high = on_own_stack ? stack->high : low + FOREIGN_STACK_BYTE_COUNT;
  while (pair >= low && pair <= high - 16 && pair % 8 == 0) {
    const uint64_t *const saved = (const uint64_t *)pair; // the caller's frame pointer, the return
    low = pair + 8;
    pair = saved[0] + 8 * (uint64_t)CALLER_WORD;
    if (saved[0] == 0) // the program's entry, called by start-up
      break;
    if (index == FRAME_COUNT_MAX) {
      put("\n    deeper frames omitted", nullptr);
      break;
    }
    put_frame(index++, saved[1]);
  }
}

// ---- Report ----------------------------------------------------------------------------------

TRAP_TEXT [[gnu::noinline]] static void put_signal(int32_t signal, const int32_t *information,
                                                   uint64_t pc) {
  uint32_t i = 0;
  while (i < SIGNAL_COUNT - 1 && signals[i].number != signal)
    i++;
  const bool sent = information[INFORMATION_CODE] <= 0;
  const uint64_t origin =
      sent ? (uint32_t)information[INFORMATION_SENDER] : fault_address(information);
  put("\n  signal " DECIMAL " (SIG" TEXT "), " TEXT,
      (const uint64_t[]){(uint64_t)signal, (uint64_t)signals[i].name,
                         (uint64_t)(sent ? "sent by process " : "address ")});
  put(sent ? DECIMAL ", pc " ADDRESS : ADDRESS ", pc " ADDRESS, (const uint64_t[]){origin, pc});
}

TRAP_TEXT static void put_report(int32_t signal, const int32_t *information,
                                 const uint64_t *registers) {
  put("nova: fault: " TEXT "\n  report " REPORT_VERSION ", cpu " NOVA_CPU_NAME ", build id ",
      (const uint64_t[]){(uint64_t)words(signal, information[INFORMATION_CODE],
                                         fault_address(information), registers)});
  const unsigned char *byte = __nova_build_id + 16; // behind the note's header and owner
  for (; byte < __nova_build_id_end; byte++)
    put_digits(*byte, 8);
  put_signal(signal, information, registers[REGISTER_PC]);
  put("\n  registers", nullptr);
  const char *name = register_names;
  for (uint32_t i = 0; i < REGISTER_COUNT; i++) {
    put(i % REGISTERS_PER_LINE == 0 ? "\n    " : "  ", nullptr);
    for (uint32_t j = 0; j < 3; j++)
      put_byte((unsigned char)*name++);
    put(" " ADDRESS, registers + i);
  }
  put("\n  stack", nullptr);
  if (report.stack.thread)
    put(" of thread " DECIMAL, &report.stack.thread);
  put_stack(registers);
  put(END_OF_REPORT, nullptr);
}

TRAP_TEXT static void on_signal(int32_t signal, const int32_t *information,
                                const uint64_t *context) {
  const uint64_t *const registers = context + REGISTERS_OFFSET_WORDS;
  const uint64_t frame = (uint64_t)information;
  uint64_t first = 0;
  // Orders nothing but itself: the other threads only wait for the process's end.
  if (__atomic_compare_exchange_n(&report.frame, &first, frame, false, __ATOMIC_RELAXED,
                                  __ATOMIC_RELAXED)) {
    report.signal = report.reason ? SIGABRT : signal;
    report.stack.low = nova_start_record.stack_low;
    report.stack.high = nova_start_record.stack_high;
    report.stack.name = "main";
    if (nova_thread_functions)
      nova_thread_functions->fault(frame, &report.stack);
    nova_empty_output();
    put_report(report.signal, information, registers);
    finish();
  }
  // A fault while reporting lies close below the first on the same stack; any other thread's is on
  // another stack. Asking for the thread's number would make the course differ from run to run.
  while (first - frame >= NOVA_SIGNAL_STACK_BYTE_COUNT)
    nova_syscall(NOVA_SYS_ppoll, 0, 0, 0, 0, 0, 0);
  if (report.depth++ > 0)
    nova_end(128 + report.signal);
  put("\nnova: fault: another one while reporting", nullptr);
  put_signal(signal, information, registers[REGISTER_PC]);
  put(END_OF_REPORT, nullptr);
  finish();
}

// Called by nova_start, once the main stack is there. A parent may have left signals blocked: the
// kernel ends a process whose fault is blocked without a word, so none stays blocked.
[[gnu::no_stack_protector]] NOVA_START_TEXT void nova_install_traps(void) {
  const uint64_t none = 0;
  nova_syscall(NOVA_SYS_rt_sigprocmask, SIG_SETMASK, (int64_t)&none, 0, sizeof none, 0, 0);
  const struct {
    void *stack;
    int32_t flags;
    uint64_t byte_count;
  } alternate = {report.alternate_stack, 0, NOVA_SIGNAL_STACK_BYTE_COUNT};
  nova_syscall(NOVA_SYS_sigaltstack, (int64_t)&alternate, 0, 0, 0, 0, 0);
  const struct signal_action action = {
      .handler = on_signal, .flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTORER};
  for (uint32_t i = 0; i < SIGNAL_COUNT; i++)
    nova_syscall(NOVA_SYS_rt_sigaction, signals[i].number, (int64_t)&action, 0,
                 sizeof action.mask, 0, 0);
}

// ---- Ends that the program itself asks for ---------------------------------------------------

// The trap instruction ends in on_signal, which reports the reason as SIGABRT.
TRAP_TEXT [[noreturn]] static void stop_because(const char *reason) {
  report.reason = reason;
  __builtin_trap();
}

[[noreturn]] void abort(void);
TRAP_TEXT void abort(void) { stop_because("abort"); }

[[noreturn]] void __stack_chk_fail(void);
TRAP_TEXT void __stack_chk_fail(void) {
  stop_because("stack smashing: buffer overrun on the stack");
}

#endif
