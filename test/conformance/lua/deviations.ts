import type { InProcess } from "./interpreters.seam.ts";

/** Cases of one area whose output is not PUC Lua's, and why that is so. */
export interface Deviation {
  readonly reason: string;
  /** Names of cases; with the line that comes instead where the difference is meant to stay. */
  readonly cases: readonly string[] | Readonly<Record<string, string>>;
  /** The cases would never end, so they are left out. */
  readonly hangs?: true;
}

const bits = "integers of stock fengari have 32 bits, larger ones are floats";
const floats = "stock fengari prints floats as JavaScript does";
const format = "stock fengari formats with a JavaScript library that knows few flags";

/** The skip lists. A listed case that agrees with PUC Lua fails the test, so that the lists stay true. */
export const deviations: Readonly<Record<InProcess, Readonly<Record<string, readonly Deviation[]>>>> = {
  patched: {
    coroutines: [
      {
        reason: "functions that sort and gsub call may wait here",
        cases: { "yield across table.sort": `error "coroutines:24: attempt to index a nil value (local 'e')"` },
      },
      { reason: "functions that gsub calls may wait here", cases: ["yield across gsub"] },
    ],
    format: [
      {
        reason: "PUC Lua takes the zero byte that C puts behind every string for the end of a %z",
        cases: {
          "unpack of too little": `"bad argument #2 to 'string.unpack' (data string too short)", "bad argument #2 to 'string.unpack' (unfinished string for format 'z')", "bad argument #2 to 'string.unpack' (data string too short)"`,
        },
      },
    ],
    math: [
      {
        reason: "the bound that makes the interval wrong is named",
        cases: {
          "random of wide ranges": `error "math:20: bad argument #2 to 'random' (interval too large)"`,
          "random of an empty range": `error "math:22: bad argument #2 to 'random' (interval is empty)"`,
        },
      },
      {
        reason: "whole floats show no fraction, as in every Lua before 5.3: 100 / 2 reads 50",
        cases: {
          "tostring of whole floats": `"1", "1000000000000000", "50"`,
          "tostring of large floats": `"1e+16", "9007199254740992", "9.2233720368548e+18", "1e+20"`,
          "tostring of negative zero": `"-0"`,
        },
      },
    ],
    tables: [
      {
        reason: "table.concat counts in floats: indices beyond 2^53 are rounded",
        cases: ["concat at the edge of integers"],
      },
    ],
  },
  stock: {
    format: [
      {
        reason: format,
        cases: ["%d", "%x, %X, %o", "%c", "%f", "%e", "%g", "infinities", "%a"],
      },
      { reason: floats, cases: ["%f of large numbers", "%f rounds as C does", "%.14g"] },
      {
        reason: bits,
        cases: ["%d of 64 bits", "%d of whole floats", "%q", "pack of integers", "unpack of integers"],
      },
      { reason: "no overflow of I4 is noticed, since it is an integer's size", cases: ["pack beyond the range"] },
      { reason: "a message has a slip of the pen", cases: ["pack of bad formats"] },
    ],
    functions: [{ reason: bits, cases: ["recursion"] }],
    integers: [
      {
        reason: bits,
        cases: [
          "limits",
          "addition wraps",
          "subtraction wraps",
          "multiplication wraps",
          "multiplication is exact",
          "sums beyond 2^53",
          "products of large factors",
          "floor division at the edge",
          "modulo at the edge",
          "float division",
          "shifts",
          "shift by the edge",
          "bitwise and, or, xor, not",
          "literals",
          "literals beyond 2^53",
          "constants fold exactly",
          "constants as keys and operands",
          "integers and floats compare exactly",
          "milliseconds since 1970",
          "hashes of 32 bits",
          "hash of 64 bits",
          "random numbers by a linear generator",
        ],
      },
      { reason: "~ of a string raises", cases: ["bitwise takes whole floats and strings"] },
      {
        reason: floats,
        cases: ["power is float", "strings in arithmetic", "large strings in arithmetic become floats"],
      },
      {
        reason: "a loop to the largest integer wraps for ever, or counts floats that no longer grow",
        cases: [
          "for loops near the edge",
          "for loops with huge limits run not at all or to the end",
          "for loops with big steps end",
          "number of 64 bits as loop bounds",
        ],
        hangs: true,
      },
    ],
    math: [
      {
        reason: bits,
        cases: [
          "abs",
          "ceil and floor",
          "floor of what no integer holds",
          "tointeger",
          "max and min",
          "random of wide ranges",
          "tonumber at the edges",
          "tonumber with a base",
          "tostring of integers",
          "concatenation of numbers",
        ],
      },
      {
        reason: floats,
        cases: [
          "tostring of fractions",
          "tostring of whole floats",
          "tostring of large floats",
          "tostring of no numbers",
          "tostring of negative zero",
        ],
      },
    ],
    patterns: [{ reason: "a message lacks its last bracket", cases: ["malformed patterns"] }],
    strings: [
      {
        reason: "keys are unpadded hex, so different strings collide",
        cases: ["distinct bytes are distinct keys", "every byte and every pair of low bytes is a key of its own"],
      },
      { reason: "order goes by that hex too", cases: ["order is by byte", "order sorts"] },
      { reason: "a JavaScript error comes through", cases: ["char of what is no byte"] },
      { reason: "a length of 32 bits wraps", cases: ["rep beyond all bounds"] },
    ],
    tables: [
      { reason: bits, cases: ["keys beyond 2^53", "sort of many"] },
      { reason: "the order of a table's keys is that of their insertion", cases: ["arrays are visited in order"] },
    ],
  },
};
