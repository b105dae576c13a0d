// crt0.S — process entry, Linux on aarch64.
// In:  sp → argc, argv…, 0, envp…, 0, auxv…, 16-byte aligned; other registers unspecified.
// Out: `main` on the program's own stack; every general and vector register, the floating-point
//      control and status, the predicates and the flags clear; tpidr_el0 names the first thread,
//      x30 = nova_return.
// Source: Arm AAPCS64, 6.1; Linux arch/arm64/kernel/process.c (SVE state is zero from exec).

#if defined(__aarch64__) && NOVA_FREESTANDING

    .section .text.nova_entry,"ax",@progbits
    .globl _start
    .type _start,@function
_start:
    mov x29,xzr                     // frame pointer 0 ends every backtrace
    mov x30,xzr
    adrp x1,nova_first_thread
    add x1,x1,:lo12:nova_first_thread
    str x1,[x1]                     // nova_local: self
    mov w2,#1
    str w2,[x1,#8]                  // and the number; initialisers may use both
    msr tpidr_el0,x1                // the thread pointer
    mov x0,sp                       // argument: the initial stack
    bl nova_start                   // on the kernel's stack; x0 = top of the program's
    adrp x1,__preinit_array_start
    add x1,x1,:lo12:__preinit_array_start
    adrp x2,__init_array_end
    add x2,x2,:lo12:__init_array_end
    cmp x1,x2                       // the two arrays are adjacent: equal when both are empty
    b.eq clear
    mov x19,sp                      // the kernel's stack again below; kept by the callee
    mov sp,x0
    bl nova_initialise
    mov sp,x19
    bl nova_renew_stack             // x0 = top of the program's stack
    adrp x1,nova_capabilities
    ldr x1,[x1,:lo12:nova_capabilities]
    tbz x1,#22,clear                // HWCAP_SVE; predicates are zero from exec, unless initialisers
    .arch_extension sve             // used them
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    pfalse p\n\().b
    .endr
    wrffr p0.b
    .arch_extension nosve

clear:
    mov sp,x0
    msr fpcr,xzr
    msr fpsr,xzr
    adrp x0,nova_first_thread
    add x0,x0,:lo12:nova_first_thread
    msr tpidr_el0,x0                // anew: an initialiser may have changed it
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    movi v\n\().2d,#0               // clears the whole register, upper SVE part included
    .endr
    msr nzcv,xzr
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29
    mov x\n,xzr
    .endr
    adrp x30,nova_return            // so that main may return
    add x30,x30,:lo12:nova_return
    b main
    .size _start,.-_start

    .text
    .type nova_return,@function
nova_return:
    bl nova_exit                    // w0, main's result, is the exit status
    brk #1
    .size nova_return,.-nova_return

#endif

    .section .note.GNU-stack,"",@progbits
