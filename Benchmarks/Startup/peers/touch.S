// touch.S — the floor of the default policy: bare.S and 16 pages, mapped and touched; x86_64.
// In: whatever the kernel leaves. Out: the process ends.
    .globl _start
_start:
    movl $9,%eax                    // mmap
    xorl %edi,%edi                  // anywhere
    movl $0x10000,%esi              // 64 KiB, as start-up zeroes
    movl $3,%edx                    // readable, writable
    movl $0x4022,%r10d              // private, anonymous, no reserve
    movl $-1,%r8d
    xorl %r9d,%r9d
    syscall
    leaq 0x10000(%rax),%rcx
next:
    movq $0,(%rax)                  // the first write to a page commits it
    addq $0x1000,%rax
    cmpq %rcx,%rax
    jb next
    movl $231,%eax                  // exit_group
    xorl %edi,%edi
    syscall
    .section .note.GNU-stack,"",@progbits
