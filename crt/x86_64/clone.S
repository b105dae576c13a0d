// clone.S — starts a thread, Linux on x86_64.
// In:  rdi = flags, rsi = top of the thread's stack, 16-byte aligned, rdx = word for its number,
//      cleared at its end, rcx = its thread pointer, r8 = function, r9 = argument.
// Out: rax = its number or a negated errno. The thread calls function(argument), which never
//      returns; its frame pointer is 0, its floating-point control as in the caller.
// Source: System V ABI, AMD64 supplement, A.2; clone(2): flags, stack, parent's and child's word,
//         thread pointer.

#if defined(__x86_64__) && NOVA_FREESTANDING

    .section .text.nova_clone,"ax",@progbits
    .globl nova_clone
    .type nova_clone,@function
nova_clone:
    movq %r8,-16(%rsi)              // the call takes r8, so the thread finds both on its stack
    movq %r9,-8(%rsi)
    subq $16,%rsi
    movq %rdx,%r10                  // one word for both: set by the parent, cleared at the end
    movq %rcx,%r8
    movl $56,%eax                   // NOVA_SYS_clone
    syscall
    testq %rax,%rax
    jz thread
    ret
thread:
    xorl %ebp,%ebp                  // frame pointer 0 ends every backtrace
    popq %rax
    popq %rdi
    movq $0,-16(%rsp)               // the stack is the thread's own, and zero
    movq $0,-8(%rsp)
    call *%rax
    ud2
    .size nova_clone,.-nova_clone

#endif

    .section .note.GNU-stack,"",@progbits
