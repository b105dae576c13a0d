// file.c — files that are read, and memory files that nobody can change any more.
// Source: open(2), lseek(2), fcntl(2) "File Sealing", mmap(2).

#if NOVA_FREESTANDING

#include "internal.h"

enum { // Linux uapi: fcntl.h, mman.h; the same on all three CPUs
  CURRENT_FOLDER = -100,
  OPEN_READ_ONLY_CLOSE_ON_EXEC = 02000000,
  SEEK_FROM_START = 0,
  SEEK_FROM_END = 2,
  GET_SEALS = 1034,
  SEALED_SHRINK_GROW_WRITE = 2 | 4 | 8,
  PROT_READ_ONLY = 1,
  MAP_PRIVATE_FILE = 2,
};

int64_t nova_open(const char *path) {
  return nova_syscall(NOVA_SYS_openat, CURRENT_FOLDER, (int64_t)path,
                      OPEN_READ_ONLY_CLOSE_ON_EXEC, 0, 0, 0);
}

int64_t nova_close(int32_t descriptor) {
  return nova_syscall(NOVA_SYS_close, descriptor, 0, 0, 0, 0, 0);
}

int64_t nova_file_byte_count(int32_t descriptor) {
  const int64_t end = nova_syscall(NOVA_SYS_lseek, descriptor, 0, SEEK_FROM_END, 0, 0, 0);
  if (nova_failed(end))
    return end;
  const int64_t start = nova_syscall(NOVA_SYS_lseek, descriptor, 0, SEEK_FROM_START, 0, 0, 0);
  return nova_failed(start) ? start : end;
}

int64_t nova_map_sealed(int32_t descriptor, size_t byte_count) {
  const int64_t seals = nova_syscall(NOVA_SYS_fcntl, descriptor, GET_SEALS, 0, 0, 0, 0);
  if (nova_failed(seals))
    return seals;
  if ((seals & SEALED_SHRINK_GROW_WRITE) != SEALED_SHRINK_GROW_WRITE)
    return -NOVA_EPERM;
  return nova_syscall(NOVA_SYS_mmap, 0, (int64_t)byte_count, PROT_READ_ONLY, MAP_PRIVATE_FILE,
                      descriptor, 0);
}

#endif
