// map.c — pages from the kernel and back.
// Old kernels and qemu 7.2 take MAP_FIXED_NOREPLACE for a hint, so the address is always compared.

#if NOVA_FREESTANDING

#include "internal.h"

enum { // Linux uapi: mman-common.h
  PROT_READ_WRITE = 3,
  MAP_PRIVATE_ANONYMOUS = 0x22,
  MAP_FIXED_NOREPLACE = 0x100000,
};

int64_t nova_map(uintptr_t address, size_t byte_count) {
  const int64_t flags = MAP_PRIVATE_ANONYMOUS | (address != 0 ? MAP_FIXED_NOREPLACE : 0);
  const int64_t result = nova_syscall(NOVA_SYS_mmap, (int64_t)address, (int64_t)byte_count,
                                      PROT_READ_WRITE, flags, -1, 0);
  if (address == 0 || nova_failed(result) || result == (int64_t)address)
    return result;
  nova_unmap((uintptr_t)result, byte_count);
  return -NOVA_EEXIST;
}

int64_t nova_unmap(uintptr_t address, size_t byte_count) {
  return nova_syscall(NOVA_SYS_munmap, (int64_t)address, (int64_t)byte_count, 0, 0, 0, 0);
}

#endif
