// A WASI preview-1 command that does one thing per word:
//   hello                     "Hello, World!"
//   args …                    one argument a line
//   env NAME                  the variable, or (unset) on stderr and exit 1
//   environ                   every variable, NAME=value
//   cat                       stdin to stdout
//   exit N                    "leaving N" on stderr, then that code
//   abort                     traps
//   read FILE                 its content, or "FILE: errno N" on stderr and exit 1
//   write FILE TEXT           creates or replaces it
//   append FILE TEXT
//   ls DIR                    names, one a line, as they come
//   rm FILE
//   ticks N [MS]              "tick 1" … "tick N" on stdout and "tock I" on stderr, MS (10) between them
//   sleep MS                  then "slept"
//   clock                     seconds since 1970 and monotonic nanoseconds, each twice
//   random N                  N bytes in hexadecimal
//   spin                      never ends
//   grow N                    allocates N MiB, one by one, and prints how many it got
//   out                       "some text", then __OUT__:{"answer":42}
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int fail(const char *what) {
  fprintf(stderr, "%s: errno %d\n", what, errno);
  return 1;
}

static void pause_ms(long ms) {
  struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&wait, NULL);
}

static int copy_out(FILE *from) {
  char buffer[4096];
  size_t n;
  while ((n = fread(buffer, 1, sizeof buffer, from)) > 0) fwrite(buffer, 1, n, stdout);
  return ferror(from) ? fail("read") : 0;
}

static int read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return fail(path);
  int code = copy_out(file);
  fclose(file);
  return code;
}

static int write_file(const char *path, const char *text, const char *mode) {
  FILE *file = fopen(path, mode);
  if (!file || fputs(text, file) < 0) return fail(path);
  return fclose(file) ? fail(path) : 0;
}

static int list(const char *path) {
  DIR *dir = opendir(path);
  if (!dir) return fail(path);
  for (struct dirent *entry; (entry = readdir(dir));) puts(entry->d_name);
  closedir(dir);
  return 0;
}

static int ticks(int n, long ms) {
  for (int i = 1; i <= n; i++) {
    if (i > 1) pause_ms(ms);
    printf("tick %d\n", i);
    fflush(stdout);
    fprintf(stderr, "tock %d\n", i);
  }
  return 0;
}

static int clocks(void) {
  for (int i = 0; i < 2; i++) {
    struct timespec real, steady;
    clock_gettime(CLOCK_REALTIME, &real);
    clock_gettime(CLOCK_MONOTONIC, &steady);
    printf("%lld %lld\n", (long long)real.tv_sec, steady.tv_sec * 1000000000ll + steady.tv_nsec);
  }
  return 0;
}

static int random_bytes(size_t n) {
  unsigned char bytes[256];
  if (n > sizeof bytes) n = sizeof bytes;
  if (getentropy(bytes, n)) return fail("random");
  for (size_t i = 0; i < n; i++) printf("%02x", bytes[i]);
  puts("");
  return 0;
}

static int grow(int mib) {
  int got = 0;
  for (char *block; got < mib && (block = malloc(1 << 20)); got++) memset(block, 1, 1 << 20);
  printf("%d MiB\n", got);
  return 0;
}

int main(int argc, char **argv) {
  const char *word = argc > 1 ? argv[1] : "hello";
  const char *first = argc > 2 ? argv[2] : "", *second = argc > 3 ? argv[3] : "";
  if (!strcmp(word, "hello")) return puts("Hello, World!") < 0;
  if (!strcmp(word, "args")) {
    for (int i = 2; i < argc; i++) puts(argv[i]);
    return 0;
  }
  if (!strcmp(word, "env")) {
    const char *value = getenv(first);
    fputs(value ? value : "(unset)", value ? stdout : stderr);
    return !value;
  }
  if (!strcmp(word, "environ")) {
    for (char **each = environ; *each; each++) puts(*each);
    return 0;
  }
  if (!strcmp(word, "cat")) return copy_out(stdin);
  if (!strcmp(word, "exit")) {
    fprintf(stderr, "leaving %s\n", first);
    return atoi(first);
  }
  if (!strcmp(word, "abort")) __builtin_trap();
  if (!strcmp(word, "read")) return read_file(first);
  if (!strcmp(word, "write")) return write_file(first, second, "wb");
  if (!strcmp(word, "append")) return write_file(first, second, "ab");
  if (!strcmp(word, "ls")) return list(first);
  if (!strcmp(word, "rm")) return unlink(first) ? fail(first) : 0;
  if (!strcmp(word, "ticks")) return ticks(atoi(first), *second ? atol(second) : 10);
  if (!strcmp(word, "sleep")) {
    pause_ms(atol(first));
    return puts("slept") < 0;
  }
  if (!strcmp(word, "clock")) return clocks();
  if (!strcmp(word, "random")) return random_bytes(atoi(first));
  if (!strcmp(word, "spin")) for (volatile int go = 1; go;) {}
  if (!strcmp(word, "grow")) return grow(atoi(first));
  if (!strcmp(word, "out")) return puts("some text\n__OUT__:{\"answer\":42}") < 0;
  fprintf(stderr, "unknown word %s\n", word);
  return 2;
}
