// stack.S — a byte of the stack reservation, far below the first window, that is not zero at
// `main`.
    .globl main
main:
    sub x0,sp,#0x100,lsl #12
    mov w1,#0x5a
    strb w1,[x0]
    mov x0,xzr
    mov x1,xzr
    b leak_program
