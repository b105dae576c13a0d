// main.c — a kernel as a native program: `KERNEL N` prints run(N).

#include <stdio.h>
#include <stdlib.h>
int run(int);
int main(int c, char **v) {
  printf("%d\n", run(atoi(v[1])));
  return 0;
}
