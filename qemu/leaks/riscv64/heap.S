// heap.S — a byte of the heap's arena that is not zero at `main`.
    .globl main
main:
    li t0,0x2000123456
    li t1,0x5a
    sb t1,0(t0)
    li t0,0
    li t1,0
    j leak_program
    .section .note.GNU-stack,"",@progbits
