import { afterAll, describe, expect, test } from "vitest";
import { WeftError } from "../../../../../src/core/errors.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { memoryPool } from "../../../../../src/engine/wasm/limits/memory-pool.ts";
import { bindHosts } from "../../../../../src/hosts/index.ts";
import { instance } from "../../../hosts/support/instance.ts";
import { failureOf } from "../support.ts";
import { callOnce, prepareDirect, smallComponent, trapOf, type SmallComponent } from "./small-component.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

/** Calls a host's function and drops what it gives. `core` is the core result of the lowered function. */
function asking(type: string, core: "(result i32)" | "(result i64)" | "(result f32)" | "(param i32)"): SmallComponent {
  const call = core === "(param i32)" ? "(call $host (i32.const 64))" : "(drop (call $host))";
  return {
    before: `(type $t' ${type}) ${/^\((enum|variant|flags|record)/.test(type) ? `(import "t" (type $t (eq $t')))` : "(alias outer 0 $t' (type $t))"}
      (import "host" (func $host (result $t)))`,
    uses: { host: { type: core, canon: "(canon lower (func $host) $options)" } },
    core: `(func (export "f") ${call})`,
    type: "",
  };
}

function given(value: unknown) {
  return { imports: { host: { default: () => value } } };
}

const u32 = asking("u32", "(result i32)");

describe("what a host gives is of the function's type", () => {
  test.each([
    ["u32", u32, -1],
    ["u32", u32, 2 ** 32],
    ["u32", u32, 1.5],
    ["u32", u32, "1"],
    ["u32", u32, undefined],
    ["u32", u32, Number.NaN],
    ["s8", asking("s8", "(result i32)"), 128],
    ["u64", asking("u64", "(result i64)"), -1n],
    ["u64", asking("u64", "(result i64)"), 2n ** 64n],
    ["f32", asking("f32", "(result f32)"), 1e300],
    ["bool", asking("bool", "(result i32)"), 1],
    ["char", asking("char", "(result i32)"), "ab"],
    ["char", asking("char", "(result i32)"), "\uD800"],
    ["string", asking("string", "(param i32)"), "\uD800"],
    ["string", asking("string", "(param i32)"), 7],
    ["an enum", asking('(enum "a" "b")', "(result i32)"), "c"],
    ["a variant", asking('(variant (case "a" u8) (case "b"))', "(param i32)"), { tag: "c" }],
    ["a variant", asking('(variant (case "a" u8) (case "b"))', "(param i32)"), undefined],
    ["a variant's payload", asking('(variant (case "a" u8) (case "b"))', "(param i32)"), { tag: "a", val: 256 }],
    ["a record", asking('(record (field "a" u8) (field "b" u8))', "(param i32)"), { a: 1 }],
    ["a record", asking('(record (field "a" u8) (field "b" u8))', "(param i32)"), undefined],
    ["a list", asking("(list u32)", "(param i32)"), undefined],
    ["a list", asking("(list u32)", "(param i32)"), [1, -1]],
    ["bytes", asking("(list u8)", "(param i32)"), [1, 256]],
    ["a tuple", asking("(tuple u8 u8)", "(param i32)"), [1]],
    ["an option's value", asking("(option u8)", "(param i32)"), 256],
    ["a result's value", asking("(result u8 (error u8))", "(param i32)"), 256],
  ])("%s", async (_, text, value) => {
    expect(await trapOf(text, [], given(value))).toMatchObject({ code: "INVALID_RESULT" });
  });

  test("and the message says which function, and where", async () => {
    const text = asking('(record (field "a" (list u8)) (field "b" (list u32)))', "(param i32)").before ?? "";
    const nested = {
      ...asking("(list u32)", "(param i32)"),
      before: text.replace("(list u8)", "u8").replace("(list u32)", "u32"),
    };
    const { message } = await trapOf(nested, [], given({ a: 1, b: 2 ** 40 }));
    expect(message).toMatch(/the host's .*host gave a wrong value: at \.b: expected .*number 1099511627776/);
  });

  test("what fits passes", async () => {
    expect(await callOnce(u32, [], given(2 ** 32 - 1))).toBeNull();
    expect(await callOnce(asking("(list u8)", "(param i32)"), [], given(new Uint8Array(3)))).toBeNull();
    expect(await callOnce(asking("(list u32)", "(param i32)"), [], given(new Uint32Array(3)))).toBeNull();
    expect(await callOnce(asking("(option u8)", "(param i32)"), [], given(undefined))).toBeNull();
  });

  test("an err that is thrown, too", async () => {
    const text = asking("(result u8 (error u8))", "(param i32)");
    const throwing = (payload: unknown) => ({
      imports: {
        host: {
          default: () => {
            throw Object.assign(new Error("err"), { payload });
          },
        },
      },
    });
    expect(await callOnce(text, [], throwing(7))).toBeNull();
    expect(await trapOf(text, [], throwing(256))).toMatchObject({ code: "INVALID_RESULT" });
  });
});

describe("a resource that a host gives", () => {
  const text = {
    before: `(import "test:it/things@0.1.0" (instance $things (export "thing" (type $thing (sub resource))) (export "get" (func (result (own $thing))))))
      (alias export $things "thing" (type $thing))`,
    uses: {
      get: { type: "(result i32)", canon: '(canon lower (func $things "get"))' },
      drop: { type: "(param i32)", canon: "(canon resource.drop $thing)" },
    },
    core: '(func (export "f") (call $drop (call $get)))',
    type: "",
  };
  class Thing {
    static dropped = 0;

    [Symbol.dispose](): void {
      Thing.dropped += 1;
    }
  }
  const imports = (get: () => unknown, more: object = { Thing }) => ({
    imports: { "test:it/things": { ...more, get } },
  });

  test("is disposed when the guest drops it", async () => {
    expect(
      await callOnce(
        text,
        [],
        imports(() => new Thing()),
      ),
    ).toBeNull();
    expect(Thing.dropped).toBe(1);
  });

  test("is of the class that is given for it", async () => {
    for (const wrong of [new Date(), {}, 7, null, undefined, "Thing"]) {
      expect(
        await trapOf(
          text,
          [],
          imports(() => wrong),
        ),
      ).toMatchObject({ code: "INVALID_RESULT" });
    }
    expect(
      await callOnce(
        text,
        [],
        imports(() => new (class extends Thing {})()),
      ),
    ).toBeNull();
  });

  test("is anything where no class is given", async () => {
    expect(
      await callOnce(
        text,
        [],
        imports(() => ({}), {}),
      ),
    ).toBeNull();
  });
});

describe("a host that throws", () => {
  const text = smallComponent({
    before: '(import "host" (func $host (result u32)))',
    uses: { host: { type: "(result i32)", canon: "(canon lower (func $host) $options)" } },
    core: '(start $s) (func $s (drop (call $host))) (func (export "f") (drop (call $host)) (drop (call $host)) (drop (call $host)))',
    type: "",
  });

  test.each([
    ["an error", new Error("broken"), "INTERNAL"],
    ["a failure", new WeftError("POOL_FULL", "full"), "POOL_FULL"],
    ["something odd", undefined, "INTERNAL"],
  ])("%s, at any of its calls, ends the instance and nothing else", async (_, thrown, code) => {
    const linked = linkComponent(await prepareDirect(text));
    const before = memoryPool.live - memoryPool.idle;
    for (let at = 0; at < 4; at++) {
      let calls = 0;
      const host = () => {
        if (calls++ === at) throw thrown;
        return 1;
      };
      const imports = { host: { default: host } };
      if (at === 0) {
        expect(await failureOf(() => linked.instantiate(imports))).toMatchObject({ code });
        continue;
      }
      using instance = await linked.instantiate(imports);
      expect(await failureOf(() => instance.call([]))).toMatchObject({ code });
      expect((await failureOf(() => instance.call([]))).message).toContain("failed in an earlier call");
    }
    expect(memoryPool.live - memoryPool.idle).toBe(before);
    using fine = await linked.instantiate({ host: { default: () => 1 } });
    expect(await fine.call([])).toBeNull();
  });
});

describe("versions of WASI", () => {
  /** Asks the real host for the time, by an interface of some version. */
  const asking = (version: string) => ({
    before: `(import "wasi:clocks/monotonic-clock@${version}" (instance $c (export "now" (func (result u64)))))`,
    uses: { now: { type: "(result i64)", canon: '(canon lower (func $c "now"))' } },
    core: '(func (export "f") (result i32) (i64.ne (call $now) (i64.const 0)))',
    type: "(result bool)",
  });
  const bound = (version: string) =>
    bindHosts(instance({}), ["wasi:clocks"], [{ interface: "wasi:clocks/monotonic-clock", version }]);

  test.each(["0.2.0", "0.2.3", "0.2.8", "0.2.40"])("%s is served", async (version) => {
    using hosts = bound(version);
    expect(await callOnce(asking(version), [], { imports: hosts.imports })).toBe(true);
  });

  test.each(["0.1.0", "0.3.0", "1.0.0", "0.2.0-rc-2023-11-10"])("%s is not", async (version) => {
    using hosts = bound(version);
    expect(await trapOf(asking(version), [], { imports: hosts.imports })).toMatchObject({
      code: "TRAP_MISSING_IMPORT",
    });
  });
});
