import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { canceled, Cancellation } from "../../../../src/core/cancellation.ts";
import { rootContext } from "../../../../src/core/context.ts";
import type { InstanceContext } from "../../../../src/hosts/context.ts";
import { instance, recordedStdio } from "../support/instance.ts";
import { runCommand } from "../support/guests.seam.ts";

const hello = "c/hello/hello.wasm";
const rust = "rust/run/run-p1.wasm";

async function run(file: string, args: readonly string[], given: Partial<InstanceContext> = {}, input: string[] = []) {
  const { stdio, written } = recordedStdio(input);
  const status = await runCommand(file, instance({ args: ["program", ...args], stdio, ...given }));
  return { status, ...written };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "weft-p1-"));
  writeFileSync(join(path, "a.txt"), "first");
  return path;
}

function mounted(path: string, readOnly = false): Partial<InstanceContext> {
  return { mounts: [{ guest: "/data", path, readOnly }] };
}

describe("a preview-1 command", () => {
  test("prints to its own stdout", async () => {
    expect(await run(hello, ["hello"])).toEqual({ status: 0, stdout: "Hello, World!\n", stderr: "" });
  });

  test("gets its arguments whole, beyond ASCII too", async () => {
    const words = ["zwei", "größer", "日本語", ""];
    expect((await run(hello, ["args", ...words])).stdout).toBe(`${words.join("\n")}\n`);
  });

  test("sees only the environment it was given", async () => {
    expect((await run(hello, ["environ"], { env: { B: "2", A: "größe" } })).stdout).toBe("B=2\nA=größe\n");
    expect(await run(hello, ["env", "PATH"])).toMatchObject({ status: 1, stderr: "(unset)" });
  });

  test("waits for stdin that comes in pieces", async () => {
    expect((await run(hello, ["cat"], {}, ["one ", "two\n", "three"])).stdout).toBe("one two\nthree");
    expect((await run(rust, ["upper"], {}, ["abc", "def"])).stdout).toBe("ABCDEF");
  });

  test("ends with its own status", async () => {
    expect(await run(hello, ["exit", "7"])).toMatchObject({ status: 7, stderr: "leaving 7\n" });
    expect(await run(rust, ["exit", "255"])).toMatchObject({ status: 255 });
  });

  test("sleeps without holding the thread: fifty start before the first has slept", async () => {
    let slept = 0;
    const sleepers = Array.from({ length: 50 }, () => run(hello, ["sleep", "50"]).finally(() => (slept += 1)));
    expect(slept).toBe(0);
    expect((await Promise.all(sleepers)).every(({ stdout }) => stdout === "slept\n")).toBe(true);
  });

  test("stops waiting at once with the reason its call was given up for", async () => {
    const cancellation = new Cancellation();
    const running = run(hello, ["sleep", "60000"], { call: rootContext({ root: 1, cancellation }) });
    const reason = canceled();
    setImmediate(() => cancellation.cancel(reason));
    await expect(running).rejects.toBe(reason);
  });

  test("has real clocks and real random numbers", async () => {
    const [first = "", second = ""] = (await run(hello, ["clock"])).stdout.split("\n");
    expect(Math.abs(Number(first.split(" ")[0]) - Date.now() / 1000)).toBeLessThan(10);
    expect(BigInt(second.split(" ")[1] ?? 0)).toBeGreaterThanOrEqual(BigInt(first.split(" ")[1] ?? 0));
    expect((await run(hello, ["random", "16"])).stdout).not.toBe((await run(hello, ["random", "16"])).stdout);
  });

  test("finds its output closed and ends as it likes when nobody listens", async () => {
    const closed = { stdin: undefined, stdout: undefined, stderr: undefined };
    expect(await run(rust, ["echo", "x"], { stdio: closed })).toMatchObject({ status: 0, stdout: "" });
    expect(await run(hello, ["cat"], { stdio: closed })).toMatchObject({ status: 0 });
  });

  test("is stopped when it writes more than its limit", async () => {
    const { stdio, written } = recordedStdio();
    const given = { stdio, limits: { outputBytes: 20 } };
    await expect(run(hello, ["ticks", "10", "0"], given)).rejects.toMatchObject({ code: "OUTPUT_EXCEEDED" });
    expect(written.stdout.length + written.stderr.length).toBe(20);
    expect(await run(hello, ["hello"], { limits: { outputBytes: 14 } })).toMatchObject({ status: 0 });
  });
});

describe("files of a preview-1 command", () => {
  test("are read, written, appended to, listed and removed", async () => {
    const path = folder();
    const given = mounted(path);
    expect((await run(hello, ["read", "/data/a.txt"], given)).stdout).toBe("first");
    expect((await run(rust, ["cat", "/data/a.txt"], given)).stdout).toBe("first");
    expect(await run(hello, ["write", "/data/b.txt", "second"], given)).toMatchObject({ status: 0, stderr: "" });
    await run(hello, ["append", "/data/b.txt", " third"], given);
    expect(readFileSync(join(path, "b.txt"), "utf8")).toBe("second third");
    expect((await run(hello, ["ls", "/data"], given)).stdout.trim().split("\n").toSorted()).toEqual([
      ".",
      "..",
      "a.txt",
      "b.txt",
    ]);
    expect(await run(hello, ["rm", "/data/b.txt"], given)).toMatchObject({ status: 0 });
    expect(await run(hello, ["read", "/data/b.txt"], given)).toMatchObject({
      status: 1,
      stderr: "/data/b.txt: errno 44\n",
    });
  });

  test("of a read-only mount are read but not changed", async () => {
    const path = folder();
    const given = mounted(path, true);
    expect((await run(hello, ["read", "/data/a.txt"], given)).stdout).toBe("first");
    expect((await run(hello, ["write", "/data/a.txt", "x"], given)).stderr).toBe("/data/a.txt: errno 69\n");
    expect((await run(hello, ["append", "/data/a.txt", "x"], given)).stderr).toBe("/data/a.txt: errno 69\n");
    expect((await run(hello, ["rm", "/data/a.txt"], given)).stderr).toBe("/data/a.txt: errno 69\n");
    expect(readFileSync(join(path, "a.txt"), "utf8")).toBe("first");
  });

  test("outside of the mounts do not exist for it", async () => {
    const path = folder();
    const inside = join(path, "inside");
    mkdirSync(inside);
    symlinkSync("../a.txt", join(inside, "out"));
    symlinkSync(join(path, "a.txt"), join(inside, "absolute"));
    for (const name of ["/data/../a.txt", "/data/out", "/data/absolute", "/etc/passwd", "a.txt"]) {
      const { status, stdout } = await run(hello, ["read", name], mounted(inside));
      expect([name, status, stdout]).toEqual([name, 1, ""]);
    }
  });
});
