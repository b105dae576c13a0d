// switch.S — goes from a stack to another and back, x86_64.
// nova_switch_call  In:  rdi = word for this stack's pointer, rsi = top of the other stack, 16-byte
//                        aligned, rdx = function, rcx, r8, r9 = its arguments.
// nova_switch       In:  rdi = word for this stack's pointer, rsi = a pointer that was kept so,
//                        rdx = value.
// Out: rax = 0 when the function has returned, else the value of the nova_switch that came back.
//      What a called function keeps is kept; the floating-point control is the thread's.
// Source: System V ABI, AMD64 supplement, 3.2.1.

#if defined(__x86_64__)

    .macro keep
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp,(%rdi)
    .endm

    .macro back
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .endm

    .section .text.nova_switch_call,"ax",@progbits
    .globl nova_switch_call
    .type nova_switch_call,@function
nova_switch_call:
    keep
    movq %rsi,%rsp
    movq %rdi,%rbx                  // the word, which holds the latest caller's pointer at the end
    movq %rdx,%rax
    movq %rcx,%rdi
    movq %r8,%rsi
    movq %r9,%rdx
    xorl %ebp,%ebp                  // frame pointer 0 ends every backtrace
    call *%rax
    movq (%rbx),%rsp
    xorl %eax,%eax
    back
    .size nova_switch_call,.-nova_switch_call

    .section .text.nova_switch,"ax",@progbits
    .globl nova_switch
    .type nova_switch,@function
nova_switch:
    keep
    movq %rsi,%rsp
    movq %rdx,%rax
    back
    .size nova_switch,.-nova_switch

#endif

    .section .note.GNU-stack,"",@progbits
