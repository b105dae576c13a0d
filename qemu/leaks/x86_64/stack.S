// stack.S — a byte of the stack reservation, far below the first window, that is not zero at
// `main`.
    .globl main
main:
    movb $0x5a,-0x100000(%rsp)
    jmp leak_program
    .section .note.GNU-stack,"",@progbits
