// Strings, lists, records, options, variants and results by the canonical ABI: a C structure has the layout of the WIT record.
#include "../canon.h"

// add: func(a: s32, b: s32) -> s32;
EXPORT("add") s32 add(s32 a, s32 b) { return (s32)((u32)a + (u32)b); }

// echo: func(s: string) -> string;
EXPORT("echo") string *echo(u8 *at, u32 len) {
  string *result = take(sizeof *result, 4);
  *result = (string){at, len};
  return result;
}

// greet: func(name: string) -> string;
EXPORT("greet") string *greet(u8 *at, u32 len) {
  string *result = take(sizeof *result, 4);
  *result = (string){take(len + 7, 1), len + 7};
  copy(result->at, "Hello, ", 7);
  copy(result->at + 7, at, len);
  return result;
}

// sum: func(xs: list<s32>) -> s64;
EXPORT("sum") s64 sum(const s32 *xs, u32 len) {
  s64 total = 0;
  for (u32 i = 0; i < len; i++) total += xs[i];
  return total;
}

// squares: func(n: u32) -> list<u32>;
EXPORT("squares") string *squares(u32 n) {
  string *result = take(sizeof *result, 4);
  u32 *xs = take(n * 4, 4);
  for (u32 i = 0; i < n; i++) xs[i] = i * i;
  *result = (string){(u8 *)xs, n};
  return result;
}

// longest: func(words: list<string>) -> option<string>;
typedef struct { u8 some; string value; } option_string;
EXPORT("longest") option_string *longest(const string *words, u32 len) {
  option_string *result = take(sizeof *result, 4);
  *result = (option_string){0, {0, 0}};
  for (u32 i = 0; i < len; i++)
    if (!result->some || words[i].len > result->value.len) *result = (option_string){1, words[i]};
  return result;
}

// record point { x: s32, y: s32 }
// record segment { a: point, b: point, label: option<string> }
// mirror: func(s: segment) -> segment;   both ends with x and y exchanged; a record of seven flat parameters
typedef struct { s32 x, y; } point;
typedef struct { point a, b; option_string label; } segment;
EXPORT("mirror") segment *mirror(s32 ax, s32 ay, s32 bx, s32 by, u32 some, u8 *at, u32 len) {
  segment *result = take(sizeof *result, 4);
  *result = (segment){{ay, ax}, {by, bx}, {(u8)some, {at, len}}};
  return result;
}

// record user-record { id: u32, name: string, tags: list<string>, active: bool }
// record user-output { id: u32, display-name: string, tag-count: u32, active: bool }
// transform_users: func(users: list<user-record>) -> list<user-output>;
typedef struct { u32 id; string name; string tags; u8 active; } user_record;
typedef struct { u32 id; string display_name; u32 tag_count; u8 active; } user_output;
EXPORT("transform_users") string *transform_users(const user_record *users, u32 len) {
  string *result = take(sizeof *result, 4);
  user_output *out = take(len * sizeof *out, 4);
  for (u32 i = 0; i < len; i++) {
    string name = users[i].name;
    for (u32 j = 0; j < name.len; j++)
      if (name.at[j] >= 'a' && name.at[j] <= 'z') name.at[j] -= 32;
    out[i] = (user_output){users[i].id, name, users[i].tags.len, users[i].active};
  }
  *result = (string){(u8 *)out, len};
  return result;
}

// variant shape { empty, circle(f64), rectangle(tuple<u32, u32>), named(string) }
// area: func(s: shape) -> result<f64, string>;   the payloads share flat slots: (tag, f64 bits or u32 or pointer, u32)
typedef struct { u8 is_err; union { double ok; string err; }; } result_f64;
EXPORT("area") result_f64 *area(u32 tag, s64 first, u32 second) {
  result_f64 *result = take(sizeof *result, 8);
  result->is_err = 0;
  switch (tag) {
    case 0: result->ok = 0; break;
    case 1: {
      double radius;
      __builtin_memcpy(&radius, &first, 8);
      result->ok = 3 * radius * radius; // Biblical, so that results are exact.
      break;
    }
    case 2: result->ok = (double)((u32)first) * second; break;
    default:
      result->is_err = 1;
      result->err = (string){(u8 *)(u32)first, second};
  }
  return result;
}

// enum color { red, green, blue }
// next_color: func(c: color) -> color;
EXPORT("next_color") u32 next_color(u32 c) { return (c + 1) % 3; }

// flags rights { read, write, run }
// toggle: func(r: rights) -> rights;
EXPORT("toggle") u32 toggle(u32 rights) { return ~rights & 7; }

// divide: func(a: s32, b: s32) -> result<s32, string>;
typedef struct { u8 is_err; union { s32 ok; string err; }; } result_s32;
EXPORT("divide") result_s32 *divide(s32 a, s32 b) {
  static u8 message[] = "division by zero";
  result_s32 *result = take(sizeof *result, 4);
  result->is_err = b == 0;
  if (b == 0) result->err = (string){message, sizeof message - 1};
  else result->ok = b == -1 ? (s32)-(u32)a : a / b;
  return result;
}

#define POST(name) EXPORT("cabi_post_" #name) void post_##name(void *result) { (void)result; free_all(); }
POST(echo) POST(greet) POST(squares) POST(longest) POST(mirror) POST(transform_users) POST(area) POST(divide)
