// trap.h — what a fault report needs to know of riscv64: signal frame, registers, frames, calls.
// Source: Linux arch/riscv/include/uapi/asm/ptrace.h; RISC-V psABI, "Frame Pointer Convention";
//         RISC-V unprivileged specification (JAL, AUIPC, EBREAK, compressed instructions).

#if defined(__riscv) && __riscv_xlen == 64

#define NOVA_CPU_NAME "riscv64"

enum {
  REGISTERS_OFFSET_WORDS = 22, // uc_mcontext.gregs in struct ucontext; pc stands for x0
  REGISTER_COUNT = 32,
  REGISTER_PC = 0,
  REGISTER_LR = 1,
  REGISTER_SP = 2,
  REGISTER_FP = 8,
  CALLER_WORD = -2, // the saved pair (caller's fp, return), in words from the frame pointer
  SA_RESTORER = 0,
};

// In the order of the signal frame, three characters each.
static const char register_names[] =
    "pc ra sp gp tp t0 t1 t2 fp s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10s11t3 t4 t5 "
    "t6 ";

struct signal_action {
  void (*handler)(int32_t signal, const int32_t *information, const uint64_t *context);
  uint64_t flags;
  uint64_t mask;
  uint64_t qemu_mask; // Linux has no restorer here; qemu 7.2 reads one, and the mask behind it
};

// Instructions are aligned to two bytes only.
static inline uint32_t instruction(const unsigned char *at) {
  const uint16_t *const half = (const void *)at;
  return half[0] | (uint32_t)half[1] << 16;
}

// Bytes from one instruction to the next.
static inline uint64_t step(const unsigned char *at) { return (at[0] & 3) == 3 ? 4 : 2; }

static inline bool is_trap(const unsigned char *at) {
  const uint32_t whole = instruction(at);
  const uint32_t half = whole & 0xffff;
  return half == 0 || half == 0x9002 || whole == 0xc0001073 || whole == 0x00100073; // unimp, ebreak
}

// addi s0, sp, n: compressed or not
static inline bool sets_frame(const unsigned char *at) {
  const uint32_t whole = instruction(at);
  return ((whole & 0xe01f) == 0 && (whole & 0x1fe0) != 0) || (whole & 0xfffff) == 0x10413;
}

// c.sdsp, sd to sp, c.addi16sp sp, c.addi sp: the stores and the subtraction that precede it
static inline bool is_prologue(const unsigned char *at) {
  const uint32_t whole = instruction(at);
  return (whole & 0xe003) == 0xe002 || (whole & 0xff07f) == 0x13023 || (whole & 0x8f83) == 0x0101;
}

// The target of the direct call that returns to `to`, or 0.
static inline uint64_t call_target(const unsigned char *to) {
  const uint32_t call = instruction(to - 4);
  if ((call & 0xfff) == 0x0ef) { // jal ra
    const uint32_t offset = (call >> 20 & 0x7fe) | (call >> 9 & 0x800) | (call & 0xff000) |
                            (call & 0x80000000) >> 11;
    return (uint64_t)(to - 4) + (uint64_t)((int64_t)(int32_t)(offset << 11) >> 11);
  }
  const uint32_t upper = instruction(to - 8);
  if ((call & 0xfffff) != 0x80e7 || (upper & 0xfff) != 0x097) // auipc ra; jalr ra, n(ra)
    return 0;
  return (uint64_t)(to - 8) + (uint64_t)(int64_t)(int32_t)(upper & 0xfffff000) +
         (uint64_t)(int64_t)((int32_t)call >> 20);
}

// Where code without a frame of its own returns to.
static inline uint64_t link_register(const uint64_t *registers, bool pushed) {
  (void)pushed;
  return registers[REGISTER_LR];
}

// Whether the link register above is read from the stack.
static inline bool link_is_on_stack(void) { return false; }

#endif
