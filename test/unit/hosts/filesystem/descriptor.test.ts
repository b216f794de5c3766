import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Descriptor } from "../../../../src/hosts/filesystem/descriptor.ts";
import { errorOf, openMounts } from "../support/descriptors.seam.ts";
import { folder } from "../support/folder.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const bytes = (content: string): Uint8Array => Buffer.from(content);
const follow = { symlinkFollow: true };
const read = { read: true };
const readWrite = { read: true, write: true };
const secondsAt = (seconds: bigint) => ({ tag: "timestamp", val: { seconds, nanoseconds: 500_000_000 } }) as const;
const noChange = { tag: "no-change" } as const;

function mount(files: Readonly<Record<string, string>> = {}, readOnly = false) {
  const { path, at } = folder(files);
  const mounts = openMounts([{ guest: "/data", path, readOnly }]);
  return { root: mounts.at("/data"), at, path, mounts };
}

describe("an open file", () => {
  test("is read at any offset and says where it ends", () => {
    const { root } = mount({ "a.txt": "hello" });
    const file = root.openAt({}, "a.txt", {}, read);
    expect(text(file.read(3n, 1n)[0])).toBe("ell");
    expect(file.read(10n, 5n)).toEqual([new Uint8Array(0), true]);
    expect(file.read(0n, 0n)).toEqual([new Uint8Array(0), false]);
    expect(errorOf(() => file.read(1n, 2n ** 63n))).toBe("invalid");
    expect(file.getType()).toBe("regular-file");
    expect(file.getFlags()).toMatchObject({ read: true, write: false, mutateDirectory: false });
  });

  test("is written at any offset, cut and extended", () => {
    const { root, at } = mount({ "a.txt": "hello" });
    const file = root.openAt({}, "a.txt", {}, readWrite);
    expect(file.write(bytes("LL"), 2n)).toBe(2n);
    expect(readFileSync(at("a.txt"), "utf8")).toBe("heLLo");
    file.setSize(2n);
    file.setSize(3n);
    expect(readFileSync(at("a.txt"), "utf8")).toBe("he\0");
    file.sync();
    file.syncData();
    file.advise(0n, 10n, "sequential");
    expect(errorOf(() => file.setSize(2n ** 60n))).toBe("invalid");
  });

  test("opened for reading cannot be written, and the other way round", () => {
    const { root } = mount({ "a.txt": "hello" });
    expect(errorOf(() => root.openAt({}, "a.txt", {}, read).write(bytes("x"), 0n))).toBe("bad-descriptor");
    expect(errorOf(() => root.openAt({}, "a.txt", {}, { write: true }).read(1n, 0n))).toBe("bad-descriptor");
  });

  test("is no directory", () => {
    const { root } = mount({ "a.txt": "" });
    const file = root.openAt({}, "a.txt", {}, read);
    expect(errorOf(() => file.openAt({}, "b", {}, read))).toBe("not-directory");
    expect(errorOf(() => file.readDirectory())).toBe("not-directory");
    expect(errorOf(() => root.read(1n, 0n))).toBe("is-directory");
    expect(errorOf(() => root.readViaStream(0n))).toBe("is-directory");
  });

  test("streams from an offset, and to one", async () => {
    const { root, at } = mount({ "a.txt": "hello" });
    const file = root.openAt({}, "a.txt", {}, readWrite);
    const input = file.readViaStream(1n);
    expect(text(input.read(2n))).toBe("el");
    expect(text(await input.blockingRead(100n))).toBe("lo");
    expect(errorOf(() => input.read(1n))).toEqual({ tag: "closed" });
    const output = file.writeViaStream(3n);
    output.write(bytes("p!"));
    await output.blockingWriteAndFlush(bytes("!"));
    expect(readFileSync(at("a.txt"), "utf8")).toBe("help!!");
  });

  test("streams to its end wherever that is", () => {
    const { root, at } = mount({ log: "1" });
    const first = root.openAt({}, "log", {}, readWrite).appendViaStream();
    const second = root.openAt({}, "log", {}, readWrite).appendViaStream();
    first.write(bytes("2"));
    second.write(bytes("3"));
    first.write(bytes("4"));
    expect(readFileSync(at("log"), "utf8")).toBe("1234");
  });

  test("gives a stream's failure the code of the filesystem", () => {
    const { root, mounts } = mount({ "a.txt": "" });
    const stream = root.openAt({}, "a.txt", {}, read).readViaStream(2n ** 63n);
    const failure = errorOf(() => stream.read(1n));
    expect(failure).toMatchObject({ tag: "last-operation-failed" });
    const { val } = { val: undefined, ...Object(failure) };
    expect(mounts.errorCode(val)).toBe("invalid");
    expect(mounts.errorCode(new Error("another"))).toBeUndefined();
  });

  test("stays open for its streams after it was dropped, and not longer", () => {
    const { root } = mount({ "a.txt": "hello" });
    const open = () => readdirSync("/proc/self/fd").length;
    const before = open();
    const file = root.openAt({}, "a.txt", {}, read);
    const stream = file.readViaStream(0n);
    file[Symbol.dispose]();
    expect(text(stream.read(5n))).toBe("hello");
    stream[Symbol.dispose]();
    stream[Symbol.dispose]();
    expect(open()).toBe(before);
  });
});

describe("open-at", () => {
  test("creates, refuses what exists, and truncates, as asked", () => {
    const { root, at } = mount({ "a.txt": "hello" });
    root.openAt({}, "new.txt", { create: true }, readWrite).write(bytes("x"), 0n);
    expect(readFileSync(at("new.txt"), "utf8")).toBe("x");
    expect(errorOf(() => root.openAt({}, "a.txt", { create: true, exclusive: true }, readWrite))).toBe("exist");
    root.openAt({}, "a.txt", { truncate: true }, readWrite);
    expect(readFileSync(at("a.txt"), "utf8")).toBe("");
    expect(errorOf(() => root.openAt({}, "none", {}, read))).toBe("no-entry");
    expect(errorOf(() => root.openAt({}, "x", { create: true, directory: true }, read))).toBe("invalid");
  });

  test("opens a directory only where a directory is asked for by flag or slash", () => {
    const { root } = mount({ "sub/a.txt": "deep", "f.txt": "" });
    const sub = root.openAt({}, "sub", { directory: true }, read);
    expect(sub.getType()).toBe("directory");
    expect(text(sub.openAt({}, "a.txt", {}, read).read(9n, 0n)[0])).toBe("deep");
    expect(root.openAt({}, "sub/", {}, read).getType()).toBe("directory");
    expect(root.openAt({}, ".", {}, read).isSameObject(root)).toBe(true);
    expect(root.openAt({}, "sub/..", {}, read).isSameObject(root)).toBe(true);
    expect(errorOf(() => root.openAt({}, "f.txt", { directory: true }, read))).toBe("not-directory");
    expect(errorOf(() => root.openAt({}, "f.txt/", {}, read))).toBe("not-directory");
    expect(errorOf(() => root.openAt({}, "sub", {}, readWrite))).toBe("is-directory");
  });

  test("follows a link at the end only when asked", () => {
    const { root, at } = mount({ "a.txt": "hello" });
    symlinkSync("a.txt", at("link"));
    expect(text(root.openAt(follow, "link", {}, read).read(9n, 0n)[0])).toBe("hello");
    expect(errorOf(() => root.openAt({}, "link", {}, read))).toBe("loop");
    symlinkSync("made.txt", at("dangling"));
    root.openAt(follow, "dangling", { create: true }, readWrite);
    expect(existsSync(at("made.txt"))).toBe(true);
  });

  test("keeps a sane bound on how many files an instance holds", () => {
    const { root } = mount({ "a.txt": "" });
    const opened: Descriptor[] = [];
    const failure = errorOf(() => {
      for (let count = 0; count < 2_000; count++) opened.push(root.openAt({}, "a.txt", {}, read));
    });
    expect(failure).toBe("quota");
    for (const file of opened) file[Symbol.dispose]();
    expect(root.openAt({}, "a.txt", {}, read).getType()).toBe("regular-file");
  });
});

describe("metadata", () => {
  test("tells type, size, links and times", () => {
    const { root, at } = mount({ "a.txt": "hello" });
    symlinkSync("a.txt", at("link"));
    const stat = root.statAt({}, "a.txt");
    expect(stat).toMatchObject({ type: "regular-file", size: 5n, linkCount: 1n });
    expect(Number(stat.dataModificationTimestamp.seconds)).toBe(Math.floor(statSync(at("a.txt")).mtimeMs / 1000));
    expect(root.statAt({}, "link").type).toBe("symbolic-link");
    expect(root.statAt(follow, "link").type).toBe("regular-file");
    expect(root.stat().type).toBe("directory");
    expect(errorOf(() => root.statAt({}, "none"))).toBe("no-entry");
    expect(errorOf(() => root.statAt({}, "a.txt/"))).toBe("not-directory");
  });

  test("has times that can be set, each by itself", () => {
    const { root, at } = mount({ "a.txt": "" });
    root.setTimesAt({}, "a.txt", secondsAt(1000n), secondsAt(2000n));
    expect(statSync(at("a.txt"))).toMatchObject({ atimeMs: 1_000_500, mtimeMs: 2_000_500 });
    root.openAt({}, "a.txt", {}, readWrite).setTimes(noChange, { tag: "now" });
    expect(statSync(at("a.txt")).atimeMs).toBe(1_000_500);
    expect(statSync(at("a.txt")).mtimeMs).toBeGreaterThan(2_000_500);
  });

  test("has a hash that changes when a file is changed or replaced", () => {
    const { root } = mount({ "a.txt": "1", "b.txt": "2" });
    const hash = root.metadataHashAt({}, "a.txt");
    expect(root.openAt({}, "a.txt", {}, read).metadataHash()).toEqual(hash);
    expect(root.metadataHashAt({}, "b.txt")).not.toEqual(hash);
    root.openAt({}, "a.txt", {}, readWrite).write(bytes("longer"), 0n);
    expect(root.metadataHashAt({}, "a.txt")).not.toEqual(hash);
  });

  test("knows the same object by two names", () => {
    const { root } = mount({ "a.txt": "1", "b.txt": "1" });
    root.linkAt({}, "a.txt", root, "c.txt");
    const open = (name: string) => root.openAt({}, name, {}, read);
    expect(open("a.txt").isSameObject(open("c.txt"))).toBe(true);
    expect(open("a.txt").isSameObject(open("b.txt"))).toBe(false);
  });
});

describe("a directory", () => {
  test("is listed with the types of what is in it", () => {
    const { root, at } = mount({ "a.txt": "", "sub/b.txt": "" });
    symlinkSync("a.txt", at("link"));
    const stream = root.readDirectory();
    const entries: { name: string; type: string }[] = [];
    for (let entry = stream.readDirectoryEntry(); entry !== undefined; entry = stream.readDirectoryEntry())
      entries.push(entry);
    expect(entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: "a.txt", type: "regular-file" },
      { name: "link", type: "symbolic-link" },
      { name: "sub", type: "directory" },
    ]);
    expect(stream.readDirectoryEntry()).toBeUndefined();
  });

  test("is made and removed", () => {
    const { root, at } = mount({ "full/a.txt": "", "f.txt": "" });
    root.createDirectoryAt("new");
    root.createDirectoryAt("slash/");
    expect(statSync(at("new")).isDirectory()).toBe(true);
    root.removeDirectoryAt("new");
    root.removeDirectoryAt("slash/");
    expect(existsSync(at("new"))).toBe(false);
    expect(errorOf(() => root.createDirectoryAt("full"))).toBe("exist");
    expect(errorOf(() => root.createDirectoryAt("."))).toBe("exist");
    expect(errorOf(() => root.createDirectoryAt("none/deeper"))).toBe("no-entry");
    expect(errorOf(() => root.removeDirectoryAt("full"))).toBe("not-empty");
    expect(errorOf(() => root.removeDirectoryAt("f.txt"))).toBe("not-directory");
    expect(errorOf(() => root.removeDirectoryAt("."))).toBe("invalid");
  });

  test("has names that are moved, linked and removed", () => {
    const { root, at } = mount({ "a.txt": "1", "sub/b.txt": "2" });
    const sub = root.openAt({}, "sub", { directory: true }, read);
    root.renameAt("a.txt", sub, "moved.txt");
    expect(readFileSync(at("sub/moved.txt"), "utf8")).toBe("1");
    sub.linkAt({}, "moved.txt", root, "again.txt");
    expect(readFileSync(at("again.txt"), "utf8")).toBe("1");
    root.unlinkFileAt("again.txt");
    expect(existsSync(at("again.txt"))).toBe(false);
    root.renameAt("sub/", root, "renamed/");
    expect(existsSync(at("renamed/b.txt"))).toBe(true);
    expect(errorOf(() => root.unlinkFileAt("renamed"))).toBe("is-directory");
    expect(errorOf(() => root.unlinkFileAt("none"))).toBe("no-entry");
    expect(errorOf(() => root.unlinkFileAt("renamed/b.txt/"))).toBe("not-directory");
    expect(errorOf(() => root.renameAt("none", root, "x"))).toBe("no-entry");
    expect(errorOf(() => root.renameAt("renamed/b.txt/", root, "x"))).toBe("not-directory");
    expect(errorOf(() => root.renameAt(".", root, "x"))).toBe("busy");
  });

  test("has links that are made and read", () => {
    const { root } = mount({ "a.txt": "hello" });
    root.symlinkAt("a.txt", "link");
    expect(root.readlinkAt("link")).toBe("a.txt");
    expect(errorOf(() => root.readlinkAt("a.txt"))).toBe("invalid");
    expect(errorOf(() => root.symlinkAt("a.txt", "link"))).toBe("exist");
    expect(errorOf(() => root.symlinkAt("", "x"))).toBe("invalid");
    root.linkAt(follow, "link", root, "hard");
    expect(root.statAt({}, "hard").type).toBe("regular-file");
  });
});

describe("mounts", () => {
  test("are sorted by their path in the guest", () => {
    const [a, b] = [folder(), folder()];
    const { names } = openMounts([
      { guest: "/z", path: a.path, readOnly: false },
      { guest: "/a", path: b.path, readOnly: false },
    ]);
    expect(names).toEqual(["/a", "/z"]);
  });

  test("that do not exist are named", () => {
    const { at } = folder();
    expect(errorOf(() => openMounts([{ guest: "/data", path: at("gone"), readOnly: false }]))).toMatchObject({
      code: "FILE_NOT_FOUND",
      message: "app:guest: the directory mounted at /data is missing (ENOENT)",
    });
  });

  test("are closed with everything in them when the instance ends", () => {
    const open = () => readdirSync("/proc/self/fd").length;
    const before = open();
    const { root, mounts } = mount({ "a.txt": "hello" });
    const stream = root.openAt({}, "a.txt", {}, read).readViaStream(0n);
    mounts[Symbol.dispose]();
    expect(open()).toBe(before);
    stream[Symbol.dispose]();
    root[Symbol.dispose]();
    expect(open()).toBe(before);
  });

  test("that are read-only refuse every change and allow every look", () => {
    const { root, at } = mount({ "a.txt": "hello", "sub/b.txt": "" }, true);
    const other = mount().root;
    const file = root.openAt({}, "a.txt", {}, { read: true, mutateDirectory: true });
    const changes: readonly (() => unknown)[] = [
      () => root.openAt({}, "a.txt", {}, readWrite),
      () => root.openAt({}, "new", { create: true }, read),
      () => root.openAt({}, "a.txt", { truncate: true }, read),
      () => root.createDirectoryAt("new"),
      () => root.removeDirectoryAt("sub"),
      () => root.unlinkFileAt("a.txt"),
      () => root.renameAt("a.txt", root, "b.txt"),
      () => root.renameAt("a.txt", other, "b.txt"),
      () => other.renameAt("a.txt", root, "b.txt"),
      () => root.linkAt({}, "a.txt", root, "b.txt"),
      () => root.linkAt({}, "a.txt", other, "b.txt"),
      () => root.symlinkAt("a.txt", "b.txt"),
      () => root.setTimesAt({}, "a.txt", noChange, { tag: "now" }),
      () => root.openAt({}, "sub", {}, read).createDirectoryAt("new"),
      () => file.write(bytes("x"), 0n),
      () => file.writeViaStream(0n),
      () => file.appendViaStream(),
      () => file.setSize(0n),
      () => file.setTimes(noChange, { tag: "now" }),
    ];
    for (const [index, change] of changes.entries()) expect([index, errorOf(change)]).toEqual([index, "read-only"]);
    expect(text(file.read(9n, 0n)[0])).toBe("hello");
    expect(root.getFlags().mutateDirectory).toBe(false);
    expect(readFileSync(at("a.txt"), "utf8")).toBe("hello");
  });
});
