// aarch64.S — fills and stores the registers of aarch64.
// crt_kinds: 1 vectors, 2 SVE with its predicates.

#if defined(__aarch64__)

    .arch_extension sve
    .text
    .globl crt_dirty_registers
    .type crt_dirty_registers,@function
crt_dirty_registers:
    mov x0,#0x5555
    .irp n,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17
    mov x\n,x0
    .endr
    mov x0,#0x400000                // round toward plus infinity
    msr fpcr,x0
    mov x0,#0x1f
    msr fpsr,x0
    msr tpidr_el0,x0
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    movi v\n\().16b,#0x55
    .endr
    adrp x0,nova_capabilities
    ldr x0,[x0,:lo12:nova_capabilities]
    tbz x0,#22,1f
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    dup z\n\().b,#0x55
    .endr
    setffr
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    ptrue p\n\().b
    .endr
1:  ret

    .globl main
    .type main,@function
main:
    stp x0,x1,[sp,#-16]!
    adrp x0,crt_general
    add x0,x0,:lo12:crt_general
    stp x2,x3,[x0,#16]
    stp x4,x5,[x0,#32]
    stp x6,x7,[x0,#48]
    stp x8,x9,[x0,#64]
    stp x10,x11,[x0,#80]
    stp x12,x13,[x0,#96]
    stp x14,x15,[x0,#112]
    stp x16,x17,[x0,#128]
    stp x18,x19,[x0,#144]
    stp x20,x21,[x0,#160]
    stp x22,x23,[x0,#176]
    stp x24,x25,[x0,#192]
    stp x26,x27,[x0,#208]
    stp x28,x29,[x0,#224]
    mrs x1,nzcv
    mrs x2,fpcr
    stp x1,x2,[x0,#240]
    mrs x1,fpsr
    mrs x2,tpidr_el0                // counts as clear when it names the first thread
    adrp x3,nova_first_thread
    add x3,x3,:lo12:nova_first_thread
    sub x2,x2,x3
    stp x1,x2,[x0,#256]
    ldp x1,x2,[sp],#16
    stp x1,x2,[x0]
    adrp x0,crt_vectors
    add x0,x0,:lo12:crt_vectors
    .irp n,0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30
    str q\n,[x0],#16
    .endr
    .irp n,1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31
    str q\n,[x0],#16
    .endr
    mov x3,#1
    adrp x1,nova_capabilities
    ldr x1,[x1,:lo12:nova_capabilities]
    tbz x1,#22,1f
    mov x3,#3
    rdvl x1,#1
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    str z\n,[x0]
    add x0,x0,x1
    .endr
    rdvl x1,#1
    lsr x1,x1,#3
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    str p\n,[x0]
    add x0,x0,x1
    .endr
    rdffr p0.b
    str p0,[x0]
1:  adrp x1,crt_kinds
    str x3,[x1,:lo12:crt_kinds]
    stp x29,x30,[sp,#-16]!
    mov x29,sp
    bl crt_report
    ldp x29,x30,[sp],#16
    ret
#endif

    .section .note.GNU-stack,"",%progbits
