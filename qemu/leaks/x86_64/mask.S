// mask.S — an AVX-512 mask register that is not zero at `main`, where the CPU has them.
    .globl main
main:
    movzbl leak_enabled(%rip),%ecx
    jrcxz without                   // touches no flags
    kxnorw %k3,%k3,%k3
without:
    movl $0,%ecx
    jmp leak_program
    .section .note.GNU-stack,"",@progbits
