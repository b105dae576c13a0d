// heap.S — a byte of the heap's arena that is not zero at `main`.
    .globl main
main:
    movabsq $0x2000123456,%rax
    movb $0x5a,(%rax)
    movl $0,%eax                    // mov, not xor: the flags stay clear
    jmp leak_program
    .section .note.GNU-stack,"",@progbits
