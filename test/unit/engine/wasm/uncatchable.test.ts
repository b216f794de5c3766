import { describe, expect, test } from "vitest";
import { GuestExit } from "../../../../src/core/exit.ts";
import { WeftError } from "../../../../src/core/errors.ts";
import { separateContext } from "../../../../src/runtime/isolate/guard/separate.seam.ts";
import { assemble } from "../../../../src/engine/wasm/assemble.ts";
import { plainRealm } from "../../../../src/engine/wasm/program.ts";
import { carriedBy, throwingTraps } from "../../../../src/engine/wasm/uncatchable.ts";
import { directInstance } from "./component/small-component.ts";
import { coreInstance } from "./support.ts";

/** Calls `x` of the module that is named by nothing, and gives 99 if that throws something that can be caught. */
const catching = (type = "(result i32)", call = "call $x") => `
  (import "" "x" (func $x ${type}))
  (func (export "f") (result i32) (block $b (try_table (result i32) (catch_all $b) ${call}) return) i32.const 99)`;

const failure = new WeftError("OUTPUT_EXCEEDED", "too much");

/** The code, or the status, that a piece of work ends with. */
async function endOf(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof WeftError) return thrown.code;
    if (thrown instanceof GuestExit) return thrown.status;
    throw thrown;
  }
}

function fail(thrown: unknown): never {
  throw thrown;
}

describe("a core module that catches everything cannot catch", () => {
  const bytes = `(module ${catching()})`;

  test("what a host throws", async () => {
    const imports = { "": { x: () => fail(failure) } };
    const instance = await coreInstance({ bytes, method: "f", imports });
    expect(await endOf(() => instance.call([]))).toBe("OUTPUT_EXCEEDED");
    expect(await endOf(() => instance.call([]))).toBe("INTERNAL");
  });

  test("its own exit", async () => {
    const imports = { "": { x: () => fail(new GuestExit(7)) } };
    expect(await endOf(async () => (await coreInstance({ bytes, method: "f", imports })).call([]))).toBe(7);
  });

  test("that a call too many is refused, or that an import is missing", async () => {
    const options = { onHostCall: () => fail(new WeftError("HOST_CALLS_EXCEEDED", "too many")) };
    const imports = { "": { x: () => 1 } };
    const refused = coreInstance({ bytes, method: "f", imports, options });
    expect(await endOf(async () => (await refused).call([]))).toBe("HOST_CALLS_EXCEEDED");
    const missing = coreInstance({ bytes, method: "f" });
    expect(await endOf(async () => (await missing).call([]))).toBe("TRAP_MISSING_IMPORT");
  });

  test("what a host throws later", async () => {
    const imports = { "": { x: () => Promise.reject(failure) } };
    const instance = await coreInstance({ bytes, method: "f", imports, options: { suspending: new Set(["x"]) } });
    expect(await endOf(() => instance.call([]))).toBe("OUTPUT_EXCEEDED");
  });
});

test("a guest in a context of its own cannot catch it, either", async () => {
  const { WebAssembly: separate } = separateContext();
  const module = new WebAssembly.Module(await assemble(`(module ${catching()})`, "test:guest"));
  const { exports } = new separate.Instance(module, { "": { x: throwingTraps(() => fail(failure)) } });
  const f = exports["f"];
  try {
    if (typeof f === "function") Reflect.apply(f, undefined, []);
    expect.unreachable();
  } catch (thrown) {
    expect(carriedBy(thrown)).toBe(failure);
  }
});

/** A component whose only core function catches what the lowered function throws. */
const around = (before: string, lowering: string, core = catching()) => `(component ${before}
  (core func $l ${lowering}) (core module $k ${core})
  (core instance $k (instantiate $k (with "" (instance (export "x" (func $l))))))
  (func (export "f") (result u32) (canon lift (core func $k "f"))))`;

describe("a component that catches everything cannot catch", () => {
  const memory = `(core module $mm (memory (export "mem") 1)) (core instance $mi (instantiate $mm))
    (alias core export $mi "mem" (core memory $mem))`;
  const inner = (core: string) => `(component $c (core module $m ${core}) (core instance $i (instantiate $m))
    (func (export "f") (result u32) (canon lift (core func $i "f")))) (instance $n (instantiate $c))
    (alias export $n "f" (func $g))`;

  test.each([
    ["what a host throws", around('(import "h" (func $h (result u32)))', "(canon lower (func $h))"), "OUTPUT_EXCEEDED"],
    [
      "that it gives a host a string outside of its memory",
      around(
        `(import "h" (func $h (param "s" string) (result u32))) ${memory}`,
        "(canon lower (func $h) (memory (core memory $mem)))",
        catching("(param i32 i32) (result i32)", "(call $x (i32.const -1) (i32.const 9))"),
      ),
      "TRAP_INVALID_VALUE",
    ],
    [
      "a trap of a component inside it",
      around(inner('(func (export "f") (result i32) unreachable)'), "(canon lower (func $g))"),
      "TRAP_UNREACHABLE",
    ],
    [
      "an exception of a component inside it",
      around(inner('(tag $t) (func (export "f") (result i32) (throw $t))'), "(canon lower (func $g))"),
      "TRAP_GUEST_EXCEPTION",
    ],
    [
      "that it drops a handle that it does not have",
      around(
        '(import "r" (type $r (sub resource)))',
        "(canon resource.drop $r)",
        catching("(param i32)", "(call $x (i32.const 5)) (i32.const 1)"),
      ),
      "TRAP_INVALID_VALUE",
    ],
  ])("%s", async (_, text, code) => {
    const instance = await directInstance(text, { imports: { h: { default: () => fail(failure) } } });
    expect(await endOf(() => instance.call([]))).toBe(code);
    expect(await endOf(() => instance.call([]))).toBe("INTERNAL");
  });

  test("what a host throws later", async () => {
    const text = around('(import "h" (func $h (result u32)))', "(canon lower (func $h))");
    const imports = { h: { default: () => Promise.reject(failure) } };
    const instance = await directInstance(text, { imports, suspending: () => true });
    expect(await endOf(() => instance.call([]))).toBe("OUTPUT_EXCEEDED");
  });

  test("that a host's later answer is wrong", async () => {
    const text = around('(import "h" (func $h (result u32)))', "(canon lower (func $h))");
    const imports = { h: { default: () => Promise.resolve("text") } };
    const instance = await directInstance(text, { imports, suspending: () => true });
    expect(await endOf(() => instance.call([]))).toBe("INVALID_RESULT");
  });
});

test("what a plain realm settles fails as a trap", async () => {
  const settled = plainRealm.settle(Promise.reject(failure), (value) => value);
  await expect(Promise.resolve(settled).catch(carriedBy)).resolves.toBe(failure);
});
