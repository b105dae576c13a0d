// escape.c — tries in many ways to leave the folder that it was granted.
// Tests build it with wasi-libc. Usage: escape FOLDER; status: how many of the tries succeeded.

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int succeeded;

static void expect_refused(const char *what, int result) {
  printf("%s %s\n", what, result < 0 ? "refused" : "DONE");
  succeeded += result >= 0;
}

int main(int count, char **arguments) {
  if (count < 2 || chdir(arguments[1]) != 0)
    return 99;
  const int inside = open("kept", O_RDONLY);
  printf("inside %s\n", inside >= 0 ? "opened" : "REFUSED");
  expect_refused("dots", open("../secret", O_RDONLY));
  expect_refused("inner dots", open("inner/../../secret", O_RDONLY));
  expect_refused("absolute", open("/etc/passwd", O_RDONLY));
  expect_refused("link", open("link", O_RDWR));
  expect_refused("absolute link", open("absolute", O_RDONLY));
  expect_refused("through a link", open("door/secret", O_RDONLY));
  expect_refused("made", open("../made", O_WRONLY | O_CREAT, 0666));
  expect_refused("folder", mkdir("../made", 0777));
  expect_refused("moved out", rename("kept", "../kept"));
  expect_refused("moved in", rename("../secret", "secret"));
  expect_refused("removed", unlink("../secret"));
  expect_refused("linked", link("../secret", "secret"));
  expect_refused("link made", symlink("/etc/passwd", "new"));
  return succeeded;
}
