// trap.h — what a fault report needs to know of aarch64: signal frame, registers, frames, calls.
// Source: Linux arch/arm64/include/uapi/asm/sigcontext.h; Arm AAPCS64, 6.4.6; Arm ARM, C6.2
//         (ADD immediate, BL, BRK).

#if defined(__aarch64__)

#define NOVA_CPU_NAME "aarch64"

enum {
  REGISTERS_OFFSET_WORDS = 23, // uc_mcontext.regs in struct ucontext, behind fault_address
  REGISTER_COUNT = 34,
  REGISTER_FP = 29,
  REGISTER_LR = 30,
  REGISTER_SP = 31,
  REGISTER_PC = 32,
  CALLER_WORD = 0, // the saved pair (caller's fp, return), in words from the frame pointer
  SA_RESTORER = 0,
};

// In the order of the signal frame, three characters each.
static const char register_names[] =
    "x0 x1 x2 x3 x4 x5 x6 x7 x8 x9 x10x11x12x13x14x15x16x17x18x19x20x21x22x23x24x25x26x27x28fp lr "
    "sp pc pst";

struct signal_action {
  void (*handler)(int32_t signal, const int32_t *information, const uint64_t *context);
  uint64_t flags;
  uint64_t restorer;
  uint64_t mask;
};

static inline uint32_t instruction(const unsigned char *at) {
  return *(const uint32_t *)(const void *)at;
}

// Bytes from one instruction to the next.
static inline uint64_t step(const unsigned char *at) {
  (void)at;
  return 4;
}

static inline bool is_trap(const unsigned char *at) { // brk
  return (instruction(at) & 0xffe0001f) == 0xd4200000;
}

// add x29, sp, #n
static inline bool sets_frame(const unsigned char *at) {
  return (instruction(at) & 0xff8003ff) == 0x910003fd;
}

// Base register sp: the stores and the subtraction that precede it.
static inline bool is_prologue(const unsigned char *at) {
  return (instruction(at) >> 5 & 31) == 31;
}

// The target of the direct call that returns to `to`, or 0.
static inline uint64_t call_target(const unsigned char *to) {
  const uint32_t call = instruction(to - 4);
  if (call >> 26 != 0x25) // bl
    return 0;
  return (uint64_t)(to - 4) + (uint64_t)((int64_t)(int32_t)(call << 6) >> 4);
}

// Where code without a frame of its own returns to.
static inline uint64_t link_register(const uint64_t *registers, bool pushed) {
  (void)pushed;
  return registers[REGISTER_LR];
}

// Whether the link register above is read from the stack.
static inline bool link_is_on_stack(void) { return false; }

#endif
