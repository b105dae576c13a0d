// nova_files.h — files by an open folder and a name in it, and waiting for descriptors.
// C11 (Swift reads it). Implemented twice: by crt/ over system calls, by CNovaHost over the host's
// libc. A program that calls none of it is not larger for it.

#ifndef NOVA_FILES_H
#define NOVA_FILES_H

#include <stddef.h>
#include <stdint.h>

// Kernel convention: a result in -4095 … -1 is a negated errno. No function follows a symbolic
// link that a name ends with, but nova_open_at without NOVA_OPEN_no_follow. A name ends with a
// zero; one that is relative begins at `folder`, which may be:
#define NOVA_FOLDER_current (-100)

// ---- Names -----------------------------------------------------------------------------------

// How to open; numbers are the same on every CPU.
#define NOVA_OPEN_write 01u           // only; with neither of the two, to read only
#define NOVA_OPEN_read_write 02u
#define NOVA_OPEN_create 0100u        // with `mode`, less the process's mask
#define NOVA_OPEN_exclusive 0200u     // with create: -EEXIST where there is something
#define NOVA_OPEN_no_terminal 0400u   // a terminal does not become the process's own
#define NOVA_OPEN_truncate 01000u
#define NOVA_OPEN_append 02000u
#define NOVA_OPEN_nonblocking 04000u
#define NOVA_OPEN_data_sync 010000u
#define NOVA_OPEN_directory 0200000u  // -ENOTDIR where it is something else
#define NOVA_OPEN_no_follow 0400000u  // -ELOOP where it is a symbolic link; -ENOTDIR with directory
#define NOVA_OPEN_sync 04010000u
#define NOVA_OPEN_path 010000000u     // only a place to begin names at

// Opens or makes a file; it is closed in a program that replaces this one. A descriptor.
int64_t nova_open_at(int32_t folder, const char *name, uint32_t options, uint32_t mode);

// What is known of a file; times in nanoseconds since 1970, as near as 64 bits hold.
struct nova_file_status {
  uint64_t device, inode, link_count;
  uint64_t byte_count;
  int64_t accessed, modified, changed;
  uint32_t mode; // NOVA_MODE_…, and the permissions
  uint32_t reserved;
};
#define NOVA_MODE_type 0170000u
#define NOVA_MODE_socket 0140000u
#define NOVA_MODE_link 0120000u
#define NOVA_MODE_regular 0100000u
#define NOVA_MODE_block_device 060000u
#define NOVA_MODE_directory 040000u
#define NOVA_MODE_character_device 020000u
#define NOVA_MODE_pipe 010000u

// The status of a name; of `folder` itself, any descriptor, when the name is empty.
int64_t nova_status_at(int32_t folder, const char *name, struct nova_file_status *status);

// The mode of what is open. Nothing else of its status, which differs from run to run (a pipe's
// number, times), stays in memory.
int64_t nova_mode(int32_t descriptor);

// Where a symbolic link points to, without a zero: how many bytes, at most `byte_count`.
int64_t nova_read_link_at(int32_t folder, const char *name, char *bytes, size_t byte_count);

int64_t nova_make_folder_at(int32_t folder, const char *name, uint32_t mode);
int64_t nova_remove_at(int32_t folder, const char *name);        // what is no folder
int64_t nova_remove_folder_at(int32_t folder, const char *name); // an empty one
int64_t nova_rename_at(int32_t folder, const char *name, int32_t new_folder, const char *new_name);
int64_t nova_link_at(int32_t folder, const char *name, int32_t new_folder, const char *new_name);
int64_t nova_symbolic_link_at(const char *target, int32_t folder, const char *name);

// Sets times of a name; of `folder` itself, any descriptor, when the name is null.
#define NOVA_TIME_keep INT64_MIN
int64_t nova_set_times_at(int32_t folder, const char *name, int64_t accessed, int64_t modified);

// ---- Descriptors -----------------------------------------------------------------------------

// Bytes in several places; a negative `offset` means where the descriptor stands, which moves on.
struct nova_vector {
  void *bytes;
  size_t byte_count;
};
#define NOVA_VECTOR_COUNT_MAX 1024 // of one call
int64_t nova_read_vectors(int32_t descriptor, const struct nova_vector *vectors, size_t count,
                          int64_t offset);
int64_t nova_write_vectors(int32_t descriptor, const struct nova_vector *vectors, size_t count,
                           int64_t offset);

// Moves to `offset` from the first byte (0), from where it stands (1) or from the end (2): where it
// stands then, from the first byte.
int64_t nova_seek(int32_t descriptor, int64_t offset, int32_t origin);

// Entries of a folder from where the descriptor stands: how many bytes; 0 at the end. An entry is
// `inode` (64 bits), where the next one stands (64), its own byte count (16), its kind (8, the
// upper bits of NOVA_MODE_type) and its name with a zero.
int64_t nova_read_folder(int32_t descriptor, void *bytes, size_t byte_count);

int64_t nova_set_byte_count(int32_t descriptor, int64_t byte_count);
int64_t nova_reserve(int32_t descriptor, int64_t offset, int64_t byte_count);
int64_t nova_advise(int32_t descriptor, int64_t offset, int64_t byte_count, int32_t advice);
int64_t nova_synchronise(int32_t descriptor);
int64_t nova_synchronise_data(int32_t descriptor);

// NOVA_OPEN_append, …_nonblocking, …_data_sync and …_sync of an open file; only the first two
// can be set.
int64_t nova_open_options(int32_t descriptor);
int64_t nova_set_open_options(int32_t descriptor, uint32_t options);

// Waits until one of `count` descriptors is ready, or for `timeout_nanoseconds` (for ever when
// negative): how many are.
struct nova_poll {
  int32_t descriptor;
  int16_t wanted, found; // NOVA_POLL_…
};
#define NOVA_POLL_readable 1
#define NOVA_POLL_writable 4
#define NOVA_POLL_failed 8   // found without being wanted, as the next two
#define NOVA_POLL_hung_up 16
#define NOVA_POLL_invalid 32 // there is no such descriptor
int64_t nova_poll(struct nova_poll *polls, size_t count, int64_t timeout_nanoseconds);

#endif
