// files.c — a C program of the ordinary kind: files, folders, memory, sorting, time; for WASI.
// Tests build it with wasi-libc. Usage: files FOLDER; status 0 when all is well.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                                                           \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      printf("line %d: %s (%s)\n", __LINE__, #condition, strerror(errno));                         \
      exit(1);                                                                                     \
    }                                                                                              \
  } while (0)

static int compare(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

// Writes lines, reads them back, sorts them in memory and writes them again.
static void sort_lines(void) {
  FILE *file = fopen("lines", "w");
  CHECK(file != NULL);
  for (int i = 0; i < 1000; i++)
    CHECK(fprintf(file, "line %d of %.3f\n", (i * 7919) % 1000, i / 8.0) > 0);
  CHECK(fclose(file) == 0);
  CHECK((file = fopen("lines", "r")) != NULL);
  char **lines = malloc(sizeof *lines);
  size_t count = 0;
  char buffer[64];
  while (fgets(buffer, sizeof buffer, file)) {
    CHECK((lines = realloc(lines, (count + 1) * sizeof *lines)) != NULL);
    CHECK((lines[count++] = strdup(buffer)) != NULL);
  }
  CHECK(feof(file) && fclose(file) == 0);
  qsort(lines, count, sizeof *lines, compare);
  CHECK((file = fopen("sorted", "w")) != NULL);
  for (size_t i = 0; i < count; i++) {
    fputs(lines[i], file);
    free(lines[i]);
  }
  free(lines);
  CHECK(fclose(file) == 0);
  struct stat status;
  CHECK(stat("sorted", &status) == 0 && S_ISREG(status.st_mode));
  printf("%zu lines, %lld bytes\n", count, (long long)status.st_size);
}

static void use_folders(void) {
  CHECK(mkdir("folder", 0777) == 0 && mkdir("folder/inner", 0777) == 0);
  CHECK(mkdir("folder", 0777) == -1 && errno == EEXIST);
  CHECK(rename("sorted", "folder/sorted") == 0);
  CHECK(symlink("inner/../sorted", "folder/link") == 0);
  CHECK(link("lines", "folder/lines") == 0);
  char target[32] = "";
  CHECK(readlink("folder/link", target, sizeof target) == 15);
  struct stat status, linked;
  CHECK(stat("folder/link", &status) == 0 && lstat("folder/link", &linked) == 0);
  CHECK(S_ISREG(status.st_mode) && S_ISLNK(linked.st_mode));
  DIR *folder = opendir("folder");
  CHECK(folder != NULL);
  for (struct dirent *entry; (entry = readdir(folder));)
    printf("%s %d\n", entry->d_name, entry->d_type == DT_DIR);
  CHECK(closedir(folder) == 0);
  CHECK(rmdir("folder") == -1 && errno == ENOTEMPTY);
  CHECK(unlink("folder/link") == 0 && unlink("folder/sorted") == 0 && unlink("folder/lines") == 0);
  CHECK(rmdir("folder/inner") == 0 && rmdir("folder") == 0 && unlink("lines") == 0);
}

static void use_descriptors(void) {
  const int file = open("numbers", O_RDWR | O_CREAT | O_EXCL, 0666);
  CHECK(file >= 0);
  CHECK(write(file, "0123456789", 10) == 10 && lseek(file, -4, SEEK_END) == 6);
  char bytes[8] = "";
  CHECK(read(file, bytes, 8) == 4 && memcmp(bytes, "6789", 4) == 0);
  CHECK(pwrite(file, "ab", 2, 1) == 2 && pread(file, bytes, 4, 0) == 4);
  CHECK(memcmp(bytes, "0ab3", 4) == 0);
  CHECK(ftruncate(file, 3) == 0 && fsync(file) == 0);
  struct stat status;
  CHECK(fstat(file, &status) == 0 && status.st_size == 3);
  CHECK(close(file) == 0 && unlink("numbers") == 0);
  CHECK(open("numbers", O_RDONLY) == -1 && errno == ENOENT);
  CHECK(open("../outside", O_RDONLY) == -1 && (errno == EPERM || errno == ENOTCAPABLE));
  CHECK(open("/etc/passwd", O_RDONLY) == -1);
  CHECK(read(99, bytes, 1) == -1 && errno == EBADF);
}

static void use_time(void) {
  struct timespec before, after;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &before) == 0);
  const struct timespec pause = {.tv_sec = 2, .tv_nsec = 5};
  CHECK(nanosleep(&pause, NULL) == 0);
  CHECK(clock_gettime(CLOCK_MONOTONIC, &after) == 0);
  printf("slept %lld s\n", (long long)(after.tv_sec - before.tv_sec));
  struct timespec now;
  CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
  const time_t seconds = now.tv_sec;
  struct tm date;
  CHECK(gmtime_r(&seconds, &date) != NULL);
  printf("%d-%02d-%02d\n", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
  unsigned char random[4];
  CHECK(getentropy(random, sizeof random) == 0);
  printf("%02x%02x%02x%02x\n", random[0], random[1], random[2], random[3]);
}

int main(int count, char **arguments) {
  printf("%d arguments, NAME=%s\n", count - 1, getenv("NAME") ? getenv("NAME") : "");
  CHECK(count > 1 && chdir(arguments[1]) == 0);
  sort_lines();
  use_folders();
  use_descriptors();
  use_time();
  fprintf(stderr, "done\n");
  return 0;
}
