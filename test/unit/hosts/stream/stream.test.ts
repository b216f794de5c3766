import { expect, test } from "vitest";
import type { Value } from "../../../../src/core/values.ts";
import { instance } from "../lua/support/instance.ts";

const run = (body: string): Value | Promise<Value> => instance().run(body);

test("is written, read back and cut into lines", async () => {
  expect(
    await run(`local s = stream.new("one\\ntwo")
      s:seek("end") s:write("\\nthree")
      s:seek("set", 4)
      local part, rest, after = s:read(3), s:read(), s:read()
      s:seek(stream.seek.SET)
      local lines, scanner = {}, s:scanner()
      while scanner:scan() do lines[#lines + 1] = scanner:text() end
      return { part, rest, after == nil, lines, s:stat().size, s:flush() }`),
  ).toEqual(["two", "\nthree", true, ["one", "two", "three"], 13, true]);
});

test("keeps any bytes, and grows where it is written beyond its end", async () => {
  expect(
    await run(`local s = stream.new() s:seek("set", 2) s:write(string.char(255)) s:seek("set") return s:read()`),
  ).toEqual(Uint8Array.of(0, 0, 255));
});

test.each([
  [`s:seek("middle")`, "no place to seek from"],
  [`s:seek("set", -1)`, "not before the beginning"],
  [`(function() s:close() return s:read() end)()`, "the stream was closed"],
  [`(function() s:seek("set", 2^26) return s:write("x") end)()`, "67108864 bytes at most"],
])("%s is refused", async (source, message) => {
  expect(await run(`local s = stream.new("x") local v, e = ${source} return { v == nil, e:message() }`)).toEqual([
    true,
    expect.stringContaining(message),
  ]);
});
