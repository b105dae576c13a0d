// register.S — a general register that is not zero at `main`.
    .globl main
main:
    li s5,0x5a
    j leak_program
    .section .note.GNU-stack,"",@progbits
