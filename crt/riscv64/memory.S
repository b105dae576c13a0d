// memory.S — memcpy, memmove, memset, memcmp and bcmp on riscv64.
// In:  RISC-V calling convention, integers.
// Out: a0. Clobbers a1–a7 and t0–t6. No stack.
// Every access is naturally aligned, because others may trap into an emulation. Where source and
// destination differ modulo 8, words are put together from the two aligned words that hold them;
// no word is read that holds no byte of the range. Loads precede the stores that could overwrite
// what they read, so memcpy is memmove.
// Source: RISC-V psABI, "Integer Calling Convention"; unprivileged specification, 2.6.

#if defined(__riscv) && NOVA_FREESTANDING

// Below this, single bytes.
#define WORDS_BYTE_COUNT 16

    .section .text.memcpy,"ax",@progbits
    .p2align 2
    .globl memcpy, memmove
    .type memcpy,@function
    .type memmove,@function
memcpy:
memmove:
    sub t0,a0,a1
    mv t6,a0                        // destination; a0 stays the result
    li t2,8
    bltu t0,a2,.Lcopy_down          // the destination's start lies in the source
    li t0,WORDS_BYTE_COUNT
    bltu a2,t0,.Lcopy_bytes
    j 2f
1:  lbu t0,0(a1)                    // up to an aligned destination
    addi a1,a1,1
    sb t0,0(t6)
    addi t6,t6,1
    addi a2,a2,-1
2:  andi t0,t6,7
    bnez t0,1b
    andi t0,a1,7
    bnez t0,.Lcopy_merged
    li t1,64
    bltu a2,t1,2f
1:  ld t0,0(a1)
    ld t3,8(a1)
    ld t4,16(a1)
    ld t5,24(a1)
    ld a3,32(a1)
    ld a4,40(a1)
    ld a5,48(a1)
    ld a6,56(a1)
    sd t0,0(t6)
    sd t3,8(t6)
    sd t4,16(t6)
    sd t5,24(t6)
    sd a3,32(t6)
    sd a4,40(t6)
    sd a5,48(t6)
    sd a6,56(t6)
    addi a1,a1,64
    addi t6,t6,64
    addi a2,a2,-64
    bgeu a2,t1,1b
2:  bltu a2,t2,.Lcopy_bytes
3:  ld t0,0(a1)
    addi a1,a1,8
    sd t0,0(t6)
    addi t6,t6,8
    addi a2,a2,-8
    bgeu a2,t2,3b
.Lcopy_bytes:
    add a2,a2,t6                    // the destination's end
    bgeu t6,a2,2f
1:  lbu t0,0(a1)
    addi a1,a1,1
    sb t0,0(t6)
    addi t6,t6,1
    bltu t6,a2,1b
2:  ret

.Lcopy_merged:
    slli t3,t0,3                    // bits of the lower word in front of the source
    neg t4,t3                       // shifts count modulo 64
    sub a3,a1,t0
    ld t0,0(a3)
1:  ld t1,8(a3)
    srl t0,t0,t3
    sll t5,t1,t4
    or t0,t0,t5
    sd t0,0(t6)
    mv t0,t1
    addi a3,a3,8
    addi t6,t6,8
    addi a1,a1,8
    addi a2,a2,-8
    bgeu a2,t2,1b
    j .Lcopy_bytes

.Lcopy_down:
    add t6,t6,a2                    // from the ends; a0 < t6 holds the count
    add a1,a1,a2
    li t0,WORDS_BYTE_COUNT
    bltu a2,t0,.Lcopy_bytes_down
    j 2f
1:  addi a1,a1,-1
    lbu t0,0(a1)
    addi t6,t6,-1
    sb t0,0(t6)
    addi a2,a2,-1
2:  andi t0,t6,7
    bnez t0,1b
    andi t0,a1,7
    bnez t0,.Lcopy_merged_down
    li t1,32
    bltu a2,t1,2f
1:  ld t0,-8(a1)
    ld t3,-16(a1)
    ld t4,-24(a1)
    ld t5,-32(a1)
    sd t0,-8(t6)
    sd t3,-16(t6)
    sd t4,-24(t6)
    sd t5,-32(t6)
    addi a1,a1,-32
    addi t6,t6,-32
    addi a2,a2,-32
    bgeu a2,t1,1b
    bltu a2,t2,.Lcopy_bytes_down
2:  ld t0,-8(a1)
    addi a1,a1,-8
    sd t0,-8(t6)
    addi t6,t6,-8
    addi a2,a2,-8
    bgeu a2,t2,2b
.Lcopy_bytes_down:
    bgeu a0,t6,2f
1:  addi a1,a1,-1
    lbu t0,0(a1)
    addi t6,t6,-1
    sb t0,0(t6)
    bltu a0,t6,1b
2:  ret

.Lcopy_merged_down:
    slli t3,t0,3
    neg t4,t3
    sub a3,a1,t0
    ld t1,0(a3)                     // holds the byte below a1
1:  ld t0,-8(a3)
    sll t1,t1,t4
    srl t5,t0,t3
    or t1,t1,t5
    sd t1,-8(t6)
    mv t1,t0
    addi a3,a3,-8
    addi t6,t6,-8
    addi a1,a1,-8
    addi a2,a2,-8
    bgeu a2,t2,1b
    j .Lcopy_bytes_down
    .size memcpy,.-memcpy
    .size memmove,.-memmove

    .section .text.memset,"ax",@progbits
    .p2align 2
    .globl memset
    .type memset,@function
memset:
    mv t6,a0
    add a3,a0,a2                    // the end
    li t0,WORDS_BYTE_COUNT
    bltu a2,t0,3f
    andi a1,a1,255
    slli t0,a1,8
    or a1,a1,t0
    slli t0,a1,16
    or a1,a1,t0
    slli t0,a1,32
    or a1,a1,t0                     // the byte, eight times
    j 2f
1:  sb a1,0(t6)
    addi t6,t6,1
2:  andi t0,t6,7
    bnez t0,1b
    andi t1,a3,-8                   // the last aligned address; at least 8 bytes lie below it
    addi t2,t1,-64
    bltu t2,t6,2f
1:  sd a1,0(t6)
    sd a1,8(t6)
    sd a1,16(t6)
    sd a1,24(t6)
    sd a1,32(t6)
    sd a1,40(t6)
    sd a1,48(t6)
    sd a1,56(t6)
    addi t6,t6,64
    bgeu t2,t6,1b
    bgeu t6,t1,3f
2:  sd a1,0(t6)
    addi t6,t6,8
    bltu t6,t1,2b
3:  bgeu t6,a3,5f
4:  sb a1,0(t6)
    addi t6,t6,1
    bltu t6,a3,4b
5:  ret
    .size memset,.-memset

    .section .text.memcmp,"ax",@progbits
    .p2align 2
    .globl memcmp, bcmp
    .type memcmp,@function
    .type bcmp,@function
memcmp:
bcmp:
    li t0,WORDS_BYTE_COUNT
    bltu a2,t0,.Lcompare_bytes
    li t2,8
    j 2f
1:  lbu t0,0(a0)                    // up to an aligned left side
    lbu t1,0(a1)
    bne t0,t1,.Lcompare_differ
    addi a0,a0,1
    addi a1,a1,1
    addi a2,a2,-1
2:  andi t0,a0,7
    bnez t0,1b
    andi t0,a1,7
    bnez t0,.Lcompare_merged
1:  ld t0,0(a0)
    ld t1,0(a1)
    bne t0,t1,.Lcompare_bytes       // finds it among these eight
    addi a0,a0,8
    addi a1,a1,8
    addi a2,a2,-8
    bgeu a2,t2,1b
.Lcompare_bytes:
    add a2,a2,a0                    // the left side's end
    bgeu a0,a2,2f
1:  lbu t0,0(a0)
    lbu t1,0(a1)
    bne t0,t1,.Lcompare_differ
    addi a0,a0,1
    addi a1,a1,1
    bltu a0,a2,1b
2:  li a0,0
    ret
.Lcompare_differ:
    sub a0,t0,t1
    ret
.Lcompare_merged:
    slli t3,t0,3
    neg t4,t3
    sub a3,a1,t0
    ld t0,0(a3)
1:  ld t1,8(a3)
    ld t5,0(a0)
    srl t0,t0,t3
    sll t6,t1,t4
    or t0,t0,t6
    bne t0,t5,.Lcompare_bytes
    mv t0,t1
    addi a0,a0,8
    addi a1,a1,8
    addi a3,a3,8
    addi a2,a2,-8
    bgeu a2,t2,1b
    j .Lcompare_bytes
    .size memcmp,.-memcmp
    .size bcmp,.-bcmp

#endif

    .section .note.GNU-stack,"",@progbits
