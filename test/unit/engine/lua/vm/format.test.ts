import { expect, test } from "vitest";
import { printed } from "./support/lua.seam.ts";

/** Expressions and what they print; the same as PUC Lua 5.3.6 prints. */
const asInLua53: readonly (readonly [expression: string, shown: string])[] = [
  ["('%d %i'):format(3.0, 1732153200123)", "3 1732153200123"],
  ["('[%5d|%-5d|%05d|%+d|% d|%.3d|%5.2d]'):format(42, 42, 42, 42, 42, 42, 7)", "[   42|42   |00042|+42| 42|042|   07]"],
  ["('%x %X %#x %o %#o'):format(3000000000, 255, 255, 8, 8)", "b2d05e00 FF 0xff 10 010"],
  ["('%x'):format(-1)", "ffffffffffffffff"],
  ["('%5.1f|%-8s|%08.3f|%+.2f'):format(3.14159, 'ab', -2.5, 1)", "  3.1|ab      |-002.500|+1.00"],
  ["('%g %g %g %g %g'):format(1e20, 0.1, 100000000, 123456, 1e-5)", "1e+20 0.1 1e+08 123456 1e-05"],
  ["('%.14g %.3g %#.3g %.0g'):format(2^53, 1234, 1, 5)", "9.007199254741e+15 1.23e+03 1.00 5"],
  ["('%.3f %f'):format(1e21, 1e22)", "1000000000000000000000.000 10000000000000000000000.000000"],
  ["('%e %.2E %.0e'):format(12345.678, 0.00012345, 5)", "1.234568e+04 1.23E-04 5e+00"],
  ["('%a %a %a'):format(1.0, 0.5, -3.75)", "0x1p+0 0x1p-1 -0x1.ep+1"],
  ["('%f %g %5.1f %f'):format(1/0, -1/0, 1/0, 1.5)", "inf -inf   inf 1.500000"],
  ["('%c%c%%'):format(65, 98)", "Ab%"],
  ["('[%10.4s|%-6s|%s]'):format('abcdefgh', 'ab', nil)", "[      abcd|ab    |nil]"],
  ["('%q'):format('a\\n\"b\"\\0c\\r\\0011')", '"a\\\n\\"b\\"\\0c\\13\\0011"'],
  ["('%q %q %q'):format(1, 0.5, math.mininteger)", "1 0x1p-1 0x8000000000000000"],
  ["('%s %s'):format(setmetatable({}, {__tostring = function() return 'X' end}), true)", "X true"],
  [
    "pcall(string.format, '%d', 3.5)",
    "false bad argument #2 to 'string.format' (number has no integer representation)",
  ],
  ["pcall(string.format, '%d')", "false bad argument #2 to 'string.format' (no value)"],
  ["pcall(string.format, '%y', 1)", "false invalid option '%y' to 'format'"],
  ["string.unpack('<i4 z s1', string.pack('<i4 z s1', -1, 'ab', 'cd'))", "-1 ab cd 11"],
  ["string.unpack('>I8', string.pack('>I8', 1 << 40))", "1099511627776 9"],
  ["#string.pack('!8 i1 i8', 1, 2), string.packsize('!4 i1 !4 i4 d')", "16 16"],
  ["string.unpack('<i16', string.pack('<i16', -5))", "-5 17"],
  ["string.unpack('<d', string.pack('<d', 1.5))", "1.5 9"],
  ["string.pack('>I3', 258):byte(1, 3)", "0 1 2"],
  ["pcall(string.pack, 'i1', 200)", "false bad argument #2 to 'string.pack' (integer overflow)"],
  ["pcall(string.unpack, 'i4', 'abc')", "false bad argument #2 to 'string.unpack' (data string too short)"],
];

test.each(asInLua53)("%s", (expression, shown) => {
  expect(printed(`print(${expression})`).join("\n")).toBe(shown);
});
