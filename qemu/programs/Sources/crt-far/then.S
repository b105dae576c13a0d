// then.S — 2 MiB of code on the other side of main, more than a short jump spans.
    .section .text.far_then,"ax",%progbits
    .globl far_then
far_then:
    .zero 2097152
    .section .note.GNU-stack,"",%progbits
