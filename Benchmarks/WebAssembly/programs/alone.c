// alone.c — what wasi-libc wants of WASI, refused: the programs are measured in engines without it.
// Source: WASI preview 1, error "nosys".

typedef int word;
enum { NOSYS = 52 };

#define REFUSED(name, ...)                                                                         \
  word __imported_wasi_snapshot_preview1_##name(__VA_ARGS__);                                      \
  word __imported_wasi_snapshot_preview1_##name(__VA_ARGS__) { return NOSYS; }

REFUSED(args_get, word a, word b)
REFUSED(args_sizes_get, word a, word b)
REFUSED(clock_time_get, word a, long long b, word c)
REFUSED(environ_get, word a, word b)
REFUSED(environ_sizes_get, word a, word b)
REFUSED(fd_close, word a)
REFUSED(fd_fdstat_get, word a, word b)
REFUSED(fd_fdstat_set_flags, word a, word b)
REFUSED(fd_prestat_dir_name, word a, word b, word c)
REFUSED(fd_prestat_get, word a, word b)
REFUSED(fd_read, word a, word b, word c, word d)
REFUSED(fd_renumber, word a, word b)
REFUSED(fd_seek, word a, long long b, word c, word d)
REFUSED(fd_write, word a, word b, word c, word d)
REFUSED(path_filestat_get, word a, word b, word c, word d, word e)
REFUSED(path_open, word a, word b, word c, word d, word e, long long f, long long g, word h, word i)
REFUSED(path_remove_directory, word a, word b, word c)
REFUSED(path_rename, word a, word b, word c, word d, word e, word f)
REFUSED(path_unlink_file, word a, word b, word c)

_Noreturn void __imported_wasi_snapshot_preview1_proc_exit(word status);
_Noreturn void __imported_wasi_snapshot_preview1_proc_exit(word status) {
  (void)status;
  __builtin_trap();
}
