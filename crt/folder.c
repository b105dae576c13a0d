// folder.c — files by an open folder and a name: the system calls, equal on every CPU.
// Source: Linux's openat(2), statx(2), getdents64(2), utimensat(2), ppoll(2).

#if NOVA_FREESTANDING

#include "internal.h"

enum { // Linux uapi: fcntl.h, stat.h; the same on all three CPUs
  CLOSE_ON_EXEC = 02000000,
  NO_FOLLOW = 0x100,
  REMOVE_FOLDER = 0x200,
  EMPTY_NAME = 0x1000,
  BASIC_STATUS = 0x7ff,
  TIME_IS_KEPT = 0x3ffffffe,
  GET_FLAGS = 3,
  SET_FLAGS = 4,
  NANOSECONDS_PER_SECOND = 1'000'000'000,
  SIGNAL_SET_BYTE_COUNT = 8,
};

int64_t nova_open_at(int32_t folder, const char *name, uint32_t options, uint32_t mode) {
  return nova_syscall(NOVA_SYS_openat, folder, (int64_t)name,
                      nova_open_flags(options) | CLOSE_ON_EXEC, mode, 0, 0);
}

// struct statx: the same on every CPU, unlike struct stat.
struct time {
  int64_t seconds;
  uint32_t nanoseconds, reserved;
};
struct status {
  uint32_t mask, block_byte_count;
  uint64_t attributes;
  uint32_t link_count, user, group;
  uint16_t mode, reserved;
  uint64_t inode, byte_count, block_count, attributes_mask;
  struct time accessed, born, changed, modified;
  uint32_t special_major, special_minor, device_major, device_minor;
  uint64_t rest[14];
};
static_assert(sizeof(struct status) == 256, "the kernel writes 256 bytes");

static int64_t nanoseconds(struct time time) {
  int64_t sum;
  if (__builtin_mul_overflow(time.seconds, NANOSECONDS_PER_SECOND, &sum) ||
      __builtin_add_overflow(sum, (int64_t)time.nanoseconds, &sum))
    return time.seconds < 0 ? INT64_MIN : INT64_MAX;
  return sum;
}

int64_t nova_status_at(int32_t folder, const char *name, struct nova_file_status *status) {
  struct status found;
  const int64_t result = nova_syscall(NOVA_SYS_statx, folder, (int64_t)name, NO_FOLLOW | EMPTY_NAME,
                                      BASIC_STATUS, (int64_t)&found, 0);
  if (nova_failed(result))
    return result;
  *status = (struct nova_file_status){
      .device = (uint64_t)found.device_major << 32 | found.device_minor,
      .inode = found.inode,
      .link_count = found.link_count,
      .byte_count = found.byte_count,
      .accessed = nanoseconds(found.accessed),
      .modified = nanoseconds(found.modified),
      .changed = nanoseconds(found.changed),
      .mode = found.mode,
  };
  return 0;
}

int64_t nova_mode(int32_t descriptor) {
  struct status found;
  const int64_t result = nova_syscall(NOVA_SYS_statx, descriptor, (int64_t)"", EMPTY_NAME,
                                      BASIC_STATUS, (int64_t)&found, 0);
  const int64_t mode = nova_failed(result) ? result : found.mode;
  __builtin_memset(&found, 0, sizeof found);
  __asm__ volatile("" : : "r"(&found) : "memory"); // or the compiler leaves the zeros out
  return mode;
}

int64_t nova_read_link_at(int32_t folder, const char *name, char *bytes, size_t byte_count) {
  return nova_syscall(NOVA_SYS_readlinkat, folder, (int64_t)name, (int64_t)bytes,
                      (int64_t)byte_count, 0, 0);
}

int64_t nova_make_folder_at(int32_t folder, const char *name, uint32_t mode) {
  return nova_syscall(NOVA_SYS_mkdirat, folder, (int64_t)name, mode, 0, 0, 0);
}

int64_t nova_remove_at(int32_t folder, const char *name) {
  return nova_syscall(NOVA_SYS_unlinkat, folder, (int64_t)name, 0, 0, 0, 0);
}

int64_t nova_remove_folder_at(int32_t folder, const char *name) {
  return nova_syscall(NOVA_SYS_unlinkat, folder, (int64_t)name, REMOVE_FOLDER, 0, 0, 0);
}

int64_t nova_rename_at(int32_t folder, const char *name, int32_t new_folder, const char *new_name) {
  return nova_syscall(NOVA_SYS_renameat2, folder, (int64_t)name, new_folder, (int64_t)new_name, 0,
                      0);
}

int64_t nova_link_at(int32_t folder, const char *name, int32_t new_folder, const char *new_name) {
  return nova_syscall(NOVA_SYS_linkat, folder, (int64_t)name, new_folder, (int64_t)new_name, 0, 0);
}

int64_t nova_symbolic_link_at(const char *target, int32_t folder, const char *name) {
  return nova_syscall(NOVA_SYS_symlinkat, (int64_t)target, folder, (int64_t)name, 0, 0, 0);
}

static struct time time_of(int64_t nanoseconds) {
  if (nanoseconds == NOVA_TIME_keep)
    return (struct time){.nanoseconds = TIME_IS_KEPT};
  int64_t seconds = nanoseconds / NANOSECONDS_PER_SECOND;
  int64_t rest = nanoseconds % NANOSECONDS_PER_SECOND;
  if (rest < 0) {
    seconds--;
    rest += NANOSECONDS_PER_SECOND;
  }
  return (struct time){.seconds = seconds, .nanoseconds = (uint32_t)rest};
}

int64_t nova_set_times_at(int32_t folder, const char *name, int64_t accessed, int64_t modified) {
  const struct time times[2] = {time_of(accessed), time_of(modified)};
  return nova_syscall(NOVA_SYS_utimensat, folder, (int64_t)name, (int64_t)times,
                      name != NULL ? NO_FOLLOW : 0, 0, 0);
}

int64_t nova_read_vectors(int32_t descriptor, const struct nova_vector *vectors, size_t count,
                          int64_t offset) {
  const int64_t number = offset < 0 ? NOVA_SYS_readv : NOVA_SYS_preadv;
  return nova_syscall(number, descriptor, (int64_t)vectors, (int64_t)count, offset, 0, 0);
}

int64_t nova_write_vectors(int32_t descriptor, const struct nova_vector *vectors, size_t count,
                           int64_t offset) {
  const int64_t number = offset < 0 ? NOVA_SYS_writev : NOVA_SYS_pwritev;
  return nova_syscall(number, descriptor, (int64_t)vectors, (int64_t)count, offset, 0, 0);
}

int64_t nova_seek(int32_t descriptor, int64_t offset, int32_t origin) {
  return nova_syscall(NOVA_SYS_lseek, descriptor, offset, origin, 0, 0, 0);
}

int64_t nova_read_folder(int32_t descriptor, void *bytes, size_t byte_count) {
  return nova_syscall(NOVA_SYS_getdents64, descriptor, (int64_t)bytes, (int64_t)byte_count, 0, 0,
                      0);
}

int64_t nova_set_byte_count(int32_t descriptor, int64_t byte_count) {
  return nova_syscall(NOVA_SYS_ftruncate, descriptor, byte_count, 0, 0, 0, 0);
}

int64_t nova_reserve(int32_t descriptor, int64_t offset, int64_t byte_count) {
  return nova_syscall(NOVA_SYS_fallocate, descriptor, 0, offset, byte_count, 0, 0);
}

int64_t nova_advise(int32_t descriptor, int64_t offset, int64_t byte_count, int32_t advice) {
  return nova_syscall(NOVA_SYS_fadvise64, descriptor, offset, byte_count, advice, 0, 0);
}

int64_t nova_synchronise(int32_t descriptor) {
  return nova_syscall(NOVA_SYS_fsync, descriptor, 0, 0, 0, 0, 0);
}

int64_t nova_synchronise_data(int32_t descriptor) {
  return nova_syscall(NOVA_SYS_fdatasync, descriptor, 0, 0, 0, 0, 0);
}

int64_t nova_open_options(int32_t descriptor) {
  const int64_t flags = nova_syscall(NOVA_SYS_fcntl, descriptor, GET_FLAGS, 0, 0, 0, 0);
  const int64_t known = NOVA_OPEN_append | NOVA_OPEN_nonblocking | NOVA_OPEN_sync;
  return nova_failed(flags) ? flags : flags & known;
}

int64_t nova_set_open_options(int32_t descriptor, uint32_t options) {
  return nova_syscall(NOVA_SYS_fcntl, descriptor, SET_FLAGS, options, 0, 0, 0);
}

int64_t nova_poll(struct nova_poll *polls, size_t count, int64_t timeout_nanoseconds) {
  int64_t timeout[2] = {timeout_nanoseconds / NANOSECONDS_PER_SECOND,
                        timeout_nanoseconds % NANOSECONDS_PER_SECOND};
  return nova_syscall(NOVA_SYS_ppoll, (int64_t)polls, (int64_t)count,
                      timeout_nanoseconds < 0 ? 0 : (int64_t)timeout, 0, SIGNAL_SET_BYTE_COUNT, 0);
}

#endif
