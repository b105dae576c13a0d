// riscv64.S — fills and stores the registers of riscv64.
// crt_kinds: 1 floating point, 2 vectors.

#if defined(__riscv) && __riscv_xlen == 64

    .option arch,+v
    .text
    .globl crt_dirty_registers
    .type crt_dirty_registers,@function
crt_dirty_registers:
    li t0,0x5555
    .irp n,4,6,7,10,11,12,13,14,15,16,17,28,29,30,31
    mv x\n,t0
    .endr
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fmv.d.x f\n,t0
    .endr
    li t0,0x61                      // round up, two exceptions
    fscsr t0
    lla t1,nova_capabilities
    ld t1,0(t1)
    slli t1,t1,63-21
    bgez t1,1f
    csrr t2,vl
    csrr t3,vtype
    vsetvli t1,zero,e8,m8,ta,ma
    .irp n,0,8,16,24
    vmv.v.i v\n,5
    .endr
    csrwi vcsr,7
    vsetvl zero,t2,t3
1:  ret

    .globl main
    .type main,@function
main:
    sd t0,-8(sp)
    lla t0,crt_general
    .irp n,4,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd x\n,(\n*8)(t0)
    .endr
    ld t1,-8(sp)
    sd t1,40(t0)
    lla t1,nova_first_thread        // tp counts as clear when it names the first thread
    sub t1,tp,t1
    sd t1,32(t0)
    frcsr t1
    sd t1,0(t0)
    lla t0,crt_vectors
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fsd f\n,(\n*8)(t0)
    .endr
    addi t0,t0,256
    li t2,1
    lla t1,nova_capabilities
    ld t1,0(t1)
    slli t1,t1,63-21
    bgez t1,1f
    li t2,3
    csrr t1,vcsr
    sd t1,0(t0)
    addi t0,t0,64
    csrr t1,vlenb
    slli t1,t1,3
    .irp n,0,8,16,24
    vs8r.v v\n,(t0)
    add t0,t0,t1
    .endr
1:  sd t2,crt_kinds,t1
    tail crt_report
#endif

    .section .note.GNU-stack,"",%progbits
