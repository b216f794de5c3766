import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { WeftError } from "../../../../../src/core/errors.ts";
import { GuestExit } from "../../../../../src/core/exit.ts";
import type { Value } from "../../../../../src/core/values.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { linkCore } from "../../../../../src/engine/wasm/core/link.ts";
import { prepareCore } from "../../../../../src/engine/wasm/core/prepare.ts";
import { memoryPool } from "../../../../../src/engine/wasm/limits/memory-pool.ts";
import { bindHosts, isSuspending } from "../../../../../src/hosts/index.ts";
import { bindPreview1 } from "../../../../../src/hosts/preview1.ts";
import { instance, recordedStdio } from "../../../hosts/support/instance.ts";
import { guest } from "../support.ts";
import { prepareFor } from "./both-engines.ts";

afterAll(() => toolchain[Symbol.asyncDispose]());
beforeEach(() => memoryPool.clear());

const folder = mkdtempSync(join(tmpdir(), "weft-throwing-"));
writeFileSync(join(folder, "a.txt"), "first\n");

/** Runs a guest whose hosts `onHostCall` watches, and gives what came of it. */
type Run = (onHostCall: () => void) => Promise<unknown>;

function context() {
  const { stdio } = recordedStdio(["line\n"]);
  return instance({
    stdio,
    mounts: [{ guest: "/data", path: folder, readOnly: false }],
    args: ["run", "cat", "/data/a.txt"],
  });
}

async function component(engine: "direct" | "jco", path: string, method: string, args: readonly Value[]): Promise<Run> {
  const program = await prepareFor(engine, { bytes: guest(path), method, suspending: isSuspending });
  const linked = linkComponent(program);
  return async (onHostCall) => {
    const wanted = program.imports.map(({ name }) => ({ interface: name.replace(/@.*/, "") }));
    using bound = bindHosts(
      context(),
      ["wasi:cli", "wasi:filesystem", "wasi:io", "wasi:poll", "wasi:clocks", "wasi:random"],
      wanted,
    );
    using made = await linked.instantiate(bound.imports, { onHostCall });
    return await made.call(args);
  };
}

function command(path: string): Run {
  const program = prepareCore(guest(path), { name: "test:command", method: "_start" });
  const linked = linkCore(program);
  return async (onHostCall) => {
    using bound = bindPreview1(context(), program.imports);
    using made = await linked.instantiate(bound.imports, {
      onHostCall,
      suspending: bound.suspending,
      onMemory: (memory) => bound.attach(memory),
    });
    return await made.call([]);
  };
}

/** What a run comes to, when its hosts throw at one call. */
async function fate(run: Run, at: number, thrown: () => unknown): Promise<{ calls: number; outcome: unknown }> {
  let calls = 0;
  const onHostCall = () => {
    calls += 1;
    if (calls - 1 === at) throw thrown();
  };
  try {
    return { outcome: await run(onHostCall), calls };
  } catch (error) {
    if (error instanceof GuestExit) return { outcome: { exit: error.status }, calls };
    return { outcome: error, calls };
  }
}

const guests: readonly (readonly [string, () => Run | Promise<Run>])[] = [
  [
    "a component that lists a folder, on our engine",
    () => component("direct", "rust/wasi-tour/wasi-tour.wasm", "list-dir", ["/data"]),
  ],
  [
    "a component that reads a line, on our engine",
    () => component("direct", "rust/wasi-tour/wasi-tour.wasm", "read-line", []),
  ],
  [
    "a component that lists a folder, on jco's",
    () => component("jco", "rust/wasi-tour/wasi-tour.wasm", "list-dir", ["/data"]),
  ],
  ["a command of preview 1 that prints a file", () => command("rust/run/run-p1.wasm")],
];

describe.each(guests)("%s", (_, make) => {
  test.each([
    ["a failure", () => new WeftError("IMPORT_DENIED", "refused")],
    ["a mistake", () => new TypeError("a host's mistake")],
    ["no error at all", () => "text"],
    ["a trap's likeness", () => new WebAssembly.RuntimeError("unreachable")],
  ])(
    "ends with a typed error when its host throws %s, at whichever call",
    { timeout: 60_000 },
    async (_name, thrown) => {
      const run = await make();
      const { calls, outcome } = await fate(run, -1, thrown);
      expect(calls).toBeGreaterThan(0);
      for (let at = 0; at < calls; at++) {
        const { outcome: failed } = await fate(run, at, thrown);
        // A guest may go on without what it was refused, and end well.
        if (failed instanceof Error) expect(failed).toBeInstanceOf(WeftError);
        expect(memoryPool.live).toBe(memoryPool.idle);
      }
      // Nobody else is harmed.
      expect((await fate(run, -1, thrown)).outcome).toEqual(outcome);
    },
  );
});

test.each([
  ["list-dir", ["/data"]],
  ["read-file", ["/data/a.txt"]],
  ["print-line", ["text"]],
] as const)("both engines count the same calls of hosts, methods of resources included: %s", async (method, args) => {
  const counts: number[] = [];
  for (const engine of ["direct", "jco"] as const) {
    const run = await component(engine, "rust/wasi-tour/wasi-tour.wasm", method, args);
    counts.push((await fate(run, -1, () => undefined)).calls);
  }
  expect(counts[0]).toBeGreaterThan(1);
  expect(counts[1]).toBe(counts[0]);
});
