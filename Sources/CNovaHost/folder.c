// folder.c — nova_files.h over the host's libc, for hosted programs and unit tests.

#if !NOVA_FREESTANDING

#define _GNU_SOURCE
#include "nova_abi.h"
#include "nova_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS_PER_SECOND 1000000000

// libc's numbers are the CPU's; nova_files.h's are the same on every one.
static int open_flags(uint32_t options) {
  const uint32_t moved = NOVA_OPEN_directory | NOVA_OPEN_no_follow;
  return (int)(options & ~moved) | ((options & NOVA_OPEN_directory) != 0 ? O_DIRECTORY : 0) |
         ((options & NOVA_OPEN_no_follow) != 0 ? O_NOFOLLOW : 0);
}
_Static_assert(NOVA_OPEN_create == O_CREAT && NOVA_OPEN_append == O_APPEND &&
                   NOVA_OPEN_sync == O_SYNC && NOVA_OPEN_data_sync == O_DSYNC &&
                   NOVA_OPEN_path == O_PATH && NOVA_OPEN_nonblocking == O_NONBLOCK,
               "the other numbers are libc's");

static int64_t outcome(int64_t result) { return result < 0 ? -errno : result; }

int64_t nova_open_at(int32_t folder, const char *name, uint32_t options, uint32_t mode) {
  return outcome(openat(folder, name, open_flags(options) | O_CLOEXEC, (mode_t)mode));
}

static int64_t nanoseconds(struct timespec time) {
  int64_t sum;
  if (__builtin_mul_overflow((int64_t)time.tv_sec, NANOSECONDS_PER_SECOND, &sum) ||
      __builtin_add_overflow(sum, (int64_t)time.tv_nsec, &sum))
    return time.tv_sec < 0 ? INT64_MIN : INT64_MAX;
  return sum;
}

int64_t nova_status_at(int32_t folder, const char *name, struct nova_file_status *status) {
  struct stat found;
  if (fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0)
    return -errno;
  *status = (struct nova_file_status){
      .device = found.st_dev,
      .inode = found.st_ino,
      .link_count = found.st_nlink,
      .byte_count = (uint64_t)found.st_size,
      .accessed = nanoseconds(found.st_atim),
      .modified = nanoseconds(found.st_mtim),
      .changed = nanoseconds(found.st_ctim),
      .mode = found.st_mode,
  };
  return 0;
}

int64_t nova_mode(int32_t descriptor) {
  struct stat found;
  return fstat(descriptor, &found) != 0 ? -errno : (int64_t)found.st_mode;
}

int64_t nova_read_link_at(int32_t folder, const char *name, char *bytes, size_t byte_count) {
  return outcome(readlinkat(folder, name, bytes, byte_count));
}

int64_t nova_make_folder_at(int32_t folder, const char *name, uint32_t mode) {
  return outcome(mkdirat(folder, name, (mode_t)mode));
}

int64_t nova_remove_at(int32_t folder, const char *name) {
  return outcome(unlinkat(folder, name, 0));
}

int64_t nova_remove_folder_at(int32_t folder, const char *name) {
  return outcome(unlinkat(folder, name, AT_REMOVEDIR));
}

int64_t nova_rename_at(int32_t folder, const char *name, int32_t new_folder, const char *new_name) {
  return outcome(renameat(folder, name, new_folder, new_name));
}

int64_t nova_link_at(int32_t folder, const char *name, int32_t new_folder, const char *new_name) {
  return outcome(linkat(folder, name, new_folder, new_name, 0));
}

int64_t nova_symbolic_link_at(const char *target, int32_t folder, const char *name) {
  return outcome(symlinkat(target, folder, name));
}

static struct timespec time_of(int64_t nanoseconds) {
  if (nanoseconds == NOVA_TIME_keep)
    return (struct timespec){.tv_nsec = UTIME_OMIT};
  int64_t seconds = nanoseconds / NANOSECONDS_PER_SECOND;
  int64_t rest = nanoseconds % NANOSECONDS_PER_SECOND;
  if (rest < 0) {
    seconds--;
    rest += NANOSECONDS_PER_SECOND;
  }
  return (struct timespec){.tv_sec = seconds, .tv_nsec = rest};
}

int64_t nova_set_times_at(int32_t folder, const char *name, int64_t accessed, int64_t modified) {
  const struct timespec times[2] = {time_of(accessed), time_of(modified)};
  return outcome(name != NULL ? utimensat(folder, name, times, AT_SYMLINK_NOFOLLOW)
                              : futimens(folder, times));
}

_Static_assert(sizeof(struct nova_vector) == sizeof(struct iovec), "the system's own record");

int64_t nova_read_vectors(int32_t descriptor, const struct nova_vector *vectors, size_t count,
                          int64_t offset) {
  const struct iovec *const places = (const struct iovec *)vectors;
  return outcome(offset < 0 ? readv(descriptor, places, (int)count)
                            : preadv(descriptor, places, (int)count, offset));
}

int64_t nova_write_vectors(int32_t descriptor, const struct nova_vector *vectors, size_t count,
                           int64_t offset) {
  const struct iovec *const places = (const struct iovec *)vectors;
  return outcome(offset < 0 ? writev(descriptor, places, (int)count)
                            : pwritev(descriptor, places, (int)count, offset));
}

int64_t nova_seek(int32_t descriptor, int64_t offset, int32_t origin) {
  return outcome(lseek(descriptor, offset, origin));
}

int64_t nova_read_folder(int32_t descriptor, void *bytes, size_t byte_count) {
  return outcome(getdents64(descriptor, bytes, byte_count));
}

int64_t nova_set_byte_count(int32_t descriptor, int64_t byte_count) {
  return outcome(ftruncate(descriptor, byte_count));
}

int64_t nova_reserve(int32_t descriptor, int64_t offset, int64_t byte_count) {
  return outcome(fallocate(descriptor, 0, offset, byte_count));
}

int64_t nova_advise(int32_t descriptor, int64_t offset, int64_t byte_count, int32_t advice) {
  return -posix_fadvise(descriptor, offset, byte_count, advice);
}

int64_t nova_synchronise(int32_t descriptor) { return outcome(fsync(descriptor)); }

int64_t nova_synchronise_data(int32_t descriptor) { return outcome(fdatasync(descriptor)); }

int64_t nova_open_options(int32_t descriptor) {
  const int flags = fcntl(descriptor, F_GETFL);
  const int known = O_APPEND | O_NONBLOCK | O_SYNC;
  return flags < 0 ? -errno : flags & known;
}

int64_t nova_set_open_options(int32_t descriptor, uint32_t options) {
  return outcome(fcntl(descriptor, F_SETFL, (int)options));
}

_Static_assert(sizeof(struct nova_poll) == sizeof(struct pollfd), "the system's own record");

int64_t nova_poll(struct nova_poll *polls, size_t count, int64_t timeout_nanoseconds) {
  const struct timespec timeout = {.tv_sec = timeout_nanoseconds / NANOSECONDS_PER_SECOND,
                                   .tv_nsec = timeout_nanoseconds % NANOSECONDS_PER_SECOND};
  return outcome(
      ppoll((struct pollfd *)polls, count, timeout_nanoseconds < 0 ? NULL : &timeout, NULL));
}

#endif
