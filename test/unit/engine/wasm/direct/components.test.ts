import { afterAll, describe, expect, test } from "vitest";
import { WeftError } from "../../../../../src/core/errors.ts";
import { GuestExit } from "../../../../../src/core/exit.ts";
import type { Value } from "../../../../../src/core/values.ts";
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import type { InstanceImports } from "../../../../../src/engine/wasm/program.ts";
import { guest } from "../support.ts";
import { comparable, outcomesOf, type Case } from "./both-engines.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());

interface Fixture extends Omit<Case, "bytes"> {
  readonly path: string;
}

/** Makes the same calls through both engines, and gives what both agree on. */
async function agreed(wanted: Fixture, ...calls: readonly (readonly Value[])[]): Promise<unknown[]> {
  return await agreedOn({ ...wanted, bytes: guest(wanted.path) }, calls);
}

async function agreedOn(wanted: Case, calls: readonly (readonly Value[])[]): Promise<unknown[]> {
  const direct = comparable(await outcomesOf("direct", wanted, calls));
  expect(direct).toEqual(comparable(await outcomesOf("jco", wanted, calls)));
  return direct;
}

const shapes = "rust/shapes/shapes.wasm";
const users = [{ id: 1, name: "Ada", tags: ["x", "y"], active: true }];

describe("functions", () => {
  test.each([
    ["transform-users", [[users], [[]]]],
    [
      "divide",
      [
        [7, 2],
        [1, 0],
      ],
    ],
    ["checked", [[13], [2 ** 31], [4]]],
    ["add", [[2, 3]]],
    ["divRounded", [[7, 2, "up"]]],
    ["spill", [["a", "b", "c", "d", "e", "f", "g", "h", 2n ** 60n]]],
    ["nothing", [[]]],
    ["optional-tail", [["Ada", null, "!"]]],
    ["count", [[], []]],
    ["panics", [["oh"], ["oh"]]],
  ] as const)("%s", async (method, calls) => {
    expect(await agreed({ path: shapes, method }, ...calls)).toHaveLength(calls.length);
  });

  test("strings of UTF-16, and components inside components", async () => {
    const path = "wat/component-utf16.wasm";
    expect(await agreed({ path, method: "units" }, ["a😀"], [""])).toEqual([{ value: 3 }, { value: 0 }]);
    expect(await agreed({ path, method: "echo" }, ["wörter 😀"], [""])).toEqual([
      { value: "wörter 😀" },
      { value: "" },
    ]);
    expect(await agreed({ path: "wat/component-nested.wasm", method: "twice" }, [4])).toEqual([{ value: 8 }]);
    expect(await agreed({ path: "wat/component.wasm", method: "add" }, [1, 2])).toEqual([{ value: 3 }]);
  });
});

describe("imports", () => {
  const path = "rust/host-import/host-import.wasm";
  const host = { compute: (a: number, b: number) => a * b, describe: (what: string) => `it is ${what}` };
  const given = (functions: object) => () => ({ "test:minimal/host": { ...host, ...functions } });

  test("given functions are called, and what they throw is the err of their result", async () => {
    expect(await agreed({ path, method: "call-host", imports: given({}) }, [6, 7])).toEqual([{ value: 42 }]);
    expect(await agreed({ path, method: "ask-host", imports: given({}) }, ["x"])).toEqual([
      { value: { ok: "it is x" } },
    ]);
    // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- jco's convention for `err`
    const throws = {
      describe: () => {
        throw "unknown";
      },
    };
    expect(JSON.stringify(await agreed({ path, method: "ask-host", imports: given(throws) }, ["x"]))).toContain("err");
  });

  test("what a host throws that is no err ends the instance", async () => {
    const compute = () => fail(new WeftError("POOL_FULL", "no"));
    const outcomes = await agreed({ path, method: "call-host", imports: given({ compute }) }, [6, 7], [6, 7]);
    expect(outcomes).toEqual([{ code: "POOL_FULL" }, { code: "INTERNAL" }]);
  });

  test("those that nobody gives trap when they are called, as denied when some host has them", async () => {
    expect(await agreed({ path, method: "compute" }, [1, 2])).toEqual([{ value: 3 }]);
    expect(await agreed({ path, method: "call-host" }, [1, 2])).toEqual([{ code: "TRAP_MISSING_IMPORT" }]);
    const link = { denied: (module: string, name: string) => new WeftError("IMPORT_DENIED", `${module} ${name}`) };
    const wanted = { bytes: guest(path), method: "call-host", link };
    const direct = await outcomesOf("direct", wanted, [[1, 2]]);
    expect(direct).toEqual(await outcomesOf("jco", wanted, [[1, 2]]));
    expect(direct).toEqual([{ code: "IMPORT_DENIED", message: "test:minimal/host compute" }]);
  });

  test("functions of the world", async () => {
    const lines: string[] = [];
    const imports = () => ({ log: { default: (line: string) => lines.push(line) } });
    expect(await agreed({ path: "wat/component-imports.wasm", method: "run", imports }, [2])).toEqual([{ value: 2 }]);
    expect(lines).toEqual(["hi", "hi", "hi", "hi"]);
    const missing = await agreed({ path: "wat/component-imports.wasm", method: "run" }, [1]);
    expect(missing).toEqual([{ code: "TRAP_MISSING_IMPORT" }]);
  });

  test.each(["rust/run/run-adapted.wasm", "rust/run/run-p2.wasm", "c/hello/hello-component.wasm"])(
    "%s links without any host",
    async (path) => {
      expect(await agreed({ path, method: "run" }, [])).toEqual([{ code: "TRAP_MISSING_IMPORT" }]);
    },
  );

  test("a guest's exit passes unchanged", async () => {
    const imports = () => ({
      "wasi:cli/environment": { getEnvironment: () => [], getArguments: () => ["run", "exit", "3"] },
      "wasi:cli/exit": { exit: () => fail(new GuestExit(3)) },
      "wasi:cli/stderr": { getStderr: () => new OutputStream() },
      "wasi:io/streams": { OutputStream },
      "wasi:io/poll": { Pollable },
    });
    expect(await agreed({ path: "rust/run/run-p2.wasm", method: "run", imports }, [])).toEqual([{ exit: 3 }]);
  });
});

describe("suspending", () => {
  const path = "rust/sleeper/sleeper.wasm";
  const suspending = (interfaceName: string, functionName: string) =>
    interfaceName === "wasi:io/poll" && (functionName === "poll" || functionName === "[method]pollable.block");

  test("hosts that wait, lists of handles, and calls that need neither", async () => {
    expect(await agreed({ path, method: "sleep-ms", suspending, imports: clocks }, [5], [1])).toHaveLength(2);
    expect(await agreed({ path, method: "sum-later", suspending, imports: clocks }, [3, 1])).toHaveLength(1);
    expect(await agreed({ path, method: "add", suspending }, [1, 2])).toEqual([{ value: 3 }]);
    expect(await agreed({ path, method: "add" }, [1, 2])).toEqual([{ value: 3 }]);
  });

  test("a host that fails rejects the call", async () => {
    const subscribeDuration = () => fail(new GuestExit(3));
    const broken = () => ({ ...clocks(), "wasi:clocks/monotonic-clock": { now: () => 0n, subscribeDuration } });
    expect(await agreed({ path, method: "sleep-ms", suspending, imports: broken }, [1])).toEqual([{ exit: 3 }]);
    const missing = await agreed({ path, method: "sleep-ms", suspending }, [1]);
    expect(missing).toEqual([{ code: "TRAP_MISSING_IMPORT" }]);
  });
});

describe("traps", () => {
  const u32 = (at: number, value: number) => `(i32.store (i32.const ${at}) (i32.const ${value}))`;

  test.each([
    ["a string outside the memory", "string", `${u32(4, 70000)} (i32.const 0)`],
    ["invalid UTF-8", "string", `(i32.store8 (i32.const 16) (i32.const 255)) ${u32(0, 16)} ${u32(4, 1)} (i32.const 0)`],
    ["a discriminant without a case", "(option u8)", "(i32.store8 (i32.const 0) (i32.const 2)) (i32.const 0)"],
    ["a return area outside the memory", "(option u8)", "(i32.const 65536)"],
    ["a surrogate as a char", "char", "(i32.const 0xd800)"],
    ["an enum without a case", '(enum "a" "b")', "(i32.const 2)"],
    ["a list that is not aligned", "(list u32)", `${u32(0, 2)} ${u32(4, 1)} (i32.const 0)`],
    ["a list longer than the memory", "(list u32)", `${u32(4, -1)} (i32.const 0)`],
  ])("%s", async (_, type, body) => {
    const isPlain = type === "string" || type === "char";
    const text = `(component
      (core module $m (memory (export "memory") 1) (func (export "f") (result i32) ${body}))
      (core instance $i (instantiate $m))
      (type $t' ${type})
      ${type.startsWith("(enum") ? `(import "t" (type $t (eq $t')))` : `(alias outer 0 $t' (type $t))`}
      (func (export "f") (result ${isPlain ? type : "$t"})
        (canon lift (core func $i "f") (memory (core memory $i "memory")))))`;
    const bytes = await assemble(text, "test:bad");
    expect(await agreedOn({ bytes, method: "f" }, [[]])).toEqual([{ code: "TRAP_INVALID_VALUE" }]);
  });
});

function fail(thrown: Error): never {
  throw thrown;
}

class Pollable {
  readonly #ms: number;

  constructor(ms: number) {
    this.#ms = ms;
  }

  async block(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#ms));
  }
}

/** Enough of clocks and poll for the sleeper. Its clock always reads the same, so that engines agree on what was slept. */
function clocks(): InstanceImports {
  return {
    "wasi:clocks/monotonic-clock": {
      now: () => 0n,
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
