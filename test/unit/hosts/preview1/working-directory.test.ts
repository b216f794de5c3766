import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { InstanceContext } from "../../../../src/hosts/context.ts";
import { errorOf, openMounts } from "../support/descriptors.seam.ts";
import { folder } from "../support/folder.ts";
import { loadComponent, runCommand } from "../support/guests.seam.ts";
import { instance, recordedStdio } from "../support/instance.ts";

const hello = "c/hello/hello.wasm";
const rust = "rust/run/run-p1.wasm";
const files = { "a.txt": "top", "sub/a.txt": "below", "sub/deep/b.txt": "deep" };

async function run(file: string, args: readonly string[], given: Partial<InstanceContext>) {
  const { stdio, written } = recordedStdio();
  const status = await runCommand(file, instance({ args: ["program", ...args], stdio, ...given }));
  return { status, ...written };
}

const mounted = (path: string, guest: string, cwd: string, readOnly = false): Partial<InstanceContext> => ({
  mounts: [{ guest, path, readOnly }],
  cwd,
});

describe("relative paths of a program", () => {
  test.each([hello, rust])("are looked up in its working directory: %s", async (file) => {
    const { path } = folder(files);
    const word = file === hello ? "read" : "cat";
    const read = async (name: string, cwd: string) =>
      (await run(file, [word, name], mounted(path, "/data", cwd))).stdout;
    expect(await read("a.txt", "/data")).toBe("top");
    expect(await read("./a.txt", "/data")).toBe("top");
    expect(await read("a.txt", "/data/sub")).toBe("below");
    expect(await read("deep/b.txt", "/data/sub")).toBe("deep");
    expect(await read("/data/a.txt", "/data/sub")).toBe("top");
    expect(await read("a.txt", "/elsewhere")).toBe("");
    expect(await read("a.txt", "/dat")).toBe("");
  });

  test("are written there, if the mount may be changed", async () => {
    const { path, at } = folder(files);
    expect(await run(hello, ["write", "new.txt", "x"], mounted(path, "/data", "/data/sub"))).toMatchObject({
      status: 0,
    });
    expect(readFileSync(at("sub/new.txt"), "utf8")).toBe("x");
    const refused = await run(hello, ["write", "b.txt", "x"], mounted(path, "/data", "/data/sub", true));
    expect(refused.stderr).toBe("b.txt: errno 69\n");
  });

  test("go to the working directory of a mount at the root, and so do absolute ones by its name", async () => {
    const { path } = folder(files);
    const read = async (name: string, cwd: string) =>
      (await run(hello, ["read", name], mounted(path, "/", cwd))).stdout;
    expect(await read("a.txt", "/")).toBe("top");
    expect(await read("/a.txt", "/")).toBe("top");
    expect(await read("a.txt", "/sub")).toBe("below");
    expect(await read("/sub/a.txt", "/sub")).toBe("below");
  });

  test("do not lead out of the working directory", async () => {
    const { path } = folder(files);
    expect(await run(hello, ["read", "../a.txt"], mounted(path, "/data", "/data/sub"))).toMatchObject({ status: 1 });
  });

  test("work the same in a component", async () => {
    const { path } = folder(files);
    const tour = await loadComponent("rust/wasi-tour/wasi-tour.wasm", []);
    using guest = await tour.start(instance(mounted(path, "/data", "/data/sub")), [
      "wasi:filesystem",
      "wasi:cli",
      "wasi:io",
      "wasi:clocks",
      "wasi:random",
      "wasi:poll",
    ]);
    expect(await guest.call("readFile", "a.txt")).toBe("below");
    expect(await guest.call("readFile", "/data/a.txt")).toBe("top");
  });
});

describe("the working directory", () => {
  test("that a mount should have and has not is an error that says so", () => {
    const { path } = folder(files);
    const failure = errorOf(() => openMounts([{ guest: "/data", path, readOnly: true }], "/data/gone"));
    expect(failure).toMatchObject({ code: "FILE_NOT_FOUND" });
    expect(String(failure)).toContain("the working directory /data/gone is missing (no-entry)");
    expect(errorOf(() => openMounts([{ guest: "/data", path, readOnly: true }], "/data/a.txt"))).toMatchObject({
      code: "FILE_NOT_FOUND",
    });
  });

  test("is in the environment of a preview-1 program, unless that says something else", async () => {
    const { path } = folder(files);
    const variables = async (given: Partial<InstanceContext>) => (await run(hello, ["environ"], given)).stdout;
    expect(await variables(mounted(path, "/data", "/data/sub"))).toBe("PWD=/data/sub\n");
    expect(await variables({ ...mounted(path, "/data", "/data/sub"), env: { PWD: "/x" } })).toBe("PWD=/x\n");
    expect(await variables(mounted(path, "/data", "/"))).toBe("");
    expect(await variables({ cwd: "/data" })).toBe("");
  });
});
