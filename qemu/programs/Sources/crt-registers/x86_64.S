// x86_64.S — fills and stores the registers of x86_64.
// crt_kinds: the bits of XCR0 (1 x87, 2 SSE, 4 AVX, 0x20 mask, 0x40 upper ZMM, 0x80 high ZMM).

#if defined(__x86_64__)

    .text
    .globl crt_dirty_registers
    .type crt_dirty_registers,@function
crt_dirty_registers:
    call kinds
    movabsq $0x1122334455667788,%rcx
    .irp r,rax,rdx,rsi,rdi,r8,r9,r10,r11
    movq %rcx,%\r
    .endr
    fld1
    fldpi
    movl $0x9fc0,-4(%rsp)
    ldmxcsr -4(%rsp)
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    movq %rcx,%xmm\n
    .endr
    testb $4,crt_kinds(%rip)
    jz 1f
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    vinsertf128 $1,%xmm\n,%ymm\n,%ymm\n
    .endr
1:  testb $0x20,crt_kinds(%rip)
    jz 2f
    .irp n,0,1,2,3,4,5,6,7
    kmovw %ecx,%k\n
    .endr
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    vpternlogd $255,%zmm\n,%zmm\n,%zmm\n
    .endr
2:  ret

// crt_kinds = XCR0 & 0xe7, or 3 without XSAVE.
kinds:
    pushq %rbx
    movl $1,%eax
    xorl %ecx,%ecx
    cpuid
    popq %rbx
    movl $3,%eax
    testl $1<<27,%ecx
    jz 1f
    xorl %ecx,%ecx
    xgetbv
    andl $0xe7,%eax
1:  movl %eax,crt_kinds(%rip)
    ret

    .globl main
    .type main,@function
main:
    movq %rax,crt_general+0(%rip)
    movq %rbx,crt_general+8(%rip)
    movq %rcx,crt_general+16(%rip)
    movq %rdx,crt_general+24(%rip)
    movq %rsi,crt_general+32(%rip)
    movq %rdi,crt_general+40(%rip)
    movq %rbp,crt_general+48(%rip)
    movq %r8,crt_general+56(%rip)
    movq %r9,crt_general+64(%rip)
    movq %r10,crt_general+72(%rip)
    movq %r11,crt_general+80(%rip)
    movq %r12,crt_general+88(%rip)
    movq %r13,crt_general+96(%rip)
    movq %r14,crt_general+104(%rip)
    movq %r15,crt_general+112(%rip)
    pushfq
    popq %rax
    andl $~0x202,%eax               // interrupts on, and the bit that is always 1
    movq %rax,crt_general+120(%rip)
    call kinds
    cmpl $3,%eax
    je 1f
    xorl %edx,%edx
    xsave64 crt_vectors(%rip)
    jmp 2f
1:  fxsave64 crt_vectors(%rip)
2:  movzwl crt_vectors(%rip),%eax   // FCW, by contract 0x37f
    shlq $32,%rax
    movl crt_vectors+24(%rip),%ecx  // MXCSR, by contract 0x1f80
    orq %rcx,%rax
    movq %rax,crt_control(%rip)
    movw $0,crt_vectors(%rip)
    movq $0,crt_vectors+24(%rip)    // and its mask of supported bits
    .irp n,512,520,528,536,544,552,560,568
    movq $0,crt_vectors+\n(%rip)    // XSAVE's header
    .endr
    pushq %rax
    call crt_report
    popq %rcx
    ret
#endif

    .section .note.GNU-stack,"",%progbits
