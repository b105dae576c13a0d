// echo.c — copies the standard input to the standard output, in capitals.
// Tests build it with wasi-libc.

#include <ctype.h>
#include <stdio.h>

int main(void) {
  for (int byte; (byte = getchar()) != EOF;)
    putchar(toupper(byte));
  return ferror(stdin) ? 1 : 0;
}
