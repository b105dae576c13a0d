// crt0.S — process entry, Linux on riscv64.
// In:  sp → argc, argv…, 0, envp…, 0, auxv…, 16-byte aligned; other registers unspecified.
// Out: `main` on the program's own stack; every general and floating-point register and fcsr
//      clear; gp = __global_pointer$, ra = nova_return.
// Source: RISC-V psABI, "Integer Calling Convention"; Linux arch/riscv/kernel/process.c (the
//         vector state is off or initial from exec).

#if defined(__riscv) && NOVA_FREESTANDING

    .section .text.nova_entry,"ax",@progbits
    .globl _start
    .type _start,@function
_start:
    .option push
    .option norelax
    lla gp,__global_pointer$        // gp-relative addressing needs gp, not set yet
    .option pop
    mv s0,zero                      // frame pointer 0 ends every backtrace
    mv ra,zero
    mv a0,sp                        // argument: the initial stack
    call nova_start                 // on the kernel's stack; a0 = top of the program's
    mv sp,a0

    lla t0,__preinit_array_start
    lla t1,__init_array_end         // the two arrays are adjacent: equal when both are empty
    beq t0,t1,clear
    call nova_initialise
    mv t0,sp                        // erase what the initialisers left: the smallest stack's size
    li t1,0x10000
    sub t1,sp,t1
erase:
    addi t0,t0,-8
    sd zero,0(t0)
    bgtu t0,t1,erase

clear:
    fscsr zero
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fmv.d.x f\n,zero
    .endr
    lla ra,nova_return              // so that main may return
    .irp n,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    li x\n,0
    .endr
    .option push
    .option norelax
    j main                          // a jump, not `tail`: that would use t1
    .option pop
    .size _start,.-_start

    .text
    .type nova_return,@function
nova_return:
    call nova_exit                  // a0, main's result, is the exit status
    ebreak
    .size nova_return,.-nova_return

#endif

    .section .note.GNU-stack,"",@progbits
