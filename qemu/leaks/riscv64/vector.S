// vector.S — a vector register that is not zero at `main`, where the CPU has them.
    .option arch,+v
    .globl main
main:
    lla t0,leak_enabled
    lbu t0,0(t0)
    beqz t0,without
    vsetivli zero,16,e8,m1,ta,ma
    vmv.v.i v7,5
    li t0,-1
    slli t0,t0,63                   // vill: no vector type, as at the start
    vsetvl zero,zero,t0
without:
    li t0,0
    j leak_program
    .section .note.GNU-stack,"",@progbits
