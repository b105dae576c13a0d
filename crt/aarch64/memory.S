// memory.S — memcpy, memmove, memset, memcmp and bcmp on aarch64.
// In:  AAPCS64 calling convention.
// Out: x0. Clobbers x1–x8, flags, v0–v7 and v16–v19. No stack.
// Every load precedes each store that could overwrite what it reads, so memcpy is memmove. `dc zva`
// is not used: its block size differs between CPUs, and the path must not.
// Source: Arm AAPCS64, 6.1.

#if defined(__aarch64__) && NOVA_FREESTANDING

    .section .text.memcpy,"ax",@progbits
    .p2align 4
    .globl memcpy, memmove
    .type memcpy,@function
    .type memmove,@function
memcpy:
memmove:
    add x4,x1,x2                    // end of the source
    add x5,x0,x2                    // end of the destination
    cmp x2,#16
    b.lo .Lcopy_under_16
    ldr q0,[x1]
    ldur q1,[x4,#-16]
    cmp x2,#32
    b.hi .Lcopy_over_32
    str q0,[x0]
    stur q1,[x5,#-16]
    ret
.Lcopy_over_32:
    ldr q2,[x1,#16]
    ldur q3,[x4,#-32]
    cmp x2,#64
    b.hi .Lcopy_over_64
    stp q0,q2,[x0]
    stp q3,q1,[x5,#-32]
    ret
.Lcopy_over_64:
    ldp q4,q5,[x1,#32]
    ldp q6,q7,[x4,#-64]
    cmp x2,#128
    b.hi .Lcopy_over_128
.Lcopy_ends:
    stp q0,q2,[x0]
    stp q4,q5,[x0,#32]
    stp q6,q7,[x5,#-64]
    stp q3,q1,[x5,#-32]
.Lcopy_done:
    ret

.Lcopy_over_128:
    sub x6,x0,x1
    cbz x6,.Lcopy_done
    cmp x6,x2                       // the destination's start lies in the source
    b.lo .Lcopy_down
    add x6,x0,#16
    and x6,x6,#-16
    sub x7,x6,x0
    add x1,x1,x7
    sub x8,x5,#64                   // the last 64 bytes are in registers
1:  ldp q16,q17,[x1]
    ldp q18,q19,[x1,#32]
    add x1,x1,#64
    stp q16,q17,[x6]
    stp q18,q19,[x6,#32]
    add x6,x6,#64
    cmp x6,x8
    b.lo 1b
    str q0,[x0]
    stp q6,q7,[x5,#-64]
    stp q3,q1,[x5,#-32]
    ret

.Lcopy_down:
    sub x6,x5,#1
    and x6,x6,#-16                  // the last aligned address below the destination's end
    sub x7,x5,x6
    sub x4,x4,x7
    add x8,x0,#64                   // the first 64 bytes are in registers
1:  ldp q16,q17,[x4,#-32]
    ldp q18,q19,[x4,#-64]
    sub x4,x4,#64
    stp q16,q17,[x6,#-32]
    stp q18,q19,[x6,#-64]
    sub x6,x6,#64
    cmp x6,x8
    b.hi 1b
    b .Lcopy_ends

.Lcopy_under_16:
    tbnz x2,#3,8f
    tbnz x2,#2,4f
    cbz x2,1f
    lsr x6,x2,#1                    // one to three bytes: first, middle and last
    ldrb w3,[x1]
    ldrb w7,[x1,x6]
    ldurb w8,[x4,#-1]
    strb w3,[x0]
    strb w7,[x0,x6]
    sturb w8,[x5,#-1]
1:  ret
4:  ldr w3,[x1]
    ldur w7,[x4,#-4]
    str w3,[x0]
    stur w7,[x5,#-4]
    ret
8:  ldr x3,[x1]
    ldur x7,[x4,#-8]
    str x3,[x0]
    stur x7,[x5,#-8]
    ret
    .size memcpy,.-memcpy
    .size memmove,.-memmove

    .section .text.memset,"ax",@progbits
    .p2align 4
    .globl memset
    .type memset,@function
memset:
    dup v0.16b,w1
    add x5,x0,x2                    // the end
    cmp x2,#16
    b.lo .Lfill_under_16
    cmp x2,#64
    b.hs .Lfill_from_64
    and x3,x2,#32                   // 16 to 63 bytes, two from each end; they may coincide
    lsr x3,x3,#1                    // 16 where there are at least 32 bytes, else 0
    str q0,[x0]
    str q0,[x0,x3]
    sub x4,x5,#16
    str q0,[x4]
    sub x4,x4,x3
    str q0,[x4]
    ret
.Lfill_from_64:
    str q0,[x0]
    add x3,x0,#16
    and x3,x3,#-16
    sub x5,x5,#64
    b 2f
1:  stp q0,q0,[x3]
    stp q0,q0,[x3,#32]
    add x3,x3,#64
2:  cmp x3,x5
    b.lo 1b
    stp q0,q0,[x5]
    stp q0,q0,[x5,#32]
    ret
.Lfill_under_16:
    tbnz x2,#3,8f
    tbnz x2,#2,4f
    cbz x2,1f
    lsr x3,x2,#1                    // one to three bytes: first, middle and last
    strb w1,[x0]
    strb w1,[x0,x3]
    sturb w1,[x5,#-1]
1:  ret
4:  str s0,[x0]
    stur s0,[x5,#-4]
    ret
8:  str d0,[x0]
    stur d0,[x5,#-8]
    ret
    .size memset,.-memset

    .section .text.memcmp,"ax",@progbits
    .p2align 4
    .globl memcmp, bcmp
    .type memcmp,@function
    .type bcmp,@function
memcmp:
bcmp:
    subs x2,x2,#16
    b.lo .Lcompare_under_16
    cbz x2,2f
1:  ldp x3,x5,[x0]
    ldp x4,x6,[x1]
    cmp x3,x4
    ccmp x5,x6,#0,eq
    b.ne .Lcompare_differ
    add x0,x0,#16
    add x1,x1,#16
    subs x2,x2,#16
    b.hi 1b
2:  add x0,x0,x2                    // the last 16 bytes, some of them a second time
    add x1,x1,x2
    ldp x3,x5,[x0]
    ldp x4,x6,[x1]
.Lcompare_differ:
    cmp x3,x4
    csel x3,x3,x5,ne                // the first pair of words that differs, else the second pair
    csel x4,x4,x6,ne
.Lcompare_words:
    rev x3,x3                       // the first byte becomes the most significant
    rev x4,x4
    cmp x3,x4
    cset w0,hi
    cinv w0,w0,lo                   // 1, 0 or, where lower, not 0 = -1
    ret
.Lcompare_under_16:
    add x2,x2,#16
    tbz x2,#3,3f
    ldr x3,[x0]
    ldr x4,[x1]
    cmp x3,x4
    b.ne .Lcompare_words
    sub x2,x2,#8                    // the last eight bytes
    ldr x3,[x0,x2]
    ldr x4,[x1,x2]
    b .Lcompare_words
3:  cbz x2,5f
4:  ldrb w3,[x0],#1
    ldrb w4,[x1],#1
    subs w3,w3,w4
    b.ne 6f
    subs x2,x2,#1
    b.ne 4b
5:  mov w0,#0
    ret
6:  mov w0,w3
    ret
    .size memcmp,.-memcmp
    .size bcmp,.-bcmp

#endif

    .section .note.GNU-stack,"",@progbits
