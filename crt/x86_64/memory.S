// memory.S — memcpy, memmove, memset, memcmp and bcmp on x86_64.
// In:  System V calling convention, direction flag clear; nova_cpu_level (arch.h).
// Out: rax. Clobbers rcx, rdx, rsi, rdi, r8, flags and xmm0–7; at level 1 also zmm16–23 and k0:
//      vector registers above 15 need no vzeroupper. No stack.
// Every load precedes each store that could overwrite what it reads, so memcpy is memmove.
// Source: Intel Optimization Reference Manual, 3.7.6 (enhanced rep movsb and stosb).

#if defined(__x86_64__) && NOVA_FREESTANDING

// Where a string instruction, whose start-up costs about 50 cycles, overtakes a loop over 16 bytes.
#define COPY_STRING_BYTE_COUNT 2048
#define FILL_STRING_BYTE_COUNT 1792
// The same for a loop over 64 bytes, which string instructions overtake outside the nearest cache.
#define COPY_STRING_BYTE_COUNT_WIDE (24 << 10)
#define FILL_STRING_BYTE_COUNT_WIDE (768 << 10)
// Nearer than this, `rep movsb` moves single bytes.
#define COPY_STRING_DISTANCE 64

    .section .text.memcpy,"ax",@progbits
    .p2align 6
    .globl memcpy, memmove
    .type memcpy,@function
    .type memmove,@function
memcpy:
memmove:
    movq %rdi,%rax
    cmpq $16,%rdx
    jb .Lcopy_under_16
    movups (%rsi),%xmm0
    movups -16(%rsi,%rdx),%xmm1
    cmpq $32,%rdx
    ja .Lcopy_over_32
    movups %xmm0,(%rdi)
    movups %xmm1,-16(%rdi,%rdx)
    ret
.Lcopy_over_32:
    movups 16(%rsi),%xmm2
    movups -32(%rsi,%rdx),%xmm3
    cmpq $64,%rdx
    ja .Lcopy_over_64
    movups %xmm0,(%rdi)
    movups %xmm2,16(%rdi)
.Lcopy_last_32:
    movups %xmm3,-32(%rdi,%rdx)
    movups %xmm1,-16(%rdi,%rdx)
    ret
.Lcopy_over_64:
    cmpl $0,nova_cpu_level(%rip)
    jne .Lcopy_wide
    movups 32(%rsi),%xmm4
    movups 48(%rsi),%xmm5
    cmpq $128,%rdx
    ja .Lcopy_over_128
    movups -64(%rsi,%rdx),%xmm6
    movups -48(%rsi,%rdx),%xmm7
    movups %xmm0,(%rdi)
    movups %xmm2,16(%rdi)
    movups %xmm4,32(%rdi)
    movups %xmm5,48(%rdi)
.Lcopy_last_64:
    movups %xmm6,-64(%rdi,%rdx)
    movups %xmm7,-48(%rdi,%rdx)
    jmp .Lcopy_last_32

.Lcopy_over_128:
    movq %rdi,%rcx
    subq %rsi,%rcx
    je .Lcopy_done
    cmpq %rdx,%rcx                  // the destination's start lies in the source
    jb .Lcopy_down
    cmpq $COPY_STRING_BYTE_COUNT,%rdx
    jb .Lcopy_up
    cmpq $-COPY_STRING_DISTANCE,%rcx
    jbe .Lcopy_string
.Lcopy_up:
    movups -64(%rsi,%rdx),%xmm6
    movups -48(%rsi,%rdx),%xmm7
    addq %rdi,%rdx                  // end of the destination
    subq %rdi,%rsi                  // source = destination + rsi
    leaq 16(%rdi),%rcx
    andq $-16,%rcx
1:  movups (%rcx,%rsi),%xmm2        // in turns: a quarter faster than four loads, four stores
    movaps %xmm2,(%rcx)
    movups 16(%rcx,%rsi),%xmm4
    movaps %xmm4,16(%rcx)
    movups 32(%rcx,%rsi),%xmm5
    movaps %xmm5,32(%rcx)
    movups 48(%rcx,%rsi),%xmm2
    movaps %xmm2,48(%rcx)
    addq $64,%rcx
    leaq 64(%rcx),%r8
    cmpq %rdx,%r8
    jb 1b
    movups %xmm0,(%rdi)
    xorl %edi,%edi                  // -64(rdi,rdx) counts from the end
    jmp .Lcopy_last_64

.Lcopy_down:
    leaq -1(%rdi,%rdx),%rcx
    andq $-16,%rcx                  // the last aligned address below the destination's end
    subq %rdi,%rsi
1:  movups -16(%rcx,%rsi),%xmm3
    movaps %xmm3,-16(%rcx)
    movups -32(%rcx,%rsi),%xmm6
    movaps %xmm6,-32(%rcx)
    movups -48(%rcx,%rsi),%xmm7
    movaps %xmm7,-48(%rcx)
    movups -64(%rcx,%rsi),%xmm3
    movaps %xmm3,-64(%rcx)
    subq $64,%rcx
    leaq -64(%rcx),%r8
    cmpq %rdi,%r8
    ja 1b
    movups %xmm0,(%rdi)
    movups %xmm2,16(%rdi)
    movups %xmm4,32(%rdi)
    movups %xmm5,48(%rdi)
    movups %xmm1,-16(%rdi,%rdx)
.Lcopy_done:
    ret

.Lcopy_string:
    movups %xmm0,(%rdi)             // the first 64 bytes, then from an aligned destination
    movups %xmm2,16(%rdi)
    movups %xmm4,32(%rdi)
    movups %xmm5,48(%rdi)
.Lcopy_string_aligned:
    leaq (%rdi,%rdx),%rcx
    subq %rdi,%rsi
    addq $64,%rdi
    andq $-64,%rdi
    addq %rdi,%rsi
    subq %rdi,%rcx
    rep movsb
    ret

.Lcopy_wide:
    vmovdqu64 (%rsi),%zmm16
    vmovdqu64 -64(%rsi,%rdx),%zmm17
    cmpq $128,%rdx
    jbe .Lcopy_wide_ends
    vmovdqu64 64(%rsi),%zmm18
    vmovdqu64 -128(%rsi,%rdx),%zmm19
    cmpq $256,%rdx
    ja .Lcopy_wide_over_256
.Lcopy_wide_256:
    vmovdqu64 %zmm18,64(%rdi)
    vmovdqu64 %zmm19,-128(%rdi,%rdx)
.Lcopy_wide_ends:
    vmovdqu64 %zmm16,(%rdi)
    vmovdqu64 %zmm17,-64(%rdi,%rdx)
    ret
.Lcopy_wide_over_256:
    cmpq $512,%rdx
    ja .Lcopy_wide_over_512
    vmovdqu64 128(%rsi),%zmm20
    vmovdqu64 192(%rsi),%zmm21
    vmovdqu64 -256(%rsi,%rdx),%zmm22
    vmovdqu64 -192(%rsi,%rdx),%zmm23
    vmovdqu64 %zmm20,128(%rdi)
    vmovdqu64 %zmm21,192(%rdi)
    vmovdqu64 %zmm22,-256(%rdi,%rdx)
    vmovdqu64 %zmm23,-192(%rdi,%rdx)
    jmp .Lcopy_wide_256
.Lcopy_wide_over_512:
    movq %rdi,%rcx
    subq %rsi,%rcx
    je .Lcopy_done
    leaq (%rdi,%rdx),%r8            // end of the destination
    cmpq %rdx,%rcx
    jb .Lcopy_wide_down
    cmpq $COPY_STRING_BYTE_COUNT_WIDE,%rdx
    jae .Lcopy_wide_string
.Lcopy_wide_up:
    subq %rdi,%rsi
    leaq 64(%rdi),%rcx
    andq $-64,%rcx
    addq $-128,%r8
1:  vmovdqu64 (%rcx,%rsi),%zmm18
    vmovdqu64 64(%rcx,%rsi),%zmm20
    vmovdqa64 %zmm18,(%rcx)
    vmovdqa64 %zmm20,64(%rcx)
    subq $-128,%rcx                 // shorter than an addition of 128
    cmpq %r8,%rcx
    jb 1b
    vmovdqu64 %zmm19,(%r8)
    jmp .Lcopy_wide_ends
.Lcopy_wide_down:
    subq %rdi,%rsi
    leaq -1(%r8),%rcx
    andq $-64,%rcx
    leaq 128(%rdi),%r8
1:  vmovdqu64 -64(%rcx,%rsi),%zmm19
    vmovdqu64 -128(%rcx,%rsi),%zmm20
    vmovdqa64 %zmm19,-64(%rcx)
    vmovdqa64 %zmm20,-128(%rcx)
    addq $-128,%rcx
    cmpq %r8,%rcx
    ja 1b
    vmovdqu64 %zmm18,64(%rdi)
    jmp .Lcopy_wide_ends
.Lcopy_wide_string:
    cmpq $-COPY_STRING_DISTANCE,%rcx
    ja .Lcopy_wide_up
    vmovdqu64 %zmm16,(%rdi)
    jmp .Lcopy_string_aligned

.Lcopy_under_16:
    cmpl $8,%edx
    jae 8f
    cmpl $4,%edx
    jae 4f
    testl %edx,%edx
    je 1f
    movzbl (%rsi),%ecx              // one to three bytes: first, middle and last
    movzbl -1(%rsi,%rdx),%r8d
    shrl %edx
    movzbl (%rsi,%rdx),%esi
    movb %sil,(%rdi,%rdx)
    movb %cl,(%rdi)
    adcl %edx,%edx                  // the count again: shr left its lowest bit in the carry
    movb %r8b,-1(%rdi,%rdx)
1:  ret
4:  movl (%rsi),%ecx
    movl -4(%rsi,%rdx),%esi
    movl %ecx,(%rdi)
    movl %esi,-4(%rdi,%rdx)
    ret
8:  movq (%rsi),%rcx
    movq -8(%rsi,%rdx),%rsi
    movq %rcx,(%rdi)
    movq %rsi,-8(%rdi,%rdx)
    ret
    .size memcpy,.-memcpy
    .size memmove,.-memmove

    .section .text.memset,"ax",@progbits
    .p2align 6
    .globl memset
    .type memset,@function
memset:
    movq %rdi,%rax
    movzbl %sil,%esi
    movabsq $0x0101010101010101,%rcx
    imulq %rcx,%rsi                 // the byte, eight times
    cmpq $16,%rdx
    jb .Lfill_under_16
    movq %rsi,%xmm0
    punpcklqdq %xmm0,%xmm0
    cmpq $64,%rdx
    jae .Lfill_from_64
    leaq -16(%rdi,%rdx),%rcx        // 16 to 63 bytes, two from each end; they may coincide
    andl $32,%edx
    shrl %edx                       // 16 where there are at least 32 bytes, else 0
    movups %xmm0,(%rdi)
    movups %xmm0,(%rdi,%rdx)
    movups %xmm0,(%rcx)
    negq %rdx
    movups %xmm0,(%rcx,%rdx)
    ret
.Lfill_from_64:
    leaq (%rdi,%rdx),%rcx           // the end
    cmpl $0,nova_cpu_level(%rip)
    jne .Lfill_wide
    cmpq $FILL_STRING_BYTE_COUNT,%rdx
    jae .Lfill_string
    movups %xmm0,(%rdi)
    addq $-64,%rcx
    addq $16,%rdi
    andq $-16,%rdi
    jmp 2f
1:  movaps %xmm0,(%rdi)
    movaps %xmm0,16(%rdi)
    movaps %xmm0,32(%rdi)
    movaps %xmm0,48(%rdi)
    addq $64,%rdi
2:  cmpq %rcx,%rdi
    jb 1b
    movups %xmm0,(%rcx)
    movups %xmm0,16(%rcx)
    movups %xmm0,32(%rcx)
    movups %xmm0,48(%rcx)
    ret
.Lfill_string:
    movups %xmm0,(%rdi)
    movups %xmm0,16(%rdi)           // the first 64 bytes, then from an aligned address
    movups %xmm0,32(%rdi)
    movups %xmm0,48(%rdi)
    addq $64,%rdi
    andq $-64,%rdi
    subq %rdi,%rcx
    movq %rax,%r8
    movl %esi,%eax
    rep stosb
    movq %r8,%rax
    ret
.Lfill_wide:
    vpbroadcastq %rsi,%zmm16
    cmpq $FILL_STRING_BYTE_COUNT_WIDE,%rdx
    jae .Lfill_string
    vmovdqu64 %zmm16,(%rdi)
    vmovdqu64 %zmm16,-64(%rcx)
    addq $-128,%rcx
    cmpq %rdi,%rcx
    jbe 3f                          // at most 128 bytes
    vmovdqu64 %zmm16,(%rcx)
    addq $64,%rdi
    andq $-64,%rdi
    jmp 2f
1:  vmovdqa64 %zmm16,(%rdi)
    vmovdqa64 %zmm16,64(%rdi)
    subq $-128,%rdi                 // shorter than an addition of 128
2:  cmpq %rcx,%rdi
    jb 1b
3:  ret
.Lfill_under_16:
    leaq (%rdi,%rdx),%rcx
    cmpl $8,%edx
    jae 8f
    cmpl $4,%edx
    jae 4f
    testl %edx,%edx
    je 1f
    movb %sil,(%rdi)                // one to three bytes: first, middle and last
    movb %sil,-1(%rcx)
    shrl %edx
    movb %sil,(%rdi,%rdx)
1:  ret
4:  movl %esi,(%rdi)
    movl %esi,-4(%rcx)
    ret
8:  movq %rsi,(%rdi)
    movq %rsi,-8(%rcx)
    ret
    .size memset,.-memset

    .section .text.memcmp,"ax",@progbits
    .p2align 6
    .globl memcmp, bcmp
    .type memcmp,@function
    .type bcmp,@function
memcmp:
bcmp:
    cmpq $16,%rdx
    jb .Lcompare_under_16
    addq %rdi,%rdx
    subq %rdi,%rsi                  // the right side is at rdi + rsi; rdx is the left side's end
    leaq -64(%rdx),%rcx
    cmpq %rdi,%rcx
    ja .Lcompare_over_64
.Lcompare_16:
    addq $-16,%rdx                  // where the last 16 bytes start
    jmp 2f
1:  movups (%rdi),%xmm0
    movups (%rdi,%rsi),%xmm1
    pcmpeqb %xmm1,%xmm0
    pmovmskb %xmm0,%eax
    subl $0xffff,%eax               // zero when equal; else its lowest bit is the first difference
    jne .Lcompare_differ
    addq $16,%rdi
2:  cmpq %rdx,%rdi
    jb 1b
    movq %rdx,%rdi
    movups (%rdi),%xmm0
    movups (%rdi,%rsi),%xmm1
    pcmpeqb %xmm1,%xmm0
    pmovmskb %xmm0,%eax
    subl $0xffff,%eax
    jne .Lcompare_differ
    ret
.Lcompare_differ:
    bsfq %rax,%rax
    addq %rax,%rdi
    movzbl (%rdi),%eax
    movzbl (%rdi,%rsi),%ecx
    subl %ecx,%eax
    ret

.Lcompare_over_64:
    cmpl $0,nova_cpu_level(%rip)
    jne .Lcompare_wide
    movups (%rdi),%xmm0
    movups (%rdi,%rsi),%xmm1
    pcmpeqb %xmm1,%xmm0
    pmovmskb %xmm0,%eax
    subl $0xffff,%eax
    jne .Lcompare_differ
    addq $16,%rdi
    andq $-16,%rdi
    cmpq %rcx,%rdi
    ja .Lcompare_16
1:  movups (%rdi,%rsi),%xmm0
    movups 16(%rdi,%rsi),%xmm1
    movups 32(%rdi,%rsi),%xmm2
    movups 48(%rdi,%rsi),%xmm3
    pcmpeqb (%rdi),%xmm0
    pcmpeqb 16(%rdi),%xmm1
    pcmpeqb 32(%rdi),%xmm2
    pcmpeqb 48(%rdi),%xmm3
    pand %xmm1,%xmm0
    pand %xmm3,%xmm2
    pand %xmm2,%xmm0
    pmovmskb %xmm0,%eax
    subl $0xffff,%eax
    jne .Lcompare_16                // finds it among these 64 bytes
    addq $64,%rdi
    cmpq %rcx,%rdi
    jbe 1b
    jmp .Lcompare_16

.Lcompare_wide:
    vmovdqu64 (%rdi),%zmm16
    vpcmpub $4,(%rdi,%rsi),%zmm16,%k0
    kortestq %k0,%k0
    jne 2f
    addq $64,%rdi
    cmpq %rcx,%rdi
    jb .Lcompare_wide
    movq %rcx,%rdi                  // the last 64 bytes
    vmovdqu64 (%rdi),%zmm16
    vpcmpub $4,(%rdi,%rsi),%zmm16,%k0
2:  kmovq %k0,%rax
    testq %rax,%rax
    jne .Lcompare_differ
    ret

.Lcompare_under_16:
    xorl %eax,%eax
    testl %edx,%edx
    je 2f
1:  movzbl (%rdi),%eax
    movzbl (%rsi),%ecx
    subl %ecx,%eax
    jne 2f
    incq %rdi
    incq %rsi
    decl %edx
    jne 1b
2:  ret
    .size memcmp,.-memcmp
    .size bcmp,.-bcmp

#endif

    .section .note.GNU-stack,"",@progbits
