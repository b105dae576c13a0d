// vector.S — a vector register that is not zero at `main`.
    .globl main
main:
    movi v7.16b,#0x5a
    b leak_program
