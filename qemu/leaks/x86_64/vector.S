// vector.S — a vector register that is not zero at `main`.
    .globl main
main:
    pcmpeqd %xmm7,%xmm7
    jmp leak_program
    .section .note.GNU-stack,"",@progbits
