import { afterAll, describe, test } from "vitest";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { expectInvalid, expectValid } from "./verdict.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

/** A core instance with a memory, allocators, and functions of several types; an import to lower. */
const parts = (type: string): string => `
  (core module $m (memory (export "m") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable) (func (export "narrow") (param i32 i32 i32) (result i32) unreachable)
    (func (export "none")) (func (export "take") (param i32)) (func (export "give") (result i32) unreachable) (func (export "two") (param i32 i32))
    (func (export "cb") (param i32 i32 i32) (result i32) unreachable))
  (core instance $i (instantiate $m))
  (import "h" (func $h ${type}))`;
const odd = (type: string): string =>
  `(core module $odd (memory (export "m") ${type})) (core instance $odd (instantiate $odd)) ${parts('(param "x" string)')}
   (core func (canon lower (func $h) (memory (core memory $odd "m"))))`;
const memory = '(memory (core memory $i "m"))';
const realloc = '(realloc (core func $i "realloc"))';
const wide = `(tuple ${"u32 ".repeat(17)})`;
const lower = (type: string, options: string): string =>
  `${parts(type)} (core func (canon lower (func $h) ${options}))`;
const lift = (type: string, core: string, options: string): string =>
  `${parts("")} (func ${type} (canon lift (core func $i "${core}") ${options}))`;

describe("a lowered function", () => {
  test.each([
    ["needs nothing for numbers", lower('(param "x" u32) (result u64)', "")],
    ["needs a memory for strings", lower('(param "x" string)', memory)],
    ["needs an allocator for strings that it gives", lower("(result string)", `${memory} ${realloc}`)],
    ["needs only a memory for many parameters", lower(`(param "x" ${wide})`, memory)],
    ["needs only a memory for a large result without pointers", lower(`(result ${wide})`, memory)],
    ["may have more than it needs", lower("", `${memory} ${realloc} string-encoding=utf16`)],
  ])("%s", async (_, text) => {
    await expectValid(text);
  });

  test.each([
    ["needs a memory for strings", lower('(param "x" string)', ""), "no memory is given for func(x: string)"],
    ["needs a memory for many parameters", lower(`(param "x" ${wide})`, ""), "no memory is given for"],
    ["needs a memory for more than one result", lower("(result (tuple u8 u8))", ""), "no memory is given for"],
    [
      "needs an allocator for strings that it gives",
      lower("(result string)", memory),
      "no allocator is given for func() -> string",
    ],
    [
      "has no post-return function",
      lower("", '(post-return (core func $i "none"))'),
      "a lowered function with a post-return function",
    ],
    ["has an allocator for a memory", lower("", realloc), "an allocator without a memory is given for func()"],
    [
      "has an allocator of the right type",
      lower("", `${memory} (realloc (core func $i "narrow"))`),
      "an allocator should be (i32, i32, i32, i32) -> i32, but is (i32, i32, i32) -> i32",
    ],
    ["has one memory", lower("", `${memory} ${memory}`), "option 3 of a canonical function is a second of its sort"],
    [
      "has one encoding",
      lower("", "string-encoding=utf8 string-encoding=utf16"),
      "option 1 of a canonical function is a second of its sort",
    ],
    ["has a memory of 32 bits", odd("i64 1"), "has addresses of 64 bits"],
    ["has a memory of one thread", odd("1 1 shared"), "is shared"],
    ["has a memory that is there", lower('(param "x" string)', "(memory 7)"), "the memory of func(x: string) is none"],
    ["is a function that is there", "(core func (canon lower (func 7)))", "function 7 does not exist"],
  ])("%s, or is refused", async (_, text, message) => {
    await expectInvalid(text, message);
  });
});

describe("a lifted function", () => {
  test.each([
    [
      "may have a post-return function that takes what it gave",
      lift("(result u32)", "give", '(post-return (core func $i "take"))'),
    ],
    ["needs only a memory for results", lift("(result string)", "give", memory)],
    ["needs an allocator for many parameters", lift(`(param "x" ${wide})`, "take", `${memory} ${realloc}`)],
    ["needs an allocator for strings", lift('(param "x" string)', "two", `${memory} ${realloc}`)],
  ])("%s", async (_, text) => {
    await expectValid(text);
  });

  test.each([
    [
      "is of the type that its parameters come to",
      lift('(param "x" u64)', "take", ""),
      "the core function of func(x: u64) should be (i64) -> (), but is (i32) -> ()",
    ],
    [
      "is of the type that its result comes to",
      lift("(result f32)", "give", ""),
      "should be () -> f32, but is () -> i32",
    ],
    [
      "has a post-return function that takes what it gave",
      lift("(result u32)", "give", '(post-return (core func $i "none"))'),
      "a post-return function should be (i32) -> (), but is () -> ()",
    ],
    [
      "has one post-return function",
      lift("(result u32)", "give", '(post-return (core func $i "take")) (post-return (core func $i "take"))'),
      "a second of its sort",
    ],
    ["has a memory for strings", lift('(param "x" string)', "two", ""), "no memory is given for"],
    ["has an allocator for strings", lift('(param "x" string)', "two", memory), "no allocator is given for"],
    ["has an allocator for many parameters", lift(`(param "x" ${wide})`, "take", memory), "no allocator is given for"],
    [
      "has no callback unless it is asynchronous",
      lift("", "none", '(callback (core func $i "cb"))'),
      "a callback of a function that is not asynchronous",
    ],
    [
      "has a type of a function",
      `${parts("")} (type $t u8) (func (type $t) (canon lift (core func $i "none")))`,
      "type 1 is not the type of a function",
    ],
    [
      "is a core function that is there",
      "(func (canon lift (core func 9)))",
      "the core function of func() does not exist",
    ],
  ])("%s, or is refused", async (_, text, message) => {
    await expectInvalid(text, message);
  });
});
