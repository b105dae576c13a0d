// trap.h — what a fault report needs to know of x86_64: signal frame, registers, frames, calls.
// Source: Linux arch/x86/include/uapi/asm/sigcontext.h; System V ABI, AMD64 supplement, 3.2.2;
//         Intel SDM vol. 2 (CALL, UD2).

#if defined(__x86_64__)

#define NOVA_CPU_NAME "x86_64"

enum {
  REGISTERS_OFFSET_WORDS = 5, // uc_mcontext.gregs in struct ucontext
  REGISTER_COUNT = 18,
  REGISTER_FP = 10,
  REGISTER_SP = 15,
  REGISTER_PC = 16,
  CALLER_WORD = 0, // the saved pair (caller's fp, return), in words from the frame pointer
  SA_RESTORER = 0x04000000, // the kernel sends no signal without it; nothing returns through it
};

// In the order of the signal frame, three characters each.
static const char register_names[] = "r8 r9 r10r11r12r13r14r15rdirsirbprbxrdxraxrcxrspripefl";

struct signal_action {
  void (*handler)(int32_t signal, const int32_t *information, const uint64_t *context);
  uint64_t flags;
  uint64_t restorer;
  uint64_t mask;
};

// Bytes from one instruction to the next place where a pattern is looked for.
static inline uint64_t step(const unsigned char *at) {
  (void)at;
  return 1;
}

// ud2
static inline bool is_trap(const unsigned char *at) { return at[0] == 0x0f && at[1] == 0x0b; }

// mov rbp, rsp
static inline bool sets_frame(const unsigned char *at) {
  return at[0] == 0x48 && at[1] == 0x89 && at[2] == 0xe5;
}

// push rbp
static inline bool is_prologue(const unsigned char *at) { return at[0] == 0x55; }

// The target of the direct call that returns to `to`, or 0.
static inline uint64_t call_target(const unsigned char *to) {
  const uint32_t offset = (uint32_t)to[-4] | (uint32_t)to[-3] << 8 | (uint32_t)to[-2] << 16 |
                          (uint32_t)to[-1] << 24;
  return to[-5] == 0xe8 ? (uint64_t)to + (uint64_t)(int64_t)(int32_t)offset : 0;
}

// Where code without a frame of its own returns to; `pushed`: it already saved the frame pointer.
static inline uint64_t link_register(const uint64_t *registers, bool pushed) {
  return ((const uint64_t *)registers[REGISTER_SP])[pushed];
}

// Whether the link register above is read from the stack.
static inline bool link_is_on_stack(void) { return true; }

#endif
