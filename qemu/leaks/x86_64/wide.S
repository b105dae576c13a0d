// wide.S — a vector register beyond the first 16 that is not zero at `main`, where the CPU has
// them.
    .globl main
main:
    movzbl leak_enabled(%rip),%ecx
    jrcxz without                   // touches no flags
    vpternlogd $0xff,%zmm20,%zmm20,%zmm20
without:
    movl $0,%ecx
    jmp leak_program
    .section .note.GNU-stack,"",@progbits
