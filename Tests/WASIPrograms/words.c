// words.c — prints its arguments and its environment, a line each; status: how many lines.
// Tests build it with wasi-libc.

#include <stdio.h>

extern char **environ;

int main(int count, char **arguments) {
  int lines = count;
  for (int i = 0; i < count; i++)
    printf("%d %s\n", i, arguments[i]);
  for (char **variable = environ; *variable; variable++, lines++)
    printf("= %s\n", *variable);
  return lines;
}
