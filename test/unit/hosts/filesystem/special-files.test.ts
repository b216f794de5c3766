import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import type { Descriptor } from "../../../../src/hosts/filesystem/descriptor.ts";
import { errorOf, openMounts } from "../support/descriptors.seam.ts";
import { folder } from "../support/folder.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const follow = { symlinkFollow: true };
const read = { read: true };
const readWrite = { read: true, write: true };

function mount(files: Readonly<Record<string, string>> = {}) {
  const { path, at } = folder(files);
  return { root: openMounts([{ guest: "/data", path, readOnly: false }]).at("/data"), at };
}

function listed(directory: Descriptor): string[] {
  const stream = directory.readDirectory();
  const names: string[] = [];
  for (let next = stream.readDirectoryEntry(); next !== undefined; next = stream.readDirectoryEntry())
    names.push(next.name);
  return names.toSorted();
}

function statOf(path: string): { mtimeMs: number; nlink: number } {
  const { mtimeMs, nlink } = statSync(path);
  return { mtimeMs, nlink };
}

describe("a pipe in a mount", () => {
  function withPipe() {
    const mounted = mount();
    execFileSync("mkfifo", [mounted.at("pipe")]);
    return mounted;
  }

  test("is opened, looked at and read without waiting for its other end", () => {
    const { root } = withPipe();
    expect(root.statAt({}, "pipe").type).toBe("fifo");
    const pipe = root.openAt({}, "pipe", {}, read);
    expect(pipe.getType()).toBe("fifo");
    expect(errorOf(() => pipe.read(1n, 0n))).toBe("invalid-seek");
    const stream = pipe.readViaStream(0n);
    expect(errorOf(() => stream.read(1n))).toMatchObject({ tag: "last-operation-failed" });
    stream[Symbol.dispose]();
    pipe[Symbol.dispose]();
    expect(errorOf(() => root.openAt({}, "pipe", {}, { write: true }))).toBe("no-such-device");
    expect(errorOf(() => root.openAt({}, "pipe", { truncate: true }, readWrite).setSize(0n))).toBe("invalid");
  });

  test("that is full fails a write instead of holding the thread", () => {
    const { root, at } = withPipe();
    const reader = openSync(at("pipe"), constants.O_RDONLY | constants.O_NONBLOCK);
    const output = root.openAt({}, "pipe", {}, readWrite).appendViaStream();
    const failure = errorOf(() => {
      for (let round = 0; round < 100; round++) output.write(new Uint8Array(65_536));
    });
    expect(failure).toMatchObject({ tag: "last-operation-failed" });
    closeSync(reader);
  });
});

test("a socket in a mount is listed, but not opened", async () => {
  const { root, at } = mount();
  const server = createServer().listen(at("socket"));
  await once(server, "listening");
  expect(root.statAt({}, "socket").type).toBe("socket");
  expect(errorOf(() => root.openAt({}, "socket", {}, readWrite))).toBe("no-such-device");
  server.close();
});

describe("a name that is not UTF-8", () => {
  const name = Buffer.from([0x61, 0xff, 0x62]);

  test("is an error of its own in a listing, which goes on after it", () => {
    const { root, at } = mount({ z: "" });
    writeFileSync(Buffer.concat([Buffer.from(`${at("")}/`), name]), "");
    const stream = root.readDirectory();
    const found = [1, 2, 3].map(() => {
      let entry: unknown;
      const failure = errorOf(() => (entry = stream.readDirectoryEntry()?.name));
      return failure === "no error" ? entry : failure;
    });
    expect(new Set(found)).toEqual(new Set(["illegal-byte-sequence", "z", undefined]));
    expect(errorOf(() => root.openAt({}, "a\ufffdb", {}, read))).toBe("no-entry");
    expect(errorOf(() => root.unlinkFileAt("a\ufffdb"))).toBe("no-entry");
  });

  test("is not told as what a link holds", () => {
    const { root, at } = mount();
    symlinkSync(name, at("link"));
    expect(errorOf(() => root.readlinkAt("link"))).toBe("illegal-byte-sequence");
    expect(errorOf(() => root.openAt(follow, "link", {}, read))).toBe("illegal-byte-sequence");
  });

  test("is not what any script or normal form is taken for", () => {
    const { root, at } = mount();
    for (const each of ["größe", "日本", "e\u0301", "\u00e9", "👩‍🚀", "a\nb", "\\", "*", "-rf", "C:"]) {
      root.openAt({}, each, { create: true }, readWrite).write(Buffer.from(each), 0n);
      expect(readFileSync(at(each), "utf8")).toBe(each);
    }
    expect(listed(root).length).toBe(10);
  });
});

describe("a file that another thread swaps for a link out of the mount", () => {
  /** Makes `mount/swapped` a file and a link to `../secret` by turns, as fast as it can. */
  const swap = `
    const { renameSync } = require("node:fs");
    const { parentPort, workerData } = require("node:worker_threads");
    for (let round = 0; ; round++) {
      const shown = workerData + (round % 2 ? "/link" : "/file");
      renameSync(shown, workerData + "/swapped");
      renameSync(workerData + "/swapped", shown);
      if (round === 10) parentPort.postMessage("swapping");
    }
  `;

  test("is neither read, written, cut, linked nor touched outside", async () => {
    const { path, at } = folder({ secret: "secret", "mount/file": "inside" });
    symlinkSync("../secret", at("mount/link"));
    const { mtimeMs } = statOf(at("secret"));
    const root = openMounts([{ guest: "/m", path: `${path}/mount`, readOnly: false }]).at("/m");
    const swapper = new Worker(swap, { eval: true, workerData: at("mount") });
    await once(swapper, "message");
    for (let round = 0; round < 1_500; round++) {
      const flags = round % 2 === 0 ? follow : {};
      errorOf(() => {
        using file = root.openAt(flags, "swapped", {}, readWrite);
        expect(text(file.read(9n, 0n)[0])).toBe("inside");
        file.write(Buffer.from("inside"), 0n);
      });
      errorOf(() => root.openAt(flags, "swapped", { truncate: true }, readWrite).write(Buffer.from("inside"), 0n));
      errorOf(() => root.setTimesAt(flags, "swapped", { tag: "now" }, { tag: "now" }));
      errorOf(() => root.linkAt(flags, "swapped", root, `linked${round}`));
      expect(errorOf(() => text(root.openAt({}, `linked${round}`, {}, read).read(9n, 0n)[0]))).not.toBe("secret");
    }
    await swapper.terminate();
    expect(readFileSync(at("secret"), "utf8")).toBe("secret");
    expect(statOf(at("secret"))).toEqual({ mtimeMs, nlink: 1 });
  });
});
