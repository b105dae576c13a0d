// heap.S — a byte of the heap's arena that is not zero at `main`.
    .globl main
main:
    ldr x0,=0x2000123456
    mov w1,#0x5a
    strb w1,[x0]
    mov x0,xzr
    mov x1,xzr
    b leak_program
