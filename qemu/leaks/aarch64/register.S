// register.S — a general register that is not zero at `main`.
    .globl main
main:
    mov x21,#0x5a
    b leak_program
