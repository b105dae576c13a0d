// clone.S — starts a thread, Linux on riscv64.
// In:  a0 = flags, a1 = top of the thread's stack, 16-byte aligned, a2 = word for its number,
//      cleared at its end, a3 = its thread pointer, a4 = function, a5 = argument.
// Out: a0 = its number or a negated errno. The thread calls function(argument), which never
//      returns; its frame pointer is 0, its floating-point control as in the caller.
// Source: RISC-V psABI; clone(2): flags, stack, parent's word, thread pointer, child's word.

#if defined(__riscv) && NOVA_FREESTANDING

    .section .text.nova_clone,"ax",@progbits
    .globl nova_clone
    .type nova_clone,@function
nova_clone:
    mv t1,a4                        // the kernel keeps all but a0
    mv a4,a2                        // one word for both: set by the parent, cleared at the end
    li a7,220                       // NOVA_SYS_clone
    ecall
    beqz a0,thread
    ret
thread:
    mv s0,zero                      // frame pointer 0 ends every backtrace
    mv ra,zero
    mv a0,a5
    jalr t1
    ebreak
    .size nova_clone,.-nova_clone

#endif

    .section .note.GNU-stack,"",@progbits
