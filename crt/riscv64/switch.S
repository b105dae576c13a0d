// switch.S — goes from a stack to another and back, riscv64.
// nova_switch_call  In:  a0 = word for this stack's pointer, a1 = top of the other stack, 16-byte
//                        aligned, a2 = function, a3, a4, a5 = its arguments.
// nova_switch       In:  a0 = word for this stack's pointer, a1 = a pointer that was kept so,
//                        a2 = value.
// Out: a0 = 0 when the function has returned, else the value of the nova_switch that came back.
//      What a called function keeps is kept, as is what it would keep where floats are passed in
//      registers; the floating-point control is the thread's.
// Source: RISC-V psABI, "Integer Calling Convention", "Hardware Floating-point Calling Convention".

#if defined(__riscv)

    .macro keep
    addi sp,sp,-208
    sd ra,0(sp)
    sd s0,8(sp)
    sd s1,16(sp)
    sd s2,24(sp)
    sd s3,32(sp)
    sd s4,40(sp)
    sd s5,48(sp)
    sd s6,56(sp)
    sd s7,64(sp)
    sd s8,72(sp)
    sd s9,80(sp)
    sd s10,88(sp)
    sd s11,96(sp)
    fsd fs0,104(sp)
    fsd fs1,112(sp)
    fsd fs2,120(sp)
    fsd fs3,128(sp)
    fsd fs4,136(sp)
    fsd fs5,144(sp)
    fsd fs6,152(sp)
    fsd fs7,160(sp)
    fsd fs8,168(sp)
    fsd fs9,176(sp)
    fsd fs10,184(sp)
    fsd fs11,192(sp)
    sd sp,0(a0)
    .endm

    .macro back
    ld ra,0(sp)
    ld s0,8(sp)
    ld s1,16(sp)
    ld s2,24(sp)
    ld s3,32(sp)
    ld s4,40(sp)
    ld s5,48(sp)
    ld s6,56(sp)
    ld s7,64(sp)
    ld s8,72(sp)
    ld s9,80(sp)
    ld s10,88(sp)
    ld s11,96(sp)
    fld fs0,104(sp)
    fld fs1,112(sp)
    fld fs2,120(sp)
    fld fs3,128(sp)
    fld fs4,136(sp)
    fld fs5,144(sp)
    fld fs6,152(sp)
    fld fs7,160(sp)
    fld fs8,168(sp)
    fld fs9,176(sp)
    fld fs10,184(sp)
    fld fs11,192(sp)
    addi sp,sp,208
    ret
    .endm

    .section .text.nova_switch_call,"ax",@progbits
    .globl nova_switch_call
    .type nova_switch_call,@function
nova_switch_call:
    keep
    mv sp,a1
    mv s1,a0                        // the word, which holds the latest caller's pointer at the end
    mv t1,a2
    mv a0,a3
    mv a1,a4
    mv a2,a5
    mv s0,zero                      // frame pointer 0 ends every backtrace
    jalr t1
    ld sp,0(s1)
    mv a0,zero
    back
    .size nova_switch_call,.-nova_switch_call

    .section .text.nova_switch,"ax",@progbits
    .globl nova_switch
    .type nova_switch,@function
nova_switch:
    keep
    mv sp,a1
    mv a0,a2
    back
    .size nova_switch,.-nova_switch

#endif

    .section .note.GNU-stack,"",@progbits
