// crt0.S — process entry, Linux on x86_64.
// In:  rsp → argc, argv…, 0, envp…, 0, auxv…, 16-byte aligned; other registers unspecified.
// Out: `main` on the program's own stack; every general, vector, mask and floating-point register
//      and the flags clear, but for fs, which names the first thread; [rsp] = nova_return.
// Source: System V ABI, AMD64 supplement, 3.4.1; Intel SDM vol. 1, 13.7 (XRSTOR).

#if defined(__x86_64__) && NOVA_FREESTANDING

    .section .text.nova_entry,"ax",@progbits
    .globl _start
    .type _start,@function
_start:
    xorl %ebp,%ebp                  // frame pointer 0 ends every backtrace
    movl $nova_first_thread,%esi
    movq %rsi,(%rsi)                // nova_local: self
    incl 8(%rsi)                    // and the number, 1; initialisers may use both
    movl $0x1002,%edi               // ARCH_SET_FS: the thread pointer
    movl $158,%eax                  // NOVA_SYS_arch_prctl
    syscall
    movq %rsp,%rdi                  // argument: the initial stack
    andq $-16,%rsp
    cld
    call nova_start                 // on the kernel's stack; rax = top of the program's
    leaq __preinit_array_start(%rip),%rcx
    leaq __init_array_end(%rip),%rdx
    cmpq %rcx,%rdx                  // the two arrays are adjacent: equal when both are empty
    je clear
    movq %rsp,%rbx                  // the kernel's stack again below; kept by the callee
    movq %rax,%rsp
    call nova_initialise
    movq %rbx,%rsp
    call nova_renew_stack           // rax = top of the program's stack

clear:
    movq %rax,%rsp
    movq $0,-8(%rsp)                // a write commits the page, where a read would only lend it
    // XGETBV exists where CR4.OSXSAVE is set. CPUID says so, but traps to a hypervisor (7 µs in a
    // virtual machine). Both of these together say so too: a CPU with FSGSBASE has XSAVE, and with
    // XSAVE off ("noxsave") the kernel's signal frame stays below 1184 bytes.
    testb $2,nova_capabilities+8(%rip)
    jz ask_cpu
    cmpq $1184,nova_capabilities+16(%rip)
    jae with_xsave
ask_cpu:
    movl $1,%eax                    // CPUID.1:ECX bit 27 (OSXSAVE)
    xorl %ecx,%ecx
    cpuid
    testl $1<<27,%ecx
    jz without_xsave
with_xsave:
    xorl %ecx,%ecx
    xgetbv                          // eax = XCR0
    andl $0xe7,%eax                 // x87, SSE, AVX, mask and ZMM state; PKRU is the kernel's
    xorl %edx,%edx
    // Zero as the stack is, XSTATE_BV too: all initial but MXCSR. CPUs probe the whole area
    // (2696 bytes with AVX-512), so its end must be mapped.
    xrstor64 -4096(%rsp)
    jmp control
without_xsave:
    fxrstor64 -4096(%rsp)           // x87 data too, which fninit keeps
    fninit
control:
    ldmxcsr initial_mxcsr(%rip)

    .irp r,eax,ebx,ecx,edx,esi,edi,ebp,r8d,r9d,r10d,r11d,r12d,r13d,r14d,r15d
    xorl %\r,%\r                    // half as long as mov, and sets flags
    .endr
    pushq $nova_return              // so that main may return
    pushq $0
    popfq                           // nothing below sets flags
    movq $0,-8(%rsp)                // already 0; stated, because popfq's slot lies below main's sp
    jmp main
    .size _start,.-_start

    .text
    .type nova_return,@function
nova_return:
    movl %eax,%edi                  // main's result is the exit status
    andq $-16,%rsp
    call nova_exit
    ud2
    .size nova_return,.-nova_return

    .section .rodata.nova_start,"a",@progbits
    .p2align 2
initial_mxcsr:
    .long 0x1f80                    // all exceptions masked, round to nearest

#endif

    .section .note.GNU-stack,"",@progbits
