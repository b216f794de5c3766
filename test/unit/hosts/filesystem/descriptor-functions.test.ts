import { readdirSync, readFileSync, statSync, symlinkSync, truncateSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Descriptor, DirectoryEntryStream } from "../../../../src/hosts/filesystem/descriptor.ts";
import { errorOf, openMounts } from "../support/descriptors.seam.ts";
import { folder } from "../support/folder.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const bytes = (content: string): Uint8Array => Buffer.from(content);
const follow = { symlinkFollow: true };
const read = { read: true };
const readWrite = { read: true, write: true };
const now = { tag: "now" } as const;
const noChange = { tag: "no-change" } as const;
const secondsAt = (seconds: bigint) => ({ tag: "timestamp", val: { seconds, nanoseconds: 0 } }) as const;
/** The largest numbers of WIT's u64. */
const most = 2n ** 64n - 1n;
/** One component longer than file systems have, and a path longer than systems take. */
const longName = "x".repeat(256);
const longPath = "sub/".repeat(2_000);

function mount(files: Readonly<Record<string, string>> = { "a.txt": "hello", "sub/b.txt": "deep" }) {
  const { path, at } = folder(files);
  symlinkSync("a.txt", at("link"));
  const mounts = openMounts([{ guest: "/data", path, readOnly: false }]);
  const root = mounts.at("/data");
  const open = (name: string, access = readWrite as Parameters<Descriptor["openAt"]>[3]): Descriptor =>
    root.openAt(follow, name, {}, access);
  return { root, at, path, mounts, open, content: () => readFileSync(at("a.txt"), "utf8") };
}

type Mount = ReturnType<typeof mount>;

/** What a function does when all is well, when it cannot, and at the edge of what it takes. */
interface Cases {
  readonly success: (mounted: Mount) => void;
  readonly error: (mounted: Mount) => void;
  readonly limit: (mounted: Mount) => void;
}

const content: Readonly<Record<string, Cases>> = {
  readViaStream: {
    success: ({ open }) => expect(text(open("a.txt").readViaStream(1n).read(9n))).toBe("ello"),
    error: ({ root }) => expect(errorOf(() => root.readViaStream(0n))).toBe("is-directory"),
    limit({ open }) {
      const beyond = open("a.txt").readViaStream(6n);
      expect(errorOf(() => beyond.read(1n))).toEqual({ tag: "closed" });
      const far = open("a.txt").readViaStream(most);
      expect(errorOf(() => far.read(1n))).toMatchObject({ tag: "last-operation-failed" });
    },
  },
  writeViaStream: {
    success({ open, content: read }) {
      open("a.txt").writeViaStream(3n).write(bytes("p!"));
      expect(read()).toBe("help!");
    },
    error({ root, open }) {
      expect(errorOf(() => root.writeViaStream(0n))).toBe("is-directory");
      expect(errorOf(() => open("a.txt", read).writeViaStream(0n))).toBe("bad-descriptor");
    },
    limit({ open, at }) {
      expect(errorOf(() => open("a.txt").writeViaStream(most))).toBe("invalid");
      open("a.txt")
        .writeViaStream(2n ** 33n)
        .write(bytes("x"));
      expect(statSync(at("a.txt")).size).toBe(2 ** 33 + 1);
    },
  },
  appendViaStream: {
    success({ open, content: read }) {
      open("a.txt").appendViaStream().write(bytes("!"));
      expect(read()).toBe("hello!");
    },
    error: ({ root }) => expect(errorOf(() => root.appendViaStream())).toBe("is-directory"),
    limit({ open, at }) {
      truncateSync(at("a.txt"), 2 ** 33);
      open("a.txt").appendViaStream().write(bytes("x"));
      expect(statSync(at("a.txt")).size).toBe(2 ** 33 + 1);
    },
  },
  read: {
    success: ({ open }) => expect(open("a.txt").read(2n, 1n)).toEqual([new Uint8Array(bytes("el")), false]),
    error: ({ open }) => expect(errorOf(() => open("a.txt", { write: true }).read(1n, 0n))).toBe("bad-descriptor"),
    limit({ open }) {
      expect(text(open("a.txt").read(most, 0n)[0])).toBe("hello");
      expect(open("a.txt").read(1n, 2n ** 40n)).toEqual([new Uint8Array(0), true]);
      expect(errorOf(() => open("a.txt").read(1n, most))).toBe("invalid");
    },
  },
  write: {
    success({ open, content: read }) {
      expect(open("a.txt").write(bytes("J"), 0n)).toBe(1n);
      expect(read()).toBe("Jello");
    },
    error: ({ open }) => expect(errorOf(() => open("a.txt", read).write(bytes("J"), 0n))).toBe("bad-descriptor"),
    limit({ open, at }) {
      expect(open("a.txt").write(new Uint8Array(0), 9n)).toBe(0n);
      expect(open("a.txt").write(bytes("x"), 2n ** 33n)).toBe(1n);
      expect(statSync(at("a.txt")).size).toBe(2 ** 33 + 1);
      expect(errorOf(() => open("a.txt").write(bytes("x"), most))).toBe("invalid");
    },
  },
  setSize: {
    success({ open, content: read }) {
      open("a.txt").setSize(2n);
      expect(read()).toBe("he");
    },
    error: ({ root }) => expect(errorOf(() => root.setSize(0n))).toBe("is-directory"),
    limit({ open, at }) {
      open("a.txt").setSize(2n ** 33n);
      expect(statSync(at("a.txt")).size).toBe(2 ** 33);
      expect(errorOf(() => open("a.txt").setSize(most))).toBe("invalid");
      expect(["file-too-large", "invalid"]).toContain(errorOf(() => open("a.txt").setSize(2n ** 53n - 1n)));
    },
  },
  advise: {
    success: ({ open }) => expect(open("a.txt").advise(0n, 5n, "sequential")).toBeUndefined(),
    error({ open, mounts }) {
      const file = open("a.txt");
      mounts[Symbol.dispose]();
      expect(errorOf(() => file.advise(0n, 0n, "normal"))).toBe("bad-descriptor");
    },
    limit: ({ open }) => expect(open("a.txt").advise(most, most, "no-reuse")).toBeUndefined(),
  },
  sync: {
    success: ({ open }) => expect(open("a.txt").sync()).toBeUndefined(),
    error({ open, mounts }) {
      const file = open("a.txt");
      mounts[Symbol.dispose]();
      expect(errorOf(() => file.sync())).toBe("bad-descriptor");
    },
    limit: ({ root }) => expect(root.sync()).toBeUndefined(),
  },
  syncData: {
    success: ({ open }) => expect(open("a.txt").syncData()).toBeUndefined(),
    error({ open, mounts }) {
      const file = open("a.txt");
      mounts[Symbol.dispose]();
      expect(errorOf(() => file.syncData())).toBe("bad-descriptor");
    },
    limit: ({ root }) => expect(root.syncData()).toBeUndefined(),
  },
};

const metadata: Readonly<Record<string, Cases>> = {
  getFlags: {
    success: ({ open }) => expect(open("a.txt", read).getFlags()).toMatchObject({ read: true, write: false }),
    // It has none of its own: what a descriptor was opened for is known also when its file is gone.
    error({ root, open }) {
      const file = open("a.txt");
      root.unlinkFileAt("a.txt");
      expect(file.getFlags()).toMatchObject({ read: true, write: true });
    },
    limit: ({ open }) =>
      expect(open("a.txt", { ...readWrite, fileIntegritySync: true, dataIntegritySync: true }).getFlags()).toEqual({
        read: true,
        write: true,
        fileIntegritySync: true,
        dataIntegritySync: true,
        requestedWriteSync: false,
        mutateDirectory: false,
      }),
  },
  getType: {
    success: ({ root, open }) =>
      expect([root.getType(), open("a.txt").getType()]).toEqual(["directory", "regular-file"]),
    error({ open, mounts }) {
      const file = open("a.txt");
      mounts[Symbol.dispose]();
      expect(errorOf(() => file.getType())).toBe("bad-descriptor");
    },
    limit({ root, open }) {
      const file = open("a.txt");
      root.unlinkFileAt("a.txt");
      expect(file.getType()).toBe("regular-file");
    },
  },
  setTimes: {
    success({ open, at }) {
      open("a.txt").setTimes(secondsAt(1n), secondsAt(2n));
      expect(statSync(at("a.txt"))).toMatchObject({ atimeMs: 1_000, mtimeMs: 2_000 });
    },
    error({ open, mounts }) {
      const file = open("a.txt");
      mounts[Symbol.dispose]();
      expect(errorOf(() => file.setTimes(now, now))).toBe("bad-descriptor");
    },
    limit({ open }) {
      expect(errorOf(() => open("a.txt").setTimes(noChange, secondsAt(most)))).toBe("invalid");
      expect(errorOf(() => open("a.txt").setTimes(secondsAt(2n ** 40n), noChange))).toBe("no error");
    },
  },
  setTimesAt: {
    success({ root, at }) {
      root.setTimesAt(follow, "link", secondsAt(1n), secondsAt(2n));
      expect(statSync(at("a.txt"))).toMatchObject({ atimeMs: 1_000, mtimeMs: 2_000 });
    },
    error: ({ root }) => expect(errorOf(() => root.setTimesAt({}, "none", now, now))).toBe("no-entry"),
    limit({ root }) {
      expect(errorOf(() => root.setTimesAt({}, "a.txt", secondsAt(most), noChange))).toBe("invalid");
      expect(errorOf(() => root.setTimesAt({}, longName, now, now))).toBe("name-too-long");
    },
  },
  stat: {
    success: ({ open }) => expect(open("a.txt").stat()).toMatchObject({ type: "regular-file", size: 5n }),
    error({ open, mounts }) {
      const file = open("a.txt");
      mounts[Symbol.dispose]();
      expect(errorOf(() => file.stat())).toBe("bad-descriptor");
    },
    limit({ open, root }) {
      const file = open("a.txt");
      file.setSize(2n ** 40n);
      root.unlinkFileAt("a.txt");
      expect(file.stat()).toMatchObject({ size: 2n ** 40n, linkCount: 0n });
    },
  },
  statAt: {
    success({ root }) {
      expect(root.statAt({}, "link").type).toBe("symbolic-link");
      expect(root.statAt(follow, "link").type).toBe("regular-file");
    },
    error: ({ root, open }) => {
      expect(errorOf(() => root.statAt({}, "none"))).toBe("no-entry");
      expect(errorOf(() => open("a.txt").statAt({}, "x"))).toBe("not-directory");
    },
    limit({ root }) {
      for (const path of [longName, longPath]) expect(errorOf(() => root.statAt({}, path))).toBe("name-too-long");
    },
  },
  metadataHash: {
    success: ({ open }) => expect(open("a.txt").metadataHash()).toEqual(open("link").metadataHash()),
    error({ open, mounts }) {
      const file = open("a.txt");
      mounts[Symbol.dispose]();
      expect(errorOf(() => file.metadataHash())).toBe("bad-descriptor");
    },
    limit({ open }) {
      const { lower, upper } = open("a.txt").metadataHash();
      for (const half of [lower, upper]) expect(half >= 0n && half <= most).toBe(true);
    },
  },
  metadataHashAt: {
    success: ({ root, open }) => expect(root.metadataHashAt(follow, "link")).toEqual(open("a.txt").metadataHash()),
    error: ({ root }) => expect(errorOf(() => root.metadataHashAt({}, "none"))).toBe("no-entry"),
    limit: ({ root }) => expect(errorOf(() => root.metadataHashAt({}, longName))).toBe("name-too-long"),
  },
  isSameObject: {
    success: ({ open, root }) => {
      expect(open("a.txt").isSameObject(open("link"))).toBe(true);
      expect(open("a.txt").isSameObject(root)).toBe(false);
    },
    error({ open, root, mounts }) {
      const file = open("a.txt");
      mounts[Symbol.dispose]();
      expect(errorOf(() => file.isSameObject(root))).toBe("bad-descriptor");
    },
    limit({ open, root, at }) {
      const file = open("a.txt");
      root.renameAt("a.txt", root, "sub/moved");
      expect(file.isSameObject(open("sub/moved"))).toBe(true);
      expect(statSync(at("sub/moved")).size).toBe(5);
    },
  },
};

const directories: Readonly<Record<string, Cases>> = {
  readDirectory: {
    success: ({ root }) => expect(listed(root)).toEqual(["a.txt", "link", "sub"]),
    error: ({ open }) => expect(errorOf(() => open("a.txt").readDirectory())).toBe("not-directory"),
    limit({ root }) {
      for (let index = 0; index < 3_000; index++) root.createDirectoryAt(`sub/${index}`);
      expect(listed(root.openAt({}, "sub", { directory: true }, read)).length).toBe(3_001);
    },
  },
  readDirectoryEntry: {
    success: ({ root }) => expect(root.readDirectory().readDirectoryEntry()?.name).toBeTypeOf("string"),
    error({ root }) {
      root.createDirectoryAt("empty");
      const empty = root.openAt({}, "empty", { directory: true }, read);
      root.removeDirectoryAt("empty");
      expect(empty.readDirectory().readDirectoryEntry()).toBeUndefined();
    },
    limit({ root }) {
      const stream = root.readDirectory();
      for (const name of ["a.txt", "link"]) root.unlinkFileAt(name);
      const rest = [1, 2, 3, 4, 5].map(() => stream.readDirectoryEntry()?.name);
      expect(rest.filter((name) => name !== undefined).length).toBe(3);
    },
  },
  createDirectoryAt: {
    success({ root, at }) {
      root.createDirectoryAt("new");
      expect(statSync(at("new")).isDirectory()).toBe(true);
    },
    error: ({ root }) => expect(errorOf(() => root.createDirectoryAt("a.txt"))).toBe("exist"),
    limit: ({ root }) => expect(errorOf(() => root.createDirectoryAt(longName))).toBe("name-too-long"),
  },
  removeDirectoryAt: {
    success({ root, at }) {
      root.createDirectoryAt("new");
      root.removeDirectoryAt("new");
      expect(readdirSync(at(""))).not.toContain("new");
    },
    error: ({ root }) => expect(errorOf(() => root.removeDirectoryAt("sub"))).toBe("not-empty"),
    limit({ root, at }) {
      symlinkSync("sub", at("to-sub"));
      expect(errorOf(() => root.removeDirectoryAt("to-sub"))).toBe("not-directory");
      expect(errorOf(() => root.removeDirectoryAt(longName))).toBe("name-too-long");
    },
  },
  openAt: {
    success({ root }) {
      root.openAt({}, "new", { create: true, exclusive: true }, readWrite).write(bytes("x"), 0n);
      expect(root.statAt({}, "new").size).toBe(1n);
    },
    error({ root }) {
      expect(errorOf(() => root.openAt({}, "a.txt", { create: true, exclusive: true }, readWrite))).toBe("exist");
      // Exclusive creation does not go through a link.
      expect(errorOf(() => root.openAt(follow, "link", { create: true, exclusive: true }, readWrite))).toBe("exist");
      expect(errorOf(() => root.openAt({}, "sub", { truncate: true }, readWrite))).toBe("is-directory");
    },
    limit({ root }) {
      const opened: Descriptor[] = [];
      const failure = errorOf(() => {
        for (let count = 0; count < 600; count++) opened.push(root.openAt({}, "a.txt", {}, read));
      });
      // The mount is one of the 512.
      expect([failure, opened.length]).toEqual(["quota", 511]);
      opened.pop()?.[Symbol.dispose]();
      expect(root.openAt({}, "a.txt", {}, read).getType()).toBe("regular-file");
    },
  },
  linkAt: {
    success({ root }) {
      root.linkAt({}, "a.txt", root, "again");
      expect(root.statAt({}, "again").linkCount).toBe(2n);
    },
    error({ root, open }) {
      expect(errorOf(() => root.linkAt({}, "none", root, "x"))).toBe("no-entry");
      expect(errorOf(() => root.linkAt({}, "a.txt", root, "link"))).toBe("exist");
      expect(errorOf(() => root.linkAt({}, "a.txt", open("a.txt"), "x"))).toBe("not-directory");
    },
    limit: ({ root }) => expect(errorOf(() => root.linkAt({}, "a.txt", root, longName))).toBe("name-too-long"),
  },
  readlinkAt: {
    success: ({ root }) => expect(root.readlinkAt("link")).toBe("a.txt"),
    error: ({ root }) => expect(errorOf(() => root.readlinkAt("a.txt"))).toBe("invalid"),
    limit({ root, at }) {
      const far = "d/".repeat(2_000);
      symlinkSync(far, at("far"));
      expect(root.readlinkAt("far")).toBe(far);
    },
  },
  renameAt: {
    success({ root, at }) {
      root.renameAt("a.txt", root, "sub/moved");
      expect(readFileSync(at("sub/moved"), "utf8")).toBe("hello");
    },
    error({ root }) {
      expect(errorOf(() => root.renameAt("none", root, "x"))).toBe("no-entry");
      expect(errorOf(() => root.renameAt("sub", root, "sub/below"))).toBe("invalid");
      expect(errorOf(() => root.renameAt("a.txt", root, "sub"))).toBe("is-directory");
    },
    limit: ({ root }) => expect(errorOf(() => root.renameAt("a.txt", root, longName))).toBe("name-too-long"),
  },
  symlinkAt: {
    success({ root }) {
      root.symlinkAt("sub/b.txt", "new");
      expect(root.statAt(follow, "new").size).toBe(4n);
    },
    error: ({ root }) => expect(errorOf(() => root.symlinkAt("a.txt", "link"))).toBe("exist"),
    limit({ root }) {
      expect(errorOf(() => root.symlinkAt("x".repeat(5_000), "new"))).toBe("name-too-long");
      expect(errorOf(() => root.symlinkAt("a.txt", longName))).toBe("name-too-long");
    },
  },
  unlinkFileAt: {
    success({ root, at }) {
      root.unlinkFileAt("link");
      expect(readdirSync(at("")).toSorted()).toEqual(["a.txt", "sub"]);
    },
    error: ({ root }) => expect(errorOf(() => root.unlinkFileAt("sub"))).toBe("is-directory"),
    limit: ({ root }) => expect(errorOf(() => root.unlinkFileAt(longName))).toBe("name-too-long"),
  },
};

function listed(directory: Descriptor): string[] {
  const stream = directory.readDirectory();
  const names: string[] = [];
  for (let next = stream.readDirectoryEntry(); next !== undefined; next = stream.readDirectoryEntry())
    names.push(next.name);
  return names.toSorted();
}

/** The functions of wasi:filesystem/types that belong to no resource, and those of preopens. */
const free: Readonly<Record<string, Cases>> = {
  filesystemErrorCode: {
    success({ open, mounts }) {
      const failure = Object(errorOf(() => open("a.txt").readViaStream(most).read(1n)));
      expect(mounts.errorCode(failure.val)).toBe("invalid");
    },
    error: ({ mounts }) => expect(mounts.errorCode(new Error("another"))).toBeUndefined(),
    limit: ({ mounts }) => expect(mounts.errorCode(undefined)).toBeUndefined(),
  },
  getDirectories: {
    success: ({ mounts }) => expect(mounts.names).toEqual(["/data"]),
    error: ({ at }) =>
      expect(errorOf(() => openMounts([{ guest: "/", path: at("gone"), readOnly: true }]))).toMatchObject({
        code: "FILE_NOT_FOUND",
      }),
    limit: () => expect(openMounts([]).names).toEqual([]),
  },
};

const table: Readonly<Record<string, Cases>> = { ...content, ...metadata, ...directories, ...free };

describe.each(Object.entries(table))("%s", (_name, cases) => {
  test("does what it says", () => cases.success(mount()));
  test("fails with a code of the filesystem", () => cases.error(mount()));
  test("holds at its limits", () => cases.limit(mount()));
});

test("every function of wasi:filesystem is in the table", () => {
  const methods = [Descriptor, DirectoryEntryStream].flatMap((type) => Object.getOwnPropertyNames(type.prototype));
  const functions = methods.filter((name) => name !== "constructor");
  expect(Object.keys(table).toSorted()).toEqual([...functions, ...Object.keys(free)].toSorted());
  expect(Object.keys(table).length).toBe(30);
});
