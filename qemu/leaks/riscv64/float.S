// float.S — a floating-point register that is not zero at `main`.
    .globl main
main:
    li t0,0x5a
    fmv.d.x f7,t0
    li t0,0
    j leak_program
    .section .note.GNU-stack,"",@progbits
