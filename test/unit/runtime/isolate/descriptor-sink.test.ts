import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bindHosts } from "../../../../src/hosts/index.ts";
import { keptBytes, pipeSink } from "../../../../src/runtime/isolate/descriptor-sink.ts";
import { runCommand } from "../../hosts/support/guests.seam.ts";
import { imported } from "../../hosts/support/imports.seam.ts";
import { instance } from "../../hosts/support/instance.ts";

/** Both ends of a pipe that has a name, neither of which blocks. */
function pipe() {
  const path = join(mkdtempSync(join(tmpdir(), "weft-pipe-")), "pipe");
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(1 << 20);
  return {
    sink: pipeSink(writer),
    /** What is in the pipe now. */
    read: (): Buffer => {
      try {
        return Buffer.from(buffer.subarray(0, readSync(reader, buffer)));
      } catch {
        return Buffer.alloc(0);
      }
    },
    closeReader: () => closeSync(reader),
  };
}

const pattern = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, at) => at % 251));

describe("a pipe as a guest's output", () => {
  test("has room for less and less while nobody reads, and for more when somebody does", () => {
    const { sink, read } = pipe();
    const { flow } = sink;
    const sent: Buffer[] = [];
    for (let room = flow.room(); room > 0; room = flow.room()) {
      const bytes = pattern(Math.min(room, 30_000));
      sent.push(bytes);
      flow.write(bytes);
    }
    expect(flow.room()).toBe(0);
    expect(flow.isFlushed()).toBe(false);
    const got = [read()];
    expect(flow.room()).toBe(keptBytes);
    expect(flow.isFlushed()).toBe(true);
    for (let bytes = read(); bytes.length > 0; bytes = read()) got.push(bytes);
    expect(Buffer.concat(got).equals(Buffer.concat(sent))).toBe(true);
  });

  test("keeps the order when something is written that does not wait", () => {
    const { sink, read } = pipe();
    sink.flow.write(Buffer.from("a"));
    sink.write(Buffer.from("b"));
    sink.flow.write(Buffer.from("c"));
    sink.flow.flush();
    expect(read().toString()).toBe("abc");
  });

  test("suspends a guest's blocking write until all of it has left", async () => {
    const { sink, read } = pipe();
    const { imports } = bindHosts(
      instance({ stdio: { stdin: undefined, stderr: undefined, stdout: sink } }),
      ["wasi:cli"],
      [{ interface: "wasi:cli/stdout" }],
    );
    const stream = imported(imports, "wasi:cli/stdout", "getStdout")();
    const all = pattern(600_000);
    let done = false;
    const writing = Promise.resolve(stream.blockingWriteAndFlush(all)).then(() => (done = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(done).toBe(false);
    expect(stream.checkWrite()).toBe(0n);
    expect(stream.subscribe().ready()).toBe(false);
    const got: Buffer[] = [];
    while (Buffer.concat(got).length < all.length) {
      got.push(read());
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await writing;
    expect(Buffer.concat(got).equals(all)).toBe(true);
    expect(stream.checkWrite()).toBe(BigInt(keptBytes));
  });

  test("leaves with the instance, as far as somebody reads it", () => {
    const { sink, read } = pipe();
    const stdio = { stdin: undefined, stderr: undefined, stdout: sink };
    {
      using bound = bindHosts(instance({ stdio }), ["wasi:cli"], [{ interface: "wasi:cli/stdout" }]);
      const stream = imported(bound.imports, "wasi:cli/stdout", "getStdout")();
      stream.write(Buffer.from("last words"));
    }
    expect(read().toString()).toBe("last words");
  });

  test("fails for good when its reader has gone", () => {
    const { sink, closeReader } = pipe();
    const { imports } = bindHosts(
      instance({ stdio: { stdin: undefined, stderr: undefined, stdout: sink }, limits: { outputBytes: 100 } }),
      ["wasi:cli"],
      [{ interface: "wasi:cli/stdout" }],
    );
    const stream = imported(imports, "wasi:cli/stdout", "getStdout")();
    stream.write(Buffer.from("heard"));
    closeReader();
    stream.write(Buffer.from("unheard"));
    expect(stream.subscribe().ready()).toBe(true);
    expect(() => stream.checkWrite()).toThrow(
      expect.objectContaining({ payload: expect.objectContaining({ tag: "last-operation-failed" }) }),
    );
    expect(() => stream.checkWrite()).toThrow(expect.objectContaining({ payload: { tag: "closed" } }));
  });

  test("counts against the limit of output", () => {
    const { sink, read } = pipe();
    const { imports } = bindHosts(
      instance({ stdio: { stdin: undefined, stderr: undefined, stdout: sink }, limits: { outputBytes: 3 } }),
      ["wasi:cli"],
      [{ interface: "wasi:cli/stdout" }],
    );
    const stream = imported(imports, "wasi:cli/stdout", "getStdout")();
    expect(() => stream.write(Buffer.from("four"))).toThrow(expect.objectContaining({ code: "OUTPUT_EXCEEDED" }));
    expect(read().toString()).toBe("fou");
  });
});

describe("a preview-1 program that prints into a pipe", () => {
  test("waits while it is full, without holding the thread, and loses nothing", async () => {
    const { sink, read } = pipe();
    const folder = mkdtempSync(join(tmpdir(), "weft-p1-"));
    const all = pattern(500_000).toString("hex");
    writeFileSync(join(folder, "big.txt"), all);
    const running = runCommand(
      "rust/run/run-p1.wasm",
      instance({
        args: ["run", "cat", "/data/big.txt"],
        mounts: [{ guest: "/data", path: folder, readOnly: true }],
        stdio: { stdin: undefined, stderr: undefined, stdout: sink },
      }),
    );
    let ended = false;
    void running.then(() => (ended = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ended).toBe(false);
    const got: Buffer[] = [];
    while (Buffer.concat(got).length < all.length) {
      got.push(read());
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(await running).toBe(0);
    expect(Buffer.concat(got).toString()).toBe(all);
  });

  test("is told when its reader has gone", async () => {
    const { sink, closeReader } = pipe();
    closeReader();
    const stdio = { stdin: undefined, stderr: undefined, stdout: sink };
    const status = await runCommand("c/hello/hello.wasm", instance({ args: ["hello", "hello"], stdio }));
    expect([0, 1]).toContain(status);
  });
});
