// clone.S — starts a thread, Linux on aarch64.
// In:  x0 = flags, x1 = top of the thread's stack, 16-byte aligned, x2 = word for its number,
//      cleared at its end, x3 = its thread pointer, x4 = function, x5 = argument.
// Out: x0 = its number or a negated errno. The thread calls function(argument), which never
//      returns; its frame pointer is 0, its floating-point control as in the caller.
// Source: Arm AAPCS64, 6.1; clone(2): flags, stack, parent's word, thread pointer, child's word.

#if defined(__aarch64__) && NOVA_FREESTANDING

    .section .text.nova_clone,"ax",@progbits
    .globl nova_clone
    .type nova_clone,@function
nova_clone:
    mov x9,x4                       // the kernel keeps all but x0
    mov x4,x2                       // one word for both: set by the parent, cleared at the end
    mov x8,#220                     // NOVA_SYS_clone
    svc #0
    cbz x0,thread
    ret
thread:
    mov x29,xzr                     // frame pointer 0 ends every backtrace
    mov x30,xzr
    mov x0,x5
    blr x9
    brk #1
    .size nova_clone,.-nova_clone

#endif

    .section .note.GNU-stack,"",%progbits
