import * as fs from "node:fs";
import { describe, expect, test } from "vitest";
import { folder } from "../support/folder.ts";
import { type Preview1Guest, resultAt } from "../support/preview1.seam.ts";
import { mountFd, started } from "../support/started-preview1.ts";

// Paths mean to a guest what they mean to Linux: each call is made in two folders alike, by the guest and by the system,
// and has the same error and leaves the same files.

const errnoByName: Readonly<Record<string, number>> = {
  EBUSY: 10,
  EEXIST: 20,
  EINVAL: 28,
  EISDIR: 31,
  ELOOP: 32,
  ENAMETOOLONG: 37,
  ENOENT: 44,
  ENOTDIR: 54,
  ENOTEMPTY: 55,
  EPERM: 63,
};

function fill(root: string): void {
  for (const name of fs.readdirSync(root)) fs.rmSync(`${root}/${name}`, { recursive: true });
  fs.mkdirSync(`${root}/dir/inner`, { recursive: true });
  fs.mkdirSync(`${root}/empty`);
  for (const name of ["file", "other", "dir/child"]) fs.writeFileSync(`${root}/${name}`, name);
  const links = { file: "to-file", dir: "to-dir", empty: "to-empty", nowhere: "dangling", loop: "loop" };
  for (const [content, name] of Object.entries(links)) fs.symlinkSync(content, `${root}/${name}`);
  fs.symlinkSync("dir/", `${root}/to-dir-slash`);
  fs.symlinkSync("file/", `${root}/to-file-slash`);
}

/** Names, kinds and contents of everything below a folder. */
function everything(root: string): readonly string[] {
  const entries = fs.readdirSync(root, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => {
      const path = `${entry.parentPath}/${entry.name}`;
      const name = path.slice(root.length);
      if (entry.isSymbolicLink()) return `${name} -> ${fs.readlinkSync(path)}`;
      return entry.isDirectory() ? `${name}/` : `${name}: ${fs.readFileSync(path, "utf8")}`;
    })
    .toSorted();
}

function errnoOf(operation: () => void): number {
  try {
    operation();
    return 0;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return errnoByName[code] ?? -1;
  }
}

const plain = words(`file dir empty dir/child dir/inner to-file to-dir to-empty dangling loop to-dir-slash to-file-slash
  missing missing/x file/x to-dir/child to-dir/new dangling/x dir/../file dir/inner/../child ./file .//file ${"x".repeat(256)}`);
const paths = [...plain, ...plain.flatMap((path) => [`${path}/`, `${path}//`, `${path}/.`]), ".", "./"];
const ends = words(`file other dir empty dir/inner to-file to-dir dangling missing dir/new
  file/ dir/ empty/ to-dir/ to-empty/ dangling/ missing/ to-file/`);

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

type GuestCall = (guest: Preview1Guest, path: [number, number]) => number;
type SystemCall = (path: string) => void;

const now = 10;
const [follow, noFollow] = [1, 0];

const calls: Readonly<Record<string, readonly [GuestCall, SystemCall]>> = {
  path_create_directory: [
    (guest, path) => guest.call("path_create_directory", mountFd, ...path),
    (path) => fs.mkdirSync(path),
  ],
  path_remove_directory: [
    (guest, path) => guest.call("path_remove_directory", mountFd, ...path),
    (path) => fs.rmdirSync(path),
  ],
  path_unlink_file: [(guest, path) => guest.call("path_unlink_file", mountFd, ...path), (path) => fs.unlinkSync(path)],
  path_symlink: [
    (guest, path) => guest.call("path_symlink", ...guest.put("file", 3000), mountFd, ...path),
    (path) => fs.symlinkSync("file", path),
  ],
  path_readlink: [
    (guest, path) => guest.call("path_readlink", mountFd, ...path, 8192, 100, resultAt),
    (path) => void fs.readlinkSync(path),
  ],
  "path_filestat_get following": [
    (guest, path) => guest.call("path_filestat_get", mountFd, follow, ...path, resultAt),
    (path) => void fs.statSync(path),
  ],
  "path_filestat_get of a link": [
    (guest, path) => guest.call("path_filestat_get", mountFd, noFollow, ...path, resultAt),
    (path) => void fs.lstatSync(path),
  ],
  "path_filestat_set_times following": [
    (guest, path) => guest.call("path_filestat_set_times", mountFd, follow, ...path, 0n, 0n, now),
    (path) => fs.utimesSync(path, 5, 5),
  ],
  "path_filestat_set_times of a link": [
    (guest, path) => guest.call("path_filestat_set_times", mountFd, noFollow, ...path, 0n, 0n, now),
    (path) => fs.lutimesSync(path, 5, 5),
  ],
};

/** Two folders alike, and a comparison of one call in both. */
async function twins() {
  const { guest, at } = await started();
  const roots = [at("."), folder().at(".")] as const;
  for (const root of roots) fill(root);
  return {
    guest,
    /** What was different; undefined when nothing was. */
    compare: (name: string, byGuest: () => number, bySystem: (root: string) => void): unknown => {
      const errors = [byGuest(), errnoOf(() => bySystem(roots[1]))];
      const [ours = [], theirs = []] = roots.map(everything);
      if (errors.includes(0)) for (const root of roots) fill(root);
      const same = errors[0] === errors[1] && ours.join("\n") === theirs.join("\n");
      return same ? undefined : { name, errors, ours, theirs };
    },
  };
}

describe.runIf(process.platform === "linux")("as Linux has it", () => {
  test.for(Object.entries(calls))("%s", { timeout: 60_000 }, async ([name, [byGuest, bySystem]]) => {
    const { guest, compare } = await twins();
    const differences = paths.map((path) =>
      compare(
        `${name} ${path}`,
        () => byGuest(guest, guest.put(path)),
        (root) => bySystem(`${root}/${path}`),
      ),
    );
    expect(differences.filter(Boolean)).toEqual([]);
  });

  test.for([
    ["path_rename", [], (from: string, to: string) => fs.renameSync(from, to)],
    ["path_link", [0], (from: string, to: string) => fs.linkSync(from, to)],
  ] as const)("%s", { timeout: 60_000 }, async ([name, lookup, bySystem]) => {
    const { guest, compare } = await twins();
    const differences = ends.flatMap((from) =>
      ends.map((to) =>
        compare(
          `${name} ${from} ${to}`,
          () => guest.call(name, mountFd, ...lookup, ...guest.put(from), mountFd, ...guest.put(to, 3000)),
          (root) => bySystem(`${root}/${from}`, `${root}/${to}`),
        ),
      ),
    );
    expect(differences.filter(Boolean)).toEqual([]);
  });

  const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = fs.constants;
  const openFlags = [0, O_CREAT, O_DIRECTORY, O_CREAT | O_EXCL, O_TRUNC, O_CREAT | O_TRUNC];
  // A bit each: create, directory, exclusive, truncate.
  const oflags = [0, 1, 2, 5, 8, 9];
  const rights = [
    [2n, O_RDONLY, openFlags.slice(0, 4)],
    [64n, O_WRONLY, openFlags.filter((flags) => flags !== O_DIRECTORY)],
    [66n, O_RDWR, openFlags.filter((flags) => flags !== O_DIRECTORY)],
  ] as const;

  test.for(rights)("path_open with rights %s", { timeout: 60_000 }, async ([asked, access, several]) => {
    const { guest, compare } = await twins();
    const open = (path: string, lookup: number, flags: number): number => {
      const target = guest.put(path);
      const asOflags = oflags[openFlags.indexOf(flags)] ?? 0;
      const errno = guest.call("path_open", mountFd, lookup, ...target, asOflags, asked, 0n, 0, resultAt);
      if (errno === 0) guest.call("fd_close", guest.u32());
      return errno;
    };
    const differences = plain
      // A slash that a link brings is taken for one that the guest wrote, and Linux has its own order of errors.
      .filter((path) => !path.endsWith("-slash") && path.length < 256)
      .flatMap((path) => several.flatMap((flags) => [follow, noFollow].map((lookup) => ({ path, flags, lookup }))))
      .map(({ path, flags, lookup }) =>
        compare(
          `path_open ${path} ${flags} ${lookup}`,
          () => open(path, lookup, flags),
          (root) => fs.closeSync(fs.openSync(`${root}/${path}`, access | flags | (lookup === follow ? 0 : O_NOFOLLOW))),
        ),
      );
    expect(differences.filter(Boolean)).toEqual([]);
  });
});

test("a time that is not given stays as it is, to the nanosecond", async () => {
  const { guest, at } = await started({ a: "" });
  fs.utimesSync(at("a"), 1_000_000_000.123_456_7, 1_000_000_000.765_432_1);
  const times = () => fs.statSync(at("a"), { bigint: true });
  const before = times();
  guest.call("path_filestat_set_times", mountFd, follow, ...guest.put("a"), 0n, 7_000_000_000n, 4);
  expect(times()).toMatchObject({ atimeNs: before.atimeNs, mtimeNs: 7_000_000_000n });
});

test("nobody makes a directory by opening a path that ends in a slash", async () => {
  const { open, at } = await started();
  expect(open("new/", 64n, 1)).toBe(-31);
  expect(open(".", 64n, 1)).toBe(-31);
  expect(fs.existsSync(at("new"))).toBe(false);
});

test("a directory has no position, so no right to one", async () => {
  const { guest } = await started();
  expect(guest.call("fd_fdstat_get", mountFd, resultAt)).toBe(0);
  expect(guest.u64(resultAt + 8) & (4n | 32n)).toBe(0n);
});
