import { afterAll, describe, expect, test } from "vitest";
import type { Value } from "../../../../../src/core/values.ts";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import { failureOf } from "../support.ts";
import { callOnce, directInstance, prepareDirect, trapOf, type SmallComponent } from "./small-component.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

const invalid = expect.objectContaining({ code: "TRAP_INVALID_VALUE" });

/** A guest over a host's resource: may get, lend, give and drop it. */
function over(core: string, type = ""): SmallComponent {
  return {
    before: `(import "test:it/things" (instance $things
        (export "thing" (type $thing (sub resource)))
        (export "other" (type $other (sub resource)))
        (export "get" (func (result (own $thing))))
        (export "get-other" (func (result (own $other))))
        (export "look" (func (param "t" (borrow $thing))))
        (export "compare" (func (param "a" (borrow $thing)) (param "b" (borrow $thing))))
        (export "eat" (func (param "t" (own $thing))))
        (export "mixed" (func (param "a" (borrow $thing)) (param "b" (own $thing))))))
      (alias export $things "thing" (type $thing)) (alias export $things "other" (type $other))`,
    uses: {
      get: { type: "(result i32)", canon: '(canon lower (func $things "get"))' },
      "get-other": { type: "(result i32)", canon: '(canon lower (func $things "get-other"))' },
      look: { type: "(param i32)", canon: '(canon lower (func $things "look"))' },
      compare: { type: "(param i32 i32)", canon: '(canon lower (func $things "compare"))' },
      eat: { type: "(param i32)", canon: '(canon lower (func $things "eat"))' },
      mixed: { type: "(param i32 i32)", canon: '(canon lower (func $things "mixed"))' },
      drop: { type: "(param i32)", canon: "(canon resource.drop $thing)" },
    },
    core,
    type,
  };
}

class Thing {
  static readonly log: string[] = [];
  static made = 0;
  readonly id = ++Thing.made;

  [Symbol.dispose](): void {
    Thing.log.push(`drop ${this.id}`);
  }
}

class Other {
  [Symbol.dispose](): void {}
}

async function events(
  text: SmallComponent,
  args: readonly Value[] = [],
  engine: "direct" | "jco" = "direct",
): Promise<readonly string[]> {
  Thing.log.length = 0;
  Thing.made = 0;
  const imports = {
    "test:it/things": {
      get: () => new Thing(),
      getOther: () => new Other(),
      look: (thing: Thing) => Thing.log.push(`look ${thing.id}`),
      compare: (a: Thing, b: Thing) => Thing.log.push(`compare ${a.id} ${b.id}`),
      eat: (thing: Thing) => Thing.log.push(`eat ${thing.id}`),
      mixed: () => undefined,
      Thing,
      Other,
    },
  };
  await callOnce(text, args, { imports, engine });
  return [...Thing.log];
}

const start = '(func (export "f") (local $h i32) (local $i i32) (local.set $h (call $get)) (local.set $i (call $get))';

describe("handles of a host's resource", () => {
  test.each([
    ["are lent and dropped", "(call $look (local.get $h)) (call $drop (local.get $h))", ["look 1", "drop 1"]],
    ["are lent twice at once", "(call $compare (local.get $h) (local.get $h))", ["compare 1 1"]],
    ["are given away", "(call $eat (local.get $i)) (call $look (local.get $h))", ["eat 2", "look 1"]],
    ["are small numbers from 1", "(if (i32.ne (local.get $h) (i32.const 1)) (then (unreachable)))", []],
    [
      "are used again",
      "(call $drop (local.get $h)) (if (i32.ne (call $get) (i32.const 1)) (then (unreachable)))",
      ["drop 1"],
    ],
  ])("%s", async (_, body, expected) => {
    expect(await events(over(`${start} ${body})`))).toEqual(expected);
    expect(await events(over(`${start} ${body})`), [], "jco")).toEqual(expected);
  });

  test.each([
    ["that do not exist", "(call $look (i32.const 9))"],
    ["0", "(call $look (i32.const 0))"],
    ["-1", "(call $look (i32.const -1))"],
    ["of another type", "(call $look (call $get-other))"],
    ["of another type, dropped", "(call $drop (call $get-other))"],
    ["dropped before", "(call $drop (local.get $h)) (call $look (local.get $h))"],
    ["dropped twice", "(call $drop (local.get $h)) (call $drop (local.get $h))"],
    ["given away before", "(call $eat (local.get $h)) (call $look (local.get $h))"],
    ["given away twice", "(call $eat (local.get $h)) (call $eat (local.get $h))"],
    ["lent and given away by one call", "(call $mixed (local.get $h) (local.get $h))"],
    // (jco lets most of them through, with a host's object that is undefined.)
  ])("%s trap", async (_, body) => {
    await expect(events(over(`${start} ${body})`))).rejects.toEqual(invalid);
  });

  test("a guest holds a million, not more", async () => {
    const core =
      '(func (export "f") (param i32) (loop (drop (call $get)) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))';
    await events(over(core, '(param "n" u32)'), [1_000_000]);
    await expect(events(over(core, '(param "n" u32)'), [1_000_001])).rejects.toEqual(invalid);
  });
});

/** A component that defines a resource whose destructor counts, and what its exports do with it. */
function defining(exports: string, core: string): string {
  return `(component
    (core module $d (global $dropped (mut i32) (i32.const 0))
      (func (export "dtor") (param i32) (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
      (func (export "dropped") (result i32) (global.get $dropped)))
    (core instance $d (instantiate $d))
    (type $r' (resource (rep i32) (dtor (core func $d "dtor"))))
    (import "unused" (func))
    (core func $new (canon resource.new $r'))
    (core func $rep (canon resource.rep $r'))
    (core func $drop (canon resource.drop $r'))
    (core module $m
      (import "" "new" (func $new (param i32) (result i32))) (import "" "rep" (func $rep (param i32) (result i32)))
      (import "" "drop" (func $drop (param i32))) (import "d" "dropped" (func $dropped (result i32)))
      (import "d" "dtor" (func $dtor (param i32)))
      ${core})
    (core instance $m (instantiate $m (with "d" (instance $d))
      (with "" (instance (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
    (export $r "r" (type $r'))
    ${exports})`;
}

describe("resources of a guest", () => {
  test("know their number, and run the destructor when their component drops them", async () => {
    const text = defining(
      '(func (export "f") (result u32) (canon lift (core func $m "f")))',
      `(func (export "f") (result i32) (local $h i32)
        (local.set $h (call $new (i32.const 40)))
        (if (i32.ne (call $rep (local.get $h)) (i32.const 40)) (then (unreachable)))
        (call $drop (local.get $h)) (i32.add (call $dropped) (i32.const 2)))`,
    );
    expect(await callOnce(text)).toBe(42);
  });

  test("leave it as opaque handles, whose end runs the destructor in it", async () => {
    const traps = defining(
      '(func (export "f") (result (own $r)) (canon lift (core func $m "f")))',
      '(func (export "f") (result i32) (call $new (i32.const 7)))',
    ).replace('(func (export "dtor") (param i32)', '(func (export "dtor") (param i32) (unreachable)');
    const instance = await directInstance(traps);
    const made: unknown = instance.call([]);
    expect(() => dispose(made)).toThrow("unreachable");
    // Once is enough.
    expect(() => dispose(made)).not.toThrow();
  });

  test("outlive neither a guest that failed nor one that is disposed", async () => {
    const text = defining(
      '(func (export "f") (param "fail" bool) (result (own $r)) (canon lift (core func $m "f")))',
      '(func (export "f") (param i32) (result i32) (if (local.get 0) (then (unreachable))) (call $new (i32.const 7)))',
    ).replace('(func (export "dtor") (param i32)', '(func (export "dtor") (param i32) (unreachable)');
    const failing = await directInstance(text);
    const first: unknown = failing.call([false]);
    await failureOf(() => failing.call([true]));
    expect(() => dispose(first)).not.toThrow();
    const ended = await directInstance(text);
    const second: unknown = ended.call([false]);
    ended[Symbol.dispose]();
    expect(() => dispose(second)).not.toThrow();
  });

  test("of one instance mean nothing to another", async () => {
    const text = defining(
      `(func (export "f") (param "x" (option (own $r))) (result (own $r)) (canon lift (core func $m "f")))`,
      `(func (export "f") (param i32 i32) (result i32)
        (if (local.get 0) (then (return (local.get 1)))) (call $new (i32.const 7)))`,
    )
      .replace('(param "x" (option (own $r)))', '(param "x" $o)')
      .replace('(func (export "f") (param "x"', '(type $o (option (own $r))) (func (export "f") (param "x"');
    const linked = linkComponent(await prepareDirect(text));
    const [one, other] = [await linked.instantiate({}), await linked.instantiate({})];
    const own: Value = await one.call([null]);
    const moved: Value = await one.call([own]);
    // What was given away is gone, what came back is new.
    expect(moved).not.toBe(own);
    await expect(async () => await other.call([moved])).rejects.toEqual(invalid);
    await expect(async () => await one.call([own])).rejects.toEqual(invalid);
  });

  test("a value that is none is refused", async () => {
    const text = defining(
      `(func (export "f") (param "x" (borrow $r)) (canon lift (core func $m "f")))`,
      '(func (export "f") (param i32))',
    );
    for (const wrong of [1, "r", { r: 1 }, null]) expect(await trapOf(text, [wrong])).toEqual(invalid);
  });
});

/** A component that uses what another one defines. The maker's functions may be given core code. */
function composed(maker: string, user: string): string {
  return `(component
    (component $maker
      (core module $d (global $dropped (mut i32) (i32.const 0))
        (func (export "dtor") (param i32) (global.set $dropped (i32.add (global.get $dropped) (local.get 0))))
        (func (export "dropped") (result i32) (global.get $dropped)))
      (core instance $d (instantiate $d))
      (type $r' (resource (rep i32) (dtor (core func $d "dtor"))))
      (export $r "r" (type $r'))
      (core func $new (canon resource.new $r'))
      (core func $drop (canon resource.drop $r'))
      (core module $m (import "" "new" (func $new (param i32) (result i32))) (import "" "drop" (func $drop (param i32)))
        (func (export "make") (result i32) (call $new (i32.const 7)))
        (func (export "look") (param i32) ${maker}))
      (core instance $m (instantiate $m (with "" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
      (func (export "make") (result (own $r)) (canon lift (core func $m "make")))
      (func (export "look") (param "r" (borrow $r)) (canon lift (core func $m "look")))
      (func (export "dropped") (result u32) (canon lift (core func $d "dropped"))))
    (instance $maker (instantiate $maker))
    (component $middle
      (import "maker" (instance $maker
        (export "r" (type $r (sub resource)))
        (export "look" (func (param "r" (borrow $r))))))
      (alias export $maker "r" (type $r))
      (core func $look (canon lower (func $maker "look")))
      (core func $drop (canon resource.drop $r))
      (core module $m (import "" "look" (func $look (param i32))) (import "" "drop" (func $drop (param i32)))
        (func (export "pass") (param i32) (call $look (local.get 0)) (call $drop (local.get 0)))
        (func (export "keep") (param i32)))
      (core instance $m (instantiate $m (with "" (instance (export "look" (func $look)) (export "drop" (func $drop))))))
      (func (export "pass") (param "r" (borrow $r)) (canon lift (core func $m "pass")))
      (func (export "keep") (param "r" (borrow $r)) (canon lift (core func $m "keep"))))
    (instance $middle (instantiate $middle (with "maker" (instance $maker))))
    (alias export $maker "r" (type $r))
    (core func $make (canon lower (func $maker "make")))
    (core func $look (canon lower (func $maker "look")))
    (core func $dropped (canon lower (func $maker "dropped")))
    (core func $pass (canon lower (func $middle "pass")))
    (core func $keep (canon lower (func $middle "keep")))
    (core func $drop (canon resource.drop $r))
    (core module $m
      (import "" "make" (func $make (result i32))) (import "" "look" (func $look (param i32)))
      (import "" "pass" (func $pass (param i32))) (import "" "keep" (func $keep (param i32)))
      (import "" "drop" (func $drop (param i32))) (import "" "dropped" (func $dropped (result i32)))
      (func (export "f") (result i32) (local $h i32) (local.set $h (call $make)) ${user} (call $dropped)))
    (core instance $m (instantiate $m (with "" (instance
      (export "make" (func $make)) (export "look" (func $look)) (export "pass" (func $pass)) (export "keep" (func $keep))
      (export "drop" (func $drop)) (export "dropped" (func $dropped))))))
    (func (export "f") (result u32) (canon lift (core func $m "f"))))`;
}

describe("borrows between components", () => {
  test("are dropped before the call returns", async () => {
    expect(await callOnce(composed("", "(call $pass (local.get $h)) (call $drop (local.get $h))"))).toBe(7);
    expect((await trapOf(composed("", "(call $keep (local.get $h))"))).message).toContain("borrowed handles");
  });

  test("come to the defining component as its own number, not as a handle", async () => {
    expect(
      await callOnce(
        composed("(if (i32.ne (local.get 0) (i32.const 7)) (then (unreachable)))", "(call $look (local.get $h))"),
      ),
    ).toBe(0);
  });

  test("cannot be dropped as handles by the defining component, which has none", async () => {
    expect(await trapOf(composed("(call $drop (local.get 0))", "(call $look (local.get $h))"))).toEqual(invalid);
  });

  test("leave what is lent where it is: it is lent again, and dropped once", async () => {
    const twice = "(call $pass (local.get $h)) (call $pass (local.get $h)) (call $drop (local.get $h))";
    expect(await callOnce(composed("", twice))).toBe(7);
  });
});

function dispose(value: unknown): void {
  const end: unknown = typeof value === "object" && value !== null ? Reflect.get(value, Symbol.dispose) : undefined;
  if (typeof end !== "function") throw new Error("no resource");
  Reflect.apply(end, value, []);
}

test.each(["new", "rep"])("of others cannot be forged: resource.%s is for one's own", async (what) => {
  const inner = `(component $c (import "r" (type $r (sub resource))) (core func $x (canon resource.${what} $r))
    (core module $k (import "" "x" (func $x (param i32) (result i32)))
      (func (export "f") (result i32) (call $x (i32.const 1234))))
    (core instance $k (instantiate $k (with "" (instance (export "x" (func $x))))))
    (func (export "f") (result u32) (canon lift (core func $k "f"))))`;
  const text = `(component (type $mine (resource (rep i32))) ${inner}
    (instance $n (instantiate $c (with "r" (type $mine)))) (export "f" (func $n "f")))`;
  await expect(directInstance(text)).rejects.toThrow(
    `resource.${what} of a resource that the component does not define`,
  );
});
