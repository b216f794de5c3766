import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Value } from "../../../../../src/core/values.ts";
import { GuestExit } from "../../../../../src/core/exit.ts";
import { toolchain } from "../../../../../src/engine/wasm/component/jco/toolchain.ts";
import { linkComponent } from "../../../../../src/engine/wasm/component/link.ts";
import { bindHosts, isSuspending } from "../../../../../src/hosts/index.ts";
import type { InstanceContext } from "../../../../../src/hosts/context.ts";
import { instance, recordedStdio } from "../../../hosts/support/instance.ts";
import { guest } from "../support.ts";
import { prepareFor } from "./both-engines.ts";

const grants = ["wasi:cli", "wasi:clocks", "wasi:filesystem", "wasi:io", "wasi:poll", "wasi:random", "wasi:sockets"];

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-direct-"));
  writeFileSync(join(folder, "a.txt"), "first");
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await toolchain[Symbol.asyncDispose]();
});

interface Run {
  readonly path: string;
  readonly method: string;
  readonly args?: readonly Value[];
  readonly given?: Partial<InstanceContext>;
  readonly input?: readonly string[];
}

/** One call with the real hosts: its result or exit status, and what was printed. */
async function run(engine: "direct" | "jco", { path, method, args = [], given = {}, input = [] }: Run) {
  const program = await prepareFor(engine, { bytes: guest(path), method, suspending: isSuspending });
  const { stdio, written } = recordedStdio(input);
  const mounts = [{ guest: "/data", path: folder, readOnly: false }];
  const context = instance({ stdio, mounts, ...given });
  const wanted = program.imports.map(({ name }) => {
    const [bare = name, version] = name.split("@");
    return { interface: bare, ...(version === undefined ? {} : { version }) };
  });
  using bound = bindHosts(context, grants, wanted);
  const made = await linkComponent(program).instantiate(bound.imports);
  try {
    return { value: await made.call(args), ...written };
  } catch (thrown) {
    if (thrown instanceof GuestExit) return { exit: thrown.status, ...written };
    throw thrown;
  }
}

async function agreed(wanted: Run) {
  const direct = await run("direct", wanted);
  expect(direct).toEqual(await run("jco", wanted));
  return direct;
}

describe.each(["rust/run/run-p2.wasm", "rust/run/run-adapted.wasm"])("the command %s", (path) => {
  test.each([
    ["echo", ["echo", "zwei", "größer"], []],
    ["cat", ["cat", "/data/a.txt"], []],
    ["upper", ["upper"], ["one ", "two"]],
    ["exit", ["exit", "7"], []],
  ] as const)("%s", async (_, words, input) => {
    const given = { args: ["command", ...words], env: { GREETING: "hello" } };
    const { stdout, stderr } = await agreed({ path, method: "run", given, input });
    expect(stdout.length + stderr.length).toBeGreaterThan(0);
  });
});

describe("Rust's standard library", () => {
  const path = "rust/wasi-tour/wasi-tour.wasm";

  test.each([
    ["list-env", []],
    ["get-env", ["HOME"]],
    ["print-line", ["größer"]],
    ["read-line", []],
    ["list-dir", ["/data"]],
    ["read-file", ["/data/a.txt"]],
    ["read-file", ["/data/none"]],
    ["write-file", ["/data/b.txt", "second"]],
    ["append-file", ["/nowhere/c.txt", "x"]],
    ["remove-file", ["/data/b.txt"]],
    ["exit-with", [3]],
  ] as const)("%s(%j)", async (method, args) => {
    const outcome = async (engine: "direct" | "jco") => {
      if (method === "remove-file") writeFileSync(join(folder, "b.txt"), "");
      const [settled] = await Promise.allSettled([run(engine, { path, method, args, input: ["line\n"] })]);
      return settled;
    };
    const direct = await outcome("direct");
    const jco = await outcome("jco");
    expect(direct).toEqual(jco);
    expect(direct).toHaveProperty("status", "fulfilled");
  });
});

test("a C program prints", async () => {
  const { stdout } = await agreed({ path: "c/hello/hello-component.wasm", method: "run", given: { args: ["hello"] } });
  expect(stdout).not.toBe("");
});
