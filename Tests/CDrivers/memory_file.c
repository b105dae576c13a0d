// memory_file.c — memory files, sealed or not, which Swift's Glibc does not know.

#define _GNU_SOURCE
#include "memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int memory_file(const void *bytes, size_t byte_count) {
  const int descriptor = memfd_create("module", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor >= 0 && write(descriptor, bytes, byte_count) != (ssize_t)byte_count) {
    close(descriptor);
    return -1;
  }
  return descriptor;
}

int seal_memory_file(int descriptor) {
  return fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
}
