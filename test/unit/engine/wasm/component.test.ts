import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, describe, expect, test } from "vitest";
import { WeftError } from "../../../../src/core/errors.ts";
import { GuestExit } from "../../../../src/core/exit.ts";
import type { Value } from "../../../../src/core/values.ts";
import { InvalidModuleError } from "../../../../src/engine/wasm/binary/invalid-module.ts";
import { assemble } from "../../../../src/engine/wasm/assemble.ts";
import { engineVersion } from "../../../../src/engine/wasm/component/jco/build.ts";
import { toolchain } from "../../../../src/engine/wasm/component/jco/toolchain.ts";
import { linkComponent } from "../../../../src/engine/wasm/component/link.ts";
import { prepareComponent } from "../../../../src/engine/wasm/component/prepare.ts";
import type { InstanceImports, LinkOptions, WasmInstance } from "../../../../src/engine/wasm/program.ts";
import { failureOf, guest } from "./support.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

interface ComponentCase {
  readonly path: string;
  readonly method: string;
  readonly suspending?: (interfaceName: string, functionName: string) => boolean;
  readonly imports?: InstanceImports;
  readonly link?: LinkOptions;
}

async function instanceOf(wanted: ComponentCase): Promise<WasmInstance> {
  const { suspending } = wanted;
  const program = await prepareComponent(guest(wanted.path), {
    name: "test:guest",
    method: wanted.method,
    engine: "jco",
    ...(suspending === undefined ? {} : { suspending }),
  });
  // As the runtime does: programs cross to isolates by structured cloning.
  const cloned = {
    ...structuredClone({ ...program, artefact: { ...program.artefact, modules: {} } }),
    artefact: program.artefact,
  };
  return await linkComponent(cloned, wanted.link).instantiate(wanted.imports ?? {});
}

describe("calls", () => {
  test("records, lists and results", async () => {
    const users = [{ id: 1, name: "Ada", tags: ["x", "y"], active: true }];
    const transform = await instanceOf({ path: "rust/shapes/shapes.wasm", method: "transform-users" });
    expect(await transform.call([users])).toMatchObject([{ id: 1, "tag-count": 2, active: true }]);
    const divide = await instanceOf({ path: "rust/shapes/shapes.wasm", method: "divide" });
    expect(divide.call([7, 2])).toEqual({ ok: 3 });
    expect(divide.call([1, 0])).toHaveProperty("err");
    const checked = await instanceOf({ path: "rust/shapes/shapes.wasm", method: "checked" });
    expect([checked.call([13]), checked.call([2 ** 31]), checked.call([4])]).toEqual([
      { err: { negative: -13 } },
      { err: "overflow" },
      { ok: 8 },
    ]);
  });

  test("the methods of an interface are found in every spelling", async () => {
    for (const method of ["acme:math/calc@1.2.0#add", "acme:math/calc#add", "calc#add", "add"]) {
      expect((await instanceOf({ path: "rust/shapes/shapes.wasm", method })).call([2, 3])).toBe(5);
    }
    const rounded = await instanceOf({ path: "rust/shapes/shapes.wasm", method: "divRounded" });
    expect(rounded.call([7, 2, "up"])).toEqual({ ok: 4 });
  });

  test("more than sixteen flat parameters, no parameters, trailing options", async () => {
    const spill = await instanceOf({ path: "rust/shapes/shapes.wasm", method: "spill" });
    expect(spill.call(["a", "b", "c", "d", "e", "f", "g", "h", 2n ** 60n])).toContain("a");
    expect((await instanceOf({ path: "rust/shapes/shapes.wasm", method: "nothing" })).call([])).toBeNull();
    expect(
      (await instanceOf({ path: "rust/shapes/shapes.wasm", method: "optional-tail" })).call(["Ada", null, "!"]),
    ).toContain("Ada");
  });

  test("UTF-16 components and components inside components", async () => {
    expect((await instanceOf({ path: "wat/component-utf16.wasm", method: "units" })).call(["a😀"])).toBe(3);
    expect((await instanceOf({ path: "wat/component-utf16.wasm", method: "echo" })).call(["wörter 😀"])).toBe(
      "wörter 😀",
    );
    expect((await instanceOf({ path: "wat/component-nested.wasm", method: "twice" })).call([4])).toBe(8);
  });

  test("instances do not share state, and a kept one keeps its own", async () => {
    const [a, b] = [
      await instanceOf({ path: "rust/shapes/shapes.wasm", method: "count" }),
      await instanceOf({ path: "rust/shapes/shapes.wasm", method: "count" }),
    ];
    expect([a.call([]), a.call([]), b.call([])]).toEqual([1, 2, 1]);
  });

  test("resources are opaque handles", async () => {
    const make = await instanceOf({
      path: "rust/counter/counter.wasm",
      method: "weft:counter/counters#[constructor]counter",
    });
    expect(typeof make.call([3])).toBe("object");
    const many = await instanceOf({ path: "rust/counter/counter.wasm", method: "many" });
    expect(many.call([3])).toHaveLength(3);
  });

  test("a method that does not exist lists the exports", async () => {
    const failure = await failureOf(() => instanceOf({ path: "rust/shapes/shapes.wasm", method: "divid" }));
    expect(failure.code).toBe("METHOD_NOT_FOUND");
    expect(failure.message).toContain('"divide"');
  });
});

describe("imports", () => {
  const host = { compute: (a: number, b: number) => a * b, describe: (what: string) => `it is ${what}` };

  test("given functions are called", async () => {
    const imports = { "test:minimal/host": host };
    expect(
      (await instanceOf({ path: "rust/host-import/host-import.wasm", method: "call-host", imports })).call([6, 7]),
    ).toBe(42);
    expect(
      (await instanceOf({ path: "rust/host-import/host-import.wasm", method: "ask-host", imports })).call(["x"]),
    ).toEqual({ ok: "it is x" });
  });

  test("what a host throws as a payload is the err of its function", async () => {
    const throws = () => {
      // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- jco's convention for `err`
      throw "unknown";
    };
    const imports = { "test:minimal/host": { ...host, describe: throws } };
    const instance = await instanceOf({ path: "rust/host-import/host-import.wasm", method: "ask-host", imports });
    expect(JSON.stringify(await instance.call(["x"]))).toMatch(/^\{"err":".*unknown/);
  });

  test("a component links without them, and traps only when it calls one", async () => {
    expect((await instanceOf({ path: "rust/host-import/host-import.wasm", method: "compute" })).call([1, 2])).toBe(3);
    const instance = await instanceOf({ path: "rust/host-import/host-import.wasm", method: "call-host" });
    const failure = await failureOf(() => instance.call([1, 2]));
    expect(failure.code).toBe("TRAP_MISSING_IMPORT");
    expect(failure.message).toContain("test:minimal/host@0.1.0.compute");
    expect((await failureOf(() => instance.call([1, 2]))).message).toContain("failed in an earlier call");
  });

  test("one that could be granted fails as the runtime says", async () => {
    const denied = (module: string, name: string) =>
      new WeftError("IMPORT_DENIED", `add "wasi:random" for ${module} ${name}`);
    const instance = await instanceOf({
      path: "rust/wasi-tour/wasi-tour.wasm",
      method: "random-bytes",
      link: { denied },
    });
    const failure = await failureOf(() => instance.call([4]));
    expect([failure.code, failure.message]).toEqual([
      "IMPORT_DENIED",
      'add "wasi:random" for wasi:random/random get-random-bytes',
    ]);
  });

  test("functions outside of interfaces", async () => {
    const lines: string[] = [];
    const imports = { log: { default: (line: string) => lines.push(line) } };
    expect((await instanceOf({ path: "wat/component-imports.wasm", method: "run", imports })).call([2])).toBe(2);
    expect(lines).toEqual(["hi", "hi"]);
    const missing = await instanceOf({ path: "wat/component-imports.wasm", method: "run" });
    expect((await failureOf(() => missing.call([1]))).message).toContain("import log");
  });

  test("a preview-1 component with four modules inside links without any host", async () => {
    const instance = await instanceOf({ path: "rust/run/run-adapted.wasm", method: "run" });
    expect((await failureOf(() => instance.call([]))).code).toBe("TRAP_MISSING_IMPORT");
  });
});

class Pollable {
  /** Guests that wait at this moment, and the most that ever did. */
  static waiting = 0;
  static mostWaiting = 0;
  readonly #ms: number;

  constructor(ms: number) {
    this.#ms = ms;
  }

  async block(): Promise<void> {
    Pollable.waiting += 1;
    Pollable.mostWaiting = Math.max(Pollable.mostWaiting, Pollable.waiting);
    await new Promise((resolve) => setTimeout(resolve, this.#ms));
    Pollable.waiting -= 1;
  }
}

/** Enough of clocks and poll for the sleeper. */
function clocks(): InstanceImports {
  return {
    "wasi:clocks/monotonic-clock": {
      now: () => process.hrtime.bigint(),
      subscribeDuration: (ns: bigint) => new Pollable(Number(ns) / 1e6),
    },
    "wasi:io/poll": {
      Pollable,
      poll: async (list: readonly Pollable[]) => {
        await Promise.race(list.map((item) => item.block()));
        return new Uint32Array(list.keys());
      },
    },
  };
}

const waits = (interfaceName: string, functionName: string) =>
  interfaceName === "wasi:io/poll" && (functionName === "poll" || functionName === "[method]pollable.block");

describe("suspending", () => {
  const path = "rust/sleeper/sleeper.wasm";

  test("calls that wait overlap on one thread", async () => {
    const instances = await Promise.all(
      Array.from({ length: 20 }, () => instanceOf({ path, method: "sleep-ms", suspending: waits, imports: clocks() })),
    );
    const slept = await Promise.all(instances.map(async (instance) => await instance.call([100])));
    expect(slept).toHaveLength(20);
    expect(Pollable.mostWaiting).toBe(20);
  });

  test("results and lists of handles", async () => {
    const instance = await instanceOf({ path, method: "sum-later", suspending: waits, imports: clocks() });
    const result: Value = await instance.call([3, 1]);
    expect(result).toHaveProperty("ok");
  });

  test("without a function that waits, calls are synchronous", async () => {
    expect((await instanceOf({ path, method: "add" })).call([1, 2])).toBe(3);
    expect(await (await instanceOf({ path, method: "add", suspending: waits })).call([1, 2])).toBe(3);
  });

  test("an async export of a component runs, and its task's result is the call's", async () => {
    const text = `(component
      (core module $m
        (import "" "return" (func $return (param i32)))
        (func (export "f") (result i32) (call $return (i32.const 42)) (i32.const 0))
        (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
      (core func $return (canon task.return (result u32)))
      (core instance $i (instantiate $m (with "" (instance (export "return" (func $return))))))
      (func (export "f") async (result u32) (canon lift (core func $i "f") async (callback (core func $i "callback")))))`;
    const program = await prepareComponent(await assemble(text, "test:async"), { name: "test:async", method: "f" });
    expect(program.artefact.suspending).toBe(true);
    expect(await (await linkComponent(program).instantiate({})).call([])).toBe(42);
  });

  test("a trap rejects the call, with nothing left unhandled", async () => {
    const broken = {
      ...clocks(),
      "wasi:clocks/monotonic-clock": { now: () => 0n, subscribeDuration: () => fail(new GuestExit(3)) },
    };
    const instance = await instanceOf({ path, method: "sleep-ms", suspending: waits, imports: broken });
    await expect(async () => await instance.call([1])).rejects.toThrow(GuestExit);
    const missing = await instanceOf({ path, method: "sleep-ms", suspending: waits });
    expect((await failureOf(() => missing.call([1]))).code).toBe("TRAP_MISSING_IMPORT");
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
});

function fail(thrown: Error): never {
  throw thrown;
}

class OutputStream {
  checkWrite(): bigint {
    return 4096n;
  }

  write(): void {}

  subscribe(): Pollable {
    return new Pollable(0);
  }

  blockingFlush(): void {}

  blockingWriteAndFlush(): void {}
}

describe("traps", () => {
  test("a panic is TRAP_UNREACHABLE with the guest's stack, and the instance is not used again", async () => {
    const instance = await instanceOf({ path: "rust/shapes/shapes.wasm", method: "panics" });
    const failure = await failureOf(() => instance.call(["oh"]));
    expect(failure.code).toBe("TRAP_UNREACHABLE");
    expect(failure.guestStack).toContain("test:guest.");
    expect((await failureOf(() => instance.call(["oh"]))).message).toContain("failed in an earlier call");
  });

  test.each([
    ["a string outside the memory", "string", "(i32.store (i32.const 4) (i32.const 70000)) (i32.const 0)"],
    [
      "invalid UTF-8",
      "string",
      "(i32.store8 (i32.const 16) (i32.const 255)) (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 1)) (i32.const 0)",
    ],
    ["a discriminant without a case", "(option u8)", "(i32.store8 (i32.const 0) (i32.const 2)) (i32.const 0)"],
    ["a return area outside the memory", "(option u8)", "(i32.const 65536)"],
    ["a surrogate as a char", "char", "(i32.const 0xd800)"],
    [
      "a list that is not aligned",
      "(list u32)",
      "(i32.store (i32.const 0) (i32.const 2)) (i32.store (i32.const 4) (i32.const 1)) (i32.const 0)",
    ],
    ["a list longer than the memory", "(list u32)", "(i32.store (i32.const 4) (i32.const -1)) (i32.const 0)"],
  ])("%s", async (_, type, body) => {
    const text = `(component
      (core module $m (memory (export "memory") 1) (func (export "f") (result i32) ${body}))
      (core instance $i (instantiate $m))
      (type $t ${type})
      (func (export "f") (result ${type === "string" || type === "char" ? type : "$t"})
        (canon lift (core func $i "f") (memory (core memory $i "memory")))))`;
    const program = await prepareComponent(await assemble(text, "test:bad"), {
      name: "test:bad",
      method: "f",
      engine: "jco",
    });
    const instance = await linkComponent(program).instantiate({});
    expect((await failureOf(() => instance.call([]))).code).toBe("TRAP_INVALID_VALUE");
  });

  test("a guest's exit passes unchanged", async () => {
    const imports = {
      "wasi:cli/environment": { getEnvironment: () => [], getArguments: () => ["run", "exit", "3"] },
      "wasi:cli/exit": { exit: () => fail(new GuestExit(3)) },
      "wasi:cli/stderr": { getStderr: () => new OutputStream() },
      "wasi:io/streams": { OutputStream },
      "wasi:io/poll": { Pollable },
    };
    const instance = await instanceOf({ path: "rust/run/run-p2.wasm", method: "run", imports });
    expect(() => instance.call([])).toThrow(GuestExit);
  });
});

describe("bad input", () => {
  test.each(["wat/truncated.wasm", "wat/empty.bin", "wat/not-wasm.bin", "wat/answer.wasm"])("%s", async (path) => {
    await expect(instanceOf({ path, method: "x" })).rejects.toThrow(InvalidModuleError);
  });

  test("a component that only jco finds invalid is refused, and the next one works", async () => {
    const bytes = Buffer.from(guest("wat/component.wasm"));
    // The core module inside is damaged: its first instruction is none.
    const at = bytes.indexOf(Buffer.from([0x0a]), 20);
    bytes.fill(0xff, at + 4, at + 12);
    await expect(prepareComponent(bytes, { name: "test:bad", method: "add", engine: "jco" })).rejects.toThrow(
      /WeftError|Invalid|cannot|invalid/,
    );
    expect((await instanceOf({ path: "wat/component.wasm", method: "add" })).call([1, 2])).toBe(3);
  });
});

test("the version in the cache's key is that of the installed transpiler", () => {
  const require = createRequire(import.meta.url);
  const file = require.resolve("@bytecodealliance/jco-transpile").replace(/dist.*$/, "package.json");
  const [, version = "none"] = /"version": "(.*)"/.exec(readFileSync(file, "utf8")) ?? [];
  expect(engineVersion).toContain(`jco-transpile ${version},`);
});
