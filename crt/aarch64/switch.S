// switch.S — goes from a stack to another and back, aarch64.
// nova_switch_call  In:  x0 = word for this stack's pointer, x1 = top of the other stack, 16-byte
//                        aligned, x2 = function, x3, x4, x5 = its arguments.
// nova_switch       In:  x0 = word for this stack's pointer, x1 = a pointer that was kept so,
//                        x2 = value.
// Out: x0 = 0 when the function has returned, else the value of the nova_switch that came back.
//      What a called function keeps is kept; the floating-point control is the thread's.
// Source: Arm AAPCS64, 6.1.

#if defined(__aarch64__)

    .macro keep
    sub sp,sp,#160
    stp x19,x20,[sp]
    stp x21,x22,[sp,#16]
    stp x23,x24,[sp,#32]
    stp x25,x26,[sp,#48]
    stp x27,x28,[sp,#64]
    stp x29,x30,[sp,#80]
    stp d8,d9,[sp,#96]
    stp d10,d11,[sp,#112]
    stp d12,d13,[sp,#128]
    stp d14,d15,[sp,#144]
    mov x9,sp
    str x9,[x0]
    .endm

    .macro back
    ldp x19,x20,[sp]
    ldp x21,x22,[sp,#16]
    ldp x23,x24,[sp,#32]
    ldp x25,x26,[sp,#48]
    ldp x27,x28,[sp,#64]
    ldp x29,x30,[sp,#80]
    ldp d8,d9,[sp,#96]
    ldp d10,d11,[sp,#112]
    ldp d12,d13,[sp,#128]
    ldp d14,d15,[sp,#144]
    add sp,sp,#160
    ret
    .endm

    .section .text.nova_switch_call,"ax",@progbits
    .globl nova_switch_call
    .type nova_switch_call,@function
nova_switch_call:
    keep
    mov sp,x1
    mov x19,x0                      // the word, which holds the latest caller's pointer at the end
    mov x9,x2
    mov x0,x3
    mov x1,x4
    mov x2,x5
    mov x29,xzr                     // frame pointer 0 ends every backtrace
    blr x9
    ldr x9,[x19]
    mov sp,x9
    mov x0,xzr
    back
    .size nova_switch_call,.-nova_switch_call

    .section .text.nova_switch,"ax",@progbits
    .globl nova_switch
    .type nova_switch,@function
nova_switch:
    keep
    mov sp,x1
    mov x0,x2
    back
    .size nova_switch,.-nova_switch

#endif

    .section .note.GNU-stack,"",%progbits
