import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { GuestExit } from "../../../src/core/exit.ts";
import type { InstanceContext } from "../../../src/hosts/context.ts";
import { loadComponent, type TestComponent } from "./support/guests.seam.ts";
import { instance, recordedStdio } from "./support/instance.ts";

describe("a component that sleeps", () => {
  let sleeper: TestComponent;
  const grants = ["wasi:clocks", "wasi:poll"];
  beforeAll(async () => {
    sleeper = await loadComponent("rust/sleeper/sleeper.wasm", [
      "test-sleep#sleep-ms",
      "test-sleep#work",
      "test-sleep#sum-later",
    ]);
  });

  const start = () => sleeper.start(instance(), grants);

  test("leaves the thread free meanwhile", async () => {
    const guests = await Promise.all(Array.from({ length: 20 }, start));
    let slept = 0;
    const calls = guests.map(async (guest) => {
      const passed = await guest.call("testSleep.sleepMs", 20n);
      slept += 1;
      return passed;
    });
    expect(slept).toBe(0);
    for (const passed of await Promise.all(calls)) expect(passed).toBeGreaterThanOrEqual(20n);
  });

  test("waits for the first of several timers, again and again", async () => {
    const guest = await start();
    await guest.call("testSleep.work", 5, 1n);
    expect(await guest.call("testSleep.sumLater", 4, 1n)).toEqual(BigUint64Array.of(1n, 3n, 6n, 10n));
  });
});

describe("a component on Rust's standard library", () => {
  let tour: TestComponent;
  const grants = ["wasi:cli", "wasi:clocks", "wasi:filesystem", "wasi:io", "wasi:poll", "wasi:random"];
  // Std reads files by `blocking-read`, so each of them may reach a function that suspends.
  const everyFunction = [
    "list-env",
    "get-env",
    "list-args",
    "print-line",
    "print-error",
    "read-line",
    "random-bytes",
    "wall-clock",
    "monotonic-ms",
    "sleep-ms",
    "list-dir",
    "read-file",
    "write-file",
    "append-file",
    "remove-file",
    "make-dir",
    "file-info",
    "exit-with",
  ];
  beforeAll(async () => {
    tour = await loadComponent("rust/wasi-tour/wasi-tour.wasm", everyFunction);
  });

  async function call(name: string, args: readonly unknown[], given: Partial<InstanceContext> = {}): Promise<unknown> {
    using guest = await tour.start(instance(given), grants);
    return await guest.call(name, ...args);
  }

  function folder(): { path: string; given: (readOnly?: boolean) => Partial<InstanceContext> } {
    const path = mkdtempSync(join(tmpdir(), "weft-p2-"));
    writeFileSync(join(path, "a.txt"), "first");
    return { path, given: (readOnly = false) => ({ mounts: [{ guest: "/data", path, readOnly }] }) };
  }

  test("sees the environment and arguments of its entry", async () => {
    const given = { env: { B: "2", A: "ä" }, args: ["one", "zwei ö"] };
    expect(await call("listEnv", [], given)).toEqual([
      ["A", "ä"],
      ["B", "2"],
    ]);
    expect(await call("getEnv", ["HOME"], given)).toBeUndefined();
    expect(await call("listArgs", [], given)).toEqual(["one", "zwei ö"]);
  });

  test("prints to its own streams and reads its own input", async () => {
    const { stdio, written } = recordedStdio(["first li", "ne\nsecond\n"]);
    await call("printLine", ["out"], { stdio });
    await call("printError", ["err"], { stdio });
    expect(written).toEqual({ stdout: "out\n", stderr: "err\n" });
    expect(await call("readLine", [], { stdio })).toBe("first line");
    expect(await call("readLine", [])).toBeUndefined();
  });

  test("has clocks and random numbers", async () => {
    const seconds = BigInt(Math.floor(Date.now() / 1000));
    expect([seconds, seconds + 1n, seconds + 2n]).toContain((await call("wallClock", []).then(items))[0]);
    expect(await call("monotonicMs", [])).toBeGreaterThan(0);
    expect(await call("sleepMs", [5n])).toBeGreaterThanOrEqual(5n);
    expect(await call("randomBytes", [16])).not.toEqual(await call("randomBytes", [16]));
  });

  test("works with the files of a mount", async () => {
    const { path, given } = folder();
    expect(await call("readFile", ["/data/a.txt"], given())).toBe("first");
    expect(await call("writeFile", ["/data/b.txt", "second"], given())).toBe(6);
    expect(await call("appendFile", ["/data/b.txt", " third"], given())).toBeDefined();
    expect(readFileSync(join(path, "b.txt"), "utf8")).toBe("second third");
    await call("makeDir", ["/data/sub"], given());
    expect(await call("listDir", ["/data"], given())).toEqual(["a.txt", "b.txt", "sub/"]);
    expect(await call("fileInfo", ["/data/b.txt"], given())).toEqual([12n, false]);
    expect(await call("fileInfo", ["/data/sub"], given())).toMatchObject([expect.anything(), true]);
    await call("removeFile", ["/data/b.txt"], given());
    await expect(call("readFile", ["/data/b.txt"], given())).rejects.toContain("No such file");
  });

  test("cannot change a read-only mount or leave a mount", async () => {
    const { path, given } = folder();
    symlinkSync("/etc/passwd", join(path, "absolute"));
    symlinkSync("../../etc/passwd", join(path, "upwards"));
    await expect(call("writeFile", ["/data/a.txt", "x"], given(true))).rejects.toContain("ReadOnlyFilesystem");
    expect(readFileSync(join(path, "a.txt"), "utf8")).toBe("first");
    for (const name of ["/data/absolute", "/data/upwards", "/data/../etc/passwd", "/etc/passwd"]) {
      await expect(call("readFile", [name], given())).rejects.toEqual(expect.any(String));
    }
  });

  test("ends itself with a status", async () => {
    await expect(call("exitWith", [0])).rejects.toBeInstanceOf(GuestExit);
    await expect(call("exitWith", [3])).rejects.toMatchObject({ status: 1 });
  });

  test("is stopped when it writes more than its limit", async () => {
    const { stdio, written } = recordedStdio();
    const given = { stdio, limits: { outputBytes: 3 } };
    await expect(call("printLine", ["four"], given)).rejects.toMatchObject({ code: "OUTPUT_EXCEEDED" });
    expect(written.stdout).toBe("fou");
  });
});

function items(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list : [];
}
