import { describe, expect, test } from "vitest";
import { GuestExit } from "../../../../src/core/exit.ts";
import type { InstanceContext } from "../../../../src/hosts/context.ts";
import { cliHost } from "../../../../src/hosts/cli/host.ts";
import { bindHosts } from "../../../../src/hosts/index.ts";
import { imported } from "../support/imports.seam.ts";
import { instance, recordedStdio } from "../support/instance.ts";

function bound(given: Partial<InstanceContext> = {}) {
  const wanted = Object.keys(cliHost.p2?.interfaces ?? {}).map((name) => ({ interface: name }));
  const { imports } = bindHosts(instance(given), ["wasi:cli"], wanted);
  return (name: string, func: string) => imported(imports, `wasi:cli/${name}`, func);
}

function thrown(operation: () => unknown): unknown {
  try {
    operation();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("wasi:cli", () => {
  test("gives arguments, the environment sorted by name, and the working directory", () => {
    const cli = bound({ args: ["a", "b"], env: { Z: "1", A: "2" }, cwd: "/work" });
    expect(cli("environment", "getArguments")()).toEqual(["a", "b"]);
    expect(cli("environment", "getEnvironment")()).toEqual([
      ["A", "2"],
      ["Z", "1"],
    ]);
    expect(cli("environment", "initialCwd")()).toBe("/work");
    expect(bound()("environment", "initialCwd")()).toBe("/");
  });

  test("ends the guest with a status", () => {
    const exit = bound()("exit", "exit");
    expect(thrown(() => exit({ tag: "ok" }))).toMatchObject({ status: 0 });
    expect(thrown(() => exit({ tag: "err" }))).toMatchObject({ status: 1 });
    expect(thrown(() => bound()("exit", "exitWithCode")(42))).toEqual(new GuestExit(42));
  });

  test("says whether a stream is a terminal", () => {
    const piped = bound({ stdio: recordedStdio().stdio });
    const terminal = bound({ stdio: recordedStdio([], true).stdio });
    for (const name of ["Stdin", "Stdout", "Stderr"]) {
      const of = (cli: ReturnType<typeof bound>) => cli(`terminal-${name.toLowerCase()}`, `getTerminal${name}`)();
      expect(of(piped)).toBeUndefined();
      expect(of(bound())).toBeUndefined();
      expect(of(terminal)).toBeDefined();
    }
  });

  test("finds closed streams at their end", () => {
    const cli = bound();
    expect(thrown(() => cli("stdin", "getStdin")().read(1n))).toMatchObject({ payload: { tag: "closed" } });
    expect(thrown(() => cli("stdout", "getStdout")().write(new Uint8Array(1)))).toMatchObject({
      payload: { tag: "closed" },
    });
    expect(thrown(() => cli("stdout", "getStdout")().checkWrite())).toMatchObject({ payload: { tag: "closed" } });
    // What is written to stderr is heard, so a guest is let to write before it learns that nobody reads it.
    expect(cli("stderr", "getStderr")().checkWrite()).toBeGreaterThan(0n);
    expect(thrown(() => cli("stderr", "getStderr")().write(new Uint8Array(1)))).toMatchObject({
      payload: { tag: "closed" },
    });
  });

  test("counts both outputs against one limit, which may be reached but not passed", () => {
    const { stdio, written } = recordedStdio();
    const cli = bound({ stdio, limits: { outputBytes: 5 } });
    cli("stdout", "getStdout")().write(Buffer.from("abc"));
    cli("stderr", "getStderr")().write(Buffer.from("de"));
    expect(thrown(() => cli("stdout", "getStdout")().write(Buffer.from("f")))).toMatchObject({
      code: "OUTPUT_EXCEEDED",
    });
    expect(written).toEqual({ stdout: "abc", stderr: "de" });
  });

  test("tells the guest when a reader of its output has gone", () => {
    const write = (): never => {
      throw Object.assign(new Error("EPIPE: broken pipe, write"), { code: "EPIPE", syscall: "write" });
    };
    const cli = bound({ stdio: { stdin: undefined, stderr: undefined, stdout: { isTerminal: false, write } } });
    const error = thrown(() => cli("stdout", "getStdout")().write(new Uint8Array(1)));
    expect(error).toMatchObject({ payload: { tag: "last-operation-failed" } });
  });
});
