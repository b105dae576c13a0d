// hello.c — the peers' C program, linked statically with musl and with glibc.
#include <stdio.h>

int main(void) { return puts("hello") < 0; }
