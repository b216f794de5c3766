// A WASI reactor: `_initialize` runs the constructor, then exports are called. It prints, reads the environment and keeps a counter.
#include <stdio.h>
#include <stdlib.h>

#define EXPORT(name) __attribute__((export_name(name)))
static int ready, calls;

__attribute__((constructor)) static void prepare(void) { ready = 1; }

// is_ready: func() -> bool;   false when _initialize was forgotten
EXPORT("is_ready") int is_ready(void) { return ready; }

// next: func() -> s32;
EXPORT("next") int next(void) { return ++calls; }

// shout: func(n: s32) -> s32;   prints n lines to stdout, returns n
EXPORT("shout") int shout(int n) {
  for (int i = 0; i < n; i++) printf("line %d\n", i + 1);
  fflush(stdout);
  return n;
}

// has_env: func() -> bool;   whether the variable GREETING is there
EXPORT("has_env") int has_env(void) { return getenv("GREETING") != NULL; }
