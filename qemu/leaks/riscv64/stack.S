// stack.S — a byte of the stack reservation, far below the first window, that is not zero at
// `main`.
    .globl main
main:
    li t0,0x100000
    sub t0,sp,t0
    li t1,0x5a
    sb t1,0(t0)
    li t0,0
    li t1,0
    j leak_program
    .section .note.GNU-stack,"",@progbits
