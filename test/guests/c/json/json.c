// JSON on stdin, JSON on stdout, no arguments: {"name":"Ada"} gives {"greeting":"Hello, Ada"}. It looks for "name":" as it stands,
// without spaces, and takes what follows up to the next quote. {"fail":…} writes "boom" on stderr and exits 3; {"silent":…} writes nothing;
// {"nonsense":…} writes text that is not JSON.
#include <stdio.h>
#include <string.h>

int main(void) {
  static char text[1 << 16];
  size_t length = fread(text, 1, sizeof text - 1, stdin);
  text[length] = 0;
  if (strstr(text, "\"fail\":")) {
    fputs("boom\n", stderr);
    return 3;
  }
  if (strstr(text, "\"silent\":")) return 0;
  if (strstr(text, "\"nonsense\":")) return puts("this is no JSON") < 0;
  const char *key = "\"name\":\"", *name = strstr(text, key);
  if (!name) return puts("{\"error\":\"no name\"}") < 0;
  name += strlen(key);
  printf("{\"greeting\":\"Hello, %.*s\"}", (int)strcspn(name, "\""), name);
  return 0;
}
