// register.S — a general register that is not zero at `main`.
    .globl main
main:
    movl $0x5a,%r12d
    jmp leak_program
    .section .note.GNU-stack,"",@progbits
