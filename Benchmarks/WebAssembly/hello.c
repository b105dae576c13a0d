// hello.c — printf, and nothing else: what starts, how large it is, what memory it takes.

#include <stdio.h>

int main(int argc, char **argv) {
  (void)argv;
  printf("hello, %d\n", argc);
  return 0;
}
