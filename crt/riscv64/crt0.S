// crt0.S — process entry, Linux on riscv64.
// In:  sp → argc, argv…, 0, envp…, 0, auxv…, 16-byte aligned; other registers unspecified.
// Out: `main` on the program's own stack; every general and floating-point register and fcsr
//      clear, the vector registers too where they are on; gp = __global_pointer$, tp names the
//      first thread, ra = nova_return.
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
    lla tp,nova_first_thread
    sd tp,0(tp)                     // nova_local: self
    li t0,1
    sw t0,8(tp)                     // and the number; initialisers may use both
    mv a0,sp                        // argument: the initial stack
    call nova_start                 // on the kernel's stack; a0 = top of the program's
    lla t0,__preinit_array_start
    lla t1,__init_array_end         // the two arrays are adjacent: equal when both are empty
    beq t0,t1,clear
    mv s1,sp                        // the kernel's stack again below; kept by the callee
    mv sp,a0
    call nova_initialise
    mv sp,s1
    call nova_renew_stack           // a0 = top of the program's stack
    lla t0,nova_capabilities
    ld t0,0(t0)
    slli t0,t0,63-21                // COMPAT_HWCAP_ISA_V; the vector registers are zero from exec,
    bgez t0,clear                   // unless initialisers used them
    .option push
    .option arch,+v
    csrr t0,vl                      // vl and vtype stay as they are: a program sets both before use
    csrr t1,vtype
    vsetvli t2,zero,e8,m8,ta,ma
    .irp n,0,8,16,24
    vmv.v.i v\n,0
    .endr
    vsetvl zero,t0,t1
    csrw vcsr,zero
    csrw vstart,zero
    .option pop

clear:
    mv sp,a0
    fscsr zero
    .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fmv.d.x f\n,zero
    .endr
    lla tp,nova_first_thread        // anew: an initialiser may have changed it
    .irp n,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    li x\n,0
    .endr
    call main                       // reaches ±2 GiB, and takes no register but ra = nova_return
    .globl nova_return
    .hidden nova_return
nova_return:
    call nova_exit                  // a0, main's result, is the exit status
    ebreak
    .size _start,.-_start

#endif

    .section .note.GNU-stack,"",@progbits
