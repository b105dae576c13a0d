// before.S — 2 MiB of code on one side of main, more than a short jump spans.
    .section .text.far_before,"ax",%progbits
    .globl far_before
far_before:
    .zero 2097152
    .section .note.GNU-stack,"",%progbits
