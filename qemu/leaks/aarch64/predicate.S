// predicate.S — an SVE predicate that is not zero at `main`, where the CPU has them.
    .arch_extension sve
    .globl main
main:
    adrp x0,leak_enabled
    ldrb w0,[x0,:lo12:leak_enabled]
    cbz w0,without                  // touches no flags
    ptrue p3.b
without:
    mov x0,xzr
    b leak_program
