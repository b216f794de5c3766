import { describe, expect, test } from "vitest";
import { GuestExit } from "../../../src/core/exit.ts";
import type { InstanceContext } from "../../../src/hosts/context.ts";
import { folder } from "./support/folder.ts";
import { loadComponent, type TestComponent } from "./support/guests.seam.ts";
import { instance, recordedStdio } from "./support/instance.ts";

const grants = ["wasi:cli", "wasi:clocks", "wasi:filesystem", "wasi:io", "wasi:poll", "wasi:random", "wasi:sockets"];

/** Runs a command to its end: what it printed, and its status. */
async function run(
  command: TestComponent,
  words: readonly string[],
  given: Partial<InstanceContext> = {},
  input: readonly string[] = [],
) {
  const { stdio, written } = recordedStdio(input);
  using guest = await command.start(instance({ args: ["command", ...words], stdio, ...given }), grants);
  const status = await guest.call("run.run").then(
    () => 0,
    (error: unknown) => (error instanceof GuestExit ? error.status : error),
  );
  return { status, ...written };
}

describe.each([
  ["Rust for 0.2", "rust/run/run-p2.wasm"],
  ["Rust for preview 1, adapted", "rust/run/run-adapted.wasm"],
])("a command component, %s,", (_, file) => {
  const loaded = loadComponent(file, ["wasi:cli/run@0.2.0#run", "wasi:cli/run@0.2.12#run"]);

  test("has arguments, environment and output", async () => {
    const given = { env: { GREETING: "hello" } };
    const { status, stdout } = await run(await loaded, ["echo", "zwei", "größer"], given);
    expect([status, stdout]).toEqual([0, "zwei größer\nGREETING=hello\n"]);
  });

  test("reads files of its mount and its input", async () => {
    const { path } = folder({ "a.txt": "content" });
    const given = { mounts: [{ guest: "/data", path, readOnly: true }] };
    expect((await run(await loaded, ["cat", "/data/a.txt"], given)).stdout).toBe("content");
    expect((await run(await loaded, ["upper"], {}, ["one ", "two"])).stdout).toBe("ONE TWO");
  });

  test("sleeps, and ends with failure when it says so", async () => {
    expect((await run(await loaded, ["sleep", "5"])).stdout).toMatch(/^slept \d+ ms\n$/);
    expect(await run(await loaded, ["exit", "7"])).toMatchObject({ status: 1, stderr: "leaving\n" });
  });
});
