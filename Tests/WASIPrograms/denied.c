// denied.c — tries everything that was not granted, and goes on: each try fails by its errno.
// Tests build it with wasi-libc. Status: its argument, or 9 without one.

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int count, char **arguments) {
  char byte;
  struct stat status;
  printf("open %d\n", open("/etc/passwd", O_RDONLY) == -1);
  printf("relative %d\n", open("file", O_RDWR | O_CREAT, 0666) == -1);
  printf("stat %d\n", stat("/", &status) == -1);
  printf("mkdir %d\n", mkdir("folder", 0777) == -1);
  printf("read %d\n", read(0, &byte, 1) == -1);
  printf("environment %s\n", getenv("HOME") ? "set" : "empty");
  fflush(stdout);
  exit(count > 1 ? atoi(arguments[1]) : 9);
}
