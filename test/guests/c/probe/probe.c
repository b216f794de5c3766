// A command with the `api` imports (log, header, header_has, header_get, exec): reads one header line of JSON, tells what it sees.
// With the option "man" in its opts it prints its documentation.
#include <stdio.h>
#include <string.h>

#define API(name) __attribute__((import_module("api"), import_name(name)))
API("log") void api_log(int level, const char *at, int len);
API("header") int api_header(char *out, int cap);
API("header_has") int api_header_has(const char *at, int len);
API("header_get") int api_header_get(const char *at, int len, char *out, int cap);
API("exec") int api_exec(const char *at, int len, char *out, int cap);

static void say(int level, const char *text) { api_log(level, text, (int)strlen(text)); }

static void get(const char *label, const char *pointer) {
  static char value[65536];
  int n = api_header_get(pointer, (int)strlen(pointer), value, sizeof value);
  printf("\"%s\":%.*s,", label, n < 0 ? 4 : n, n < 0 ? "null" : value);
}

int main(void) {
  static char header[65536], answer[65536];
  if (!fgets(header, sizeof header, stdin)) return 1;
  if (strstr(header, "\"man\"")) {
    puts("{\"name\":\"probe\",\"description\":\"Tells what it was given.\",\"options\":[{\"name\":\"man\"}]}");
    return 0;
  }
  say(0, "at debug");
  say(1, "at info");
  say(2, "at warn");
  say(3, "at error");
  putchar('{');
  get("args", "/args");
  get("opts", "/opts");
  get("config", "/config");
  get("ext", "/ext");
  get("host", "/host");
  get("missing", "/not/there");
  const char *request = "{\"argv\":[\"/bin/echo\",\"hi\"]}";
  int n = api_exec(request, (int)strlen(request), answer, sizeof answer);
  if (n >= 0) printf("\"exec\":%.*s,", n, answer);
  else printf("\"exec\":%d,", n);
  char small[8];
  printf("\"has_name\":%d,", api_header_has("/args/name", 10));
  printf("\"cut\":%d,", api_header(small, sizeof small));
  printf("\"empty\":%d}", api_header_get("/args", 5, small, 0));
  return 0;
}
