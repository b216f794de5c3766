import * as fc from "fast-check";
import { expect, test } from "vitest";
import { printed } from "./support/lua.seam.ts";

/** Expressions and what they print; the same as PUC Lua 5.3.6 prints. */
const asInLua53: readonly (readonly [expression: string, shown: string])[] = [
  ["5*1000*1000*1000", "5000000000"],
  ["1732153200123", "1732153200123"],
  ["'id-' .. 1732153200123", "id-1732153200123"],
  [
    "0xffffffff, 0xff00000000, 0xffffffffffffffff, 0x7fffffffffffffff",
    "4294967295 1095216660480 -1 9223372036854775807",
  ],
  [
    "1<<31, 1<<32, 1<<40, 1<<62, 1<<63, 1<<64",
    "2147483648 4294967296 1099511627776 4611686018427387904 -9223372036854775808 0",
  ],
  ["-1>>1, -1>>63, -1>>64, 1<<-1, 2>>-1", "9223372036854775807 1 0 0 4"],
  ["math.maxinteger, math.mininteger", "9223372036854775807 -9223372036854775808"],
  ["math.maxinteger + 1 == math.mininteger, math.mininteger - 1 == math.maxinteger", "true true"],
  ["math.maxinteger * 2, math.mininteger * -1, -math.mininteger", "-2 -9223372036854775808 -9223372036854775808"],
  ["math.mininteger // -1, math.mininteger % -1", "-9223372036854775808 0"],
  ["math.maxinteger // 2, math.maxinteger % 10, -math.maxinteger // 2", "4611686018427387903 7 -4611686018427387904"],
  [
    "9007199254740991 + 1, 9007199254740993, 9007199254740993 - 9007199254740992",
    "9007199254740992 9007199254740993 1",
  ],
  ["9007199254740993 == 9007199254740992, 9007199254740993 > 2^53, 2^53 == 9007199254740992", "false true true"],
  ["math.maxinteger < 2^63, math.maxinteger + 0.0 == 2^63, math.maxinteger == 2^63", "true true false"],
  ["100000 * 100000, 4294967296 * 4294967296, 3037000500 * 3037000500", "10000000000 0 -9223372036709301616"],
  ["3000000000 & 0xff, 3000000000 | 0, 5000000000 ~ 1, ~0, ~5000000000", "0 3000000000 5000000001 -1 -5000000001"],
  ["~'5', '6' & 3, 7.0 & 3, 2^53 | 0", "-6 2 3 9007199254740992"],
  ["7 // 2, -7 // 2, 7 // -2, 7 % 3, -7 % 3, 7 % -3, -7 % -3", "3 -4 -4 1 2 -2 -1"],
  ["5.5 // 2 == 2, -5.5 // 2 == -3, 5.5 % -2, 1e300 * 1e10, -7.5 % 2", "true true -0.5 inf 0.5"],
  ["math.type(3), math.type(3.0), math.type('3'), math.type(2^31 | 0)", "integer float nil integer"],
  ["math.tointeger(3e9), math.tointeger(3.5), math.tointeger(2^63)", "3000000000 nil nil"],
  ["math.floor(3e9 + 0.5), math.ceil(-3000000000.5), math.floor(-0.5)", "3000000000 -3000000000 -1"],
  ["math.abs(math.mininteger), math.abs(-5), math.fmod(-7, 3), math.fmod(7, -3)", "-9223372036854775808 5 -1 1"],
  ["math.ult(1, -1), math.ult(-1, 1), math.max(1, 2^31 | 0), math.min(3, -1)", "true false 2147483648 -1"],
  ["10 == 10.0, 1 < 1.5, 2^53 < 2^53 | 1, 'a' .. 1 .. 2", "true true true a12"],
  [
    "tonumber('0x10'), tonumber('  12  '), tonumber('1e1') == 10, tonumber('ffffffff', 16), tonumber('zz', 36)",
    "16 12 true 4294967295 1295",
  ],
  [
    "tonumber('9223372036854775807'), tonumber('7fffffffffffffff', 16), tonumber('8', 8), tonumber('')",
    "9223372036854775807 9223372036854775807 nil nil",
  ],
  [
    "tonumber('0x'), tonumber('1 2'), tonumber('1e'), tonumber('0x1p4') == 16, tonumber('inf'), tonumber('nan')",
    "nil nil nil true nil nil",
  ],
  [
    "9223372036854775807, math.type(9223372036854775808), -9223372036854775807 - 1",
    "9223372036854775807 float -9223372036854775808",
  ],
  ["0.1 + 0.2, 1/3, 1e100, 1e16, 123.75e-10", "0.3 0.33333333333333 1e+100 1e+16 1.2375e-08"],
  ["1/0, -1/0", "inf -inf"],
  ["'10' + 5 == 15, math.type('10' + 5), '3000000000' * 1 == 3e9, 10 .. ''", "true float true 10"],
  ["5000000000 == 5e9, ({[5e9] = 'x'})[5000000000], ({[2^53] = 'y'})[9007199254740992]", "true x y"],
  [
    "({[math.maxinteger] = 1})[math.maxinteger], ({[1] = 'i'})[1.0], ({[math.maxinteger] = 1})[math.maxinteger - 1]",
    "1 i nil",
  ],
  ["select('#', table.unpack({}, 1, 3)), #'abc', -(-3), - -3", "3 3 3 3"],
];

test.each(asInLua53)("%s", (expression, shown) => {
  expect(printed(`print(${expression})`)).toEqual([shown]);
});

test("whole floats are shown without a fraction, unlike in Lua 5.3", () => {
  expect(printed("print(100 / 2, tostring(100 / 2) == '50', 2^53, 1e15, -0.0, 3e9 // 1, 7 // 2.0)")).toEqual([
    "50 true 9007199254740992 1000000000000000 -0 3000000000 3",
  ]);
});

test("no number has no sign", () => {
  expect(printed("print(0/0, -(0/0), math.huge - math.huge)")).toEqual(["nan nan nan"]);
});

const operators: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "&": (a, b) => a & b,
  "|": (a, b) => a | b,
  "~": (a, b) => a ^ b,
  "//": (a, b) => (b === 0n ? 0n : floorDivide(a, b)),
  "%": (a, b) => (b === 0n ? 0n : a - floorDivide(a, b) * b),
};

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

/** Integers of every size, with many around the ends of what a number holds exactly. */
const integers = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -100n, max: 100n }),
  fc.bigInt({ min: 2n ** 53n - 10n, max: 2n ** 53n + 10n }),
  fc.bigInt({ min: -(2n ** 53n) - 10n, max: -(2n ** 53n) + 10n }),
  fc.bigInt({ min: 2n ** 31n - 5n, max: 2n ** 32n + 5n }),
  fc.bigInt({ min: 2n ** 63n - 10n, max: 2n ** 63n - 1n }),
);

const literal = (value: bigint) => (value === -(2n ** 63n) ? "math.mininteger" : `(${value})`);

test("integers calculate in 64 bits, whether folded by the compiler, in registers or from strings", () => {
  fc.assert(
    fc.property(integers, integers, fc.constantFrom(...Object.keys(operators)), (a, b, operator) => {
      if (b === 0n && (operator === "//" || operator === "%")) return;
      const expected = String(BigInt.asIntN(64, operators[operator]?.(a, b) ?? 0n));
      const program = `local a, b = ${literal(a)}, ${literal(b)}
        print(a ${operator} b, ${literal(a)} ${operator} ${literal(b)}, tonumber('${a}') ${operator} b, math.type(a ${operator} b))`;
      expect(printed(program)).toEqual([`${expected} ${expected} ${expected} integer`]);
    }),
  );
});

test("integers compare and travel through tables and texts exactly", () => {
  fc.assert(
    fc.property(integers, integers, (a, b) => {
      const program = `local a, b = ${literal(a)}, ${literal(b)}
        local t = { [a] = "a" } t[b] = "b"
        print(a < b, a <= b, a == b, t[a], string.format("%d %x", a, b), tostring(a), string.unpack("j", string.pack("j", b)))`;
      const hex = BigInt.asUintN(64, b).toString(16);
      expect(printed(program)).toEqual([
        `${a < b} ${a <= b} ${a === b} ${a === b ? "b" : "a"} ${a} ${hex} ${a} ${b} 9`,
      ]);
    }),
  );
});
