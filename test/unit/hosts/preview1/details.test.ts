import { readFileSync, statSync, symlinkSync, unlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { instance, recordedStdio } from "../support/instance.ts";
import { folder } from "../support/folder.ts";
import { Preview1Guest, resultAt } from "../support/preview1.seam.ts";
import { dataAt, mountFd, readRight, started, writeRight } from "../support/started-preview1.ts";

// Error numbers of preview 1.
const [success, badf, exist, fbig, inval, isdir, loop, noent, notcapable, notdir] = [
  0, 8, 20, 22, 28, 31, 32, 44, 76, 54,
];
const both = readRight | writeRight;

describe("descriptors are renumbered", () => {
  test("onto a standard stream, which then is a file", async () => {
    const { stdio, written } = recordedStdio();
    const { guest, open, write, at } = await started({}, { stdio });
    const fd = open("out", writeRight, 1);
    expect(guest.call("fd_renumber", fd, 1)).toBe(success);
    expect(write(1, "to the file")).toBe(success);
    expect(readFileSync(at("out"), "utf8")).toBe("to the file");
    expect(written.stdout).toBe("");
    expect(write(fd, "x")).toBe(badf);
  });

  test("with their positions and the rights that they have left", async () => {
    const { guest, open, read, write } = await started({ a: "hello", b: "" });
    const [a, b] = [open("a", both), open("b", both)];
    expect(await read(a, 2)).toBe("he");
    expect(guest.call("fd_fdstat_set_rights", a, readRight, 0n)).toBe(success);
    expect(guest.call("fd_renumber", a, b)).toBe(success);
    expect(await read(b, 9)).toBe("llo");
    expect(write(b, "x")).toBe(notcapable);
  });

  test("onto a mount, whose name is gone then", async () => {
    const { guest, open } = await started({ a: "" });
    expect(guest.call("fd_renumber", open("a"), mountFd)).toBe(success);
    expect(guest.call("fd_prestat_get", mountFd, resultAt)).toBe(badf);
    expect(open("a")).toBe(-notdir);
  });
});

describe("positions", () => {
  test("may be beyond the end: nothing is read there, and what is written leaves a hole", async () => {
    const { guest, open, read, write, at } = await started({ a: "ab" });
    const fd = open("a", both);
    expect(guest.call("fd_seek", fd, 3n, 2, resultAt)).toBe(success);
    expect(guest.u64()).toBe(5n);
    expect(await read(fd)).toBe("");
    expect(write(fd, "z")).toBe(success);
    expect(readFileSync(at("a"), "utf8")).toBe("ab\0\0\0z");
  });

  test("stay where they are when they would be below 0 or beyond 63 bits", async () => {
    const { guest, open } = await started({ a: "abc" });
    const fd = open("a", both);
    expect(guest.call("fd_seek", fd, 1n, 0, resultAt)).toBe(success);
    for (const [offset, whence] of [
      [-2n, 1],
      [-4n, 2],
      [-1n, 0],
      [2n ** 63n - 1n, 1],
      [2n ** 63n - 1n, 2],
      [-(2n ** 63n), 2],
    ] as const) {
      expect([offset, guest.call("fd_seek", fd, offset, whence, resultAt)]).toEqual([offset, inval]);
    }
    expect(guest.call("fd_tell", fd, resultAt)).toBe(success);
    expect(guest.u64()).toBe(1n);
  });

  test("of fd_pread and fd_pwrite are not negative, and do not move the file's own", async () => {
    const { guest, open } = await started({ a: "abc" });
    const fd = open("a", both);
    const vector = guest.vector(dataAt, 2);
    expect(guest.call("fd_pread", fd, ...vector, -1n, resultAt)).toBe(inval);
    expect(guest.call("fd_pwrite", fd, ...vector, -1n, resultAt)).toBe(inval);
    expect(guest.call("fd_pread", fd, ...vector, 2n, resultAt)).toBe(success);
    expect(guest.u32()).toBe(1);
    expect(guest.call("fd_pread", fd, ...vector, 3n, resultAt)).toBe(success);
    expect(guest.u32()).toBe(0);
    expect(guest.call("fd_tell", fd, resultAt)).toBe(success);
    expect(guest.u64()).toBe(0n);
  });

  test("of a file that was opened for appending are its end after a write, wherever they were", async () => {
    const { guest, open, write, at } = await started({ a: "abc" });
    const fd = open("a", both, 0, 1);
    expect(guest.call("fd_seek", fd, 0n, 0, resultAt)).toBe(success);
    expect(write(fd, "d")).toBe(success);
    expect(readFileSync(at("a"), "utf8")).toBe("abcd");
    expect(guest.call("fd_tell", fd, resultAt)).toBe(success);
    expect(guest.u64()).toBe(4n);
    expect(guest.call("fd_fdstat_get", fd, resultAt)).toBe(success);
    expect(guest.view.getUint16(resultAt + 2, true)).toBe(1);
    // It is a file like any other once the flag is gone.
    expect(guest.call("fd_fdstat_set_flags", fd, 0)).toBe(success);
    expect(guest.call("fd_seek", fd, 0n, 0, resultAt)).toBe(success);
    expect(write(fd, "A")).toBe(success);
    expect(readFileSync(at("a"), "utf8")).toBe("Abcd");
  });
});

describe("sizes", () => {
  test("of an open file may be set while it is read, and it ends there", async () => {
    const { guest, open, read } = await started({ a: "hello" });
    const fd = open("a", both);
    expect(await read(fd, 4)).toBe("hell");
    expect(guest.call("fd_filestat_set_size", fd, 2n)).toBe(success);
    expect(await read(fd)).toBe("");
    expect(guest.call("fd_filestat_set_size", fd, 6n)).toBe(success);
    expect(await read(fd)).toBe("\0\0");
  });

  test("are those of files alone", async () => {
    const { guest } = await started({}, { stdio: recordedStdio().stdio });
    for (const fd of [mountFd, 1]) {
      expect(guest.call("fd_filestat_set_size", fd, 1n)).not.toBe(success);
      expect(guest.call("fd_allocate", fd, 0n, 1n)).not.toBe(success);
    }
  });

  test("beyond what the system has are refused", async () => {
    const { guest, open, at } = await started({ a: "x" });
    const fd = open("a", both);
    expect([inval, fbig]).toContain(guest.call("fd_filestat_set_size", fd, 2n ** 63n - 1n));
    expect([inval, fbig]).toContain(guest.call("fd_allocate", fd, 2n ** 62n, 2n ** 62n));
    expect(statSync(at("a")).size).toBe(1);
  });
});

describe("fd_readdir", () => {
  test("fills buffers of any size, down to none", async () => {
    const { guest } = await started({ abc: "" });
    for (const length of [0, 1, 23, 24, 25, 26]) {
      guest.bytes(dataAt, 64).fill(0xee);
      expect(guest.call("fd_readdir", mountFd, dataAt, length, 0n, resultAt)).toBe(success);
      expect([length, guest.u32()]).toEqual([length, length]);
      expect(guest.bytes(dataAt + length, 1)[0]).toBe(0xee);
    }
    // The whole of `.` is there, then the beginning of `..`.
    expect(guest.u32(dataAt + 16)).toBe(1);
    expect(guest.text(dataAt + 24, 1)).toBe(".");
  });

  test("goes on at any cookie, and ends beyond the last", async () => {
    const { guest } = await started({ a: "", b: "", c: "" });
    const at = (cookie: bigint): readonly string[] => {
      expect(guest.call("fd_readdir", mountFd, dataAt, 4_096, cookie, resultAt)).toBe(success);
      const names: string[] = [];
      for (let offset = 0; offset < guest.u32();) {
        const length = guest.u32(dataAt + offset + 16);
        names.push(guest.text(dataAt + offset + 24, length));
        offset += 24 + length;
      }
      return names;
    };
    const all = at(0n);
    expect(all).toHaveLength(5);
    for (const [index] of all.entries()) expect(at(BigInt(index))).toEqual(all.slice(index));
    for (const cookie of [5n, 6n, 2n ** 53n + 1n, 2n ** 64n - 1n]) expect([cookie, at(cookie)]).toEqual([cookie, []]);
  });

  test("keeps its listing while files come and go, until it begins anew", async () => {
    const { guest, at, open } = await started({ a: "", b: "" });
    const count = (cookie: bigint): number => {
      guest.call("fd_readdir", mountFd, dataAt, 4_096, cookie, resultAt);
      return guest.u32();
    };
    const whole = count(0n);
    unlinkSync(at("a"));
    open("c", writeRight, 1);
    open("d", writeRight, 1);
    expect(count(1n)).toBe(whole - 25);
    expect(count(0n)).toBe(whole + 25);
  });
});

describe("path_readlink", () => {
  test("gives as much as there is room for", async () => {
    const { guest, at } = await started({ target: "" });
    symlinkSync("target", at("link"));
    const read = (length: number): string => {
      guest.bytes(dataAt, 16).fill(0);
      expect(guest.call("path_readlink", mountFd, ...guest.put("link"), dataAt, length, resultAt)).toBe(success);
      return guest.text(dataAt, guest.u32());
    };
    expect([read(0), read(3), read(6), read(9)]).toEqual(["", "tar", "target", "target"]);
  });
});

describe("paths", () => {
  test.each([
    ["", noent],
    ["a\0b", inval],
    ["none/../a", noent],
    ["a/", notdir],
    ["a/.", notdir],
    ["sub/../a", success],
    ["./sub/./../a", success],
    ["dangling", noent],
    ["circle", loop],
  ])("%j is opened with %i", async (path, errno) => {
    const { at, open } = await started({ a: "", "sub/b": "" });
    symlinkSync("nowhere", at("dangling"));
    symlinkSync("circle", at("circle"));
    const fd = open(path);
    expect(fd < 0 ? -fd : success).toBe(errno);
  });

  test("a dangling link is created through, and is in the way of an exclusive file", async () => {
    const { guest, at } = await started();
    symlinkSync("made", at("link"));
    const open = (oflags: number): number =>
      guest.call("path_open", mountFd, 1, ...guest.put("link"), oflags, writeRight, 0n, 0, resultAt);
    expect(open(0)).toBe(noent);
    expect(open(1 | 4)).toBe(exist);
    expect(open(1)).toBe(success);
    expect(statSync(at("made")).isFile()).toBe(true);
  });

  test("flags that do not exist are refused", async () => {
    const { guest, open } = await started({ a: "" });
    const path = guest.put("a");
    const fd = open("a", both);
    expect(guest.call("path_open", mountFd, 0, ...path, 16, readRight, 0n, 0, resultAt)).toBe(inval);
    expect(guest.call("path_open", mountFd, 0, ...path, 0, readRight, 0n, 32, resultAt)).toBe(inval);
    expect(guest.call("path_open", mountFd, 2, ...path, 0, readRight, 0n, 0, resultAt)).toBe(inval);
    expect(guest.call("path_filestat_get", mountFd, 2, ...path, resultAt)).toBe(inval);
    expect(guest.call("path_filestat_set_times", mountFd, 2, ...path, 0n, 0n, 1)).toBe(inval);
    expect(guest.call("path_filestat_set_times", mountFd, 0, ...path, 0n, 0n, 16)).toBe(inval);
    expect(guest.call("path_link", mountFd, 2, ...path, mountFd, ...guest.put("b", 2048))).toBe(inval);
    expect(guest.call("fd_filestat_set_times", fd, 0n, 0n, 16)).toBe(inval);
  });

  test("a directory is no file, whatever is asked of it", async () => {
    const { guest, open } = await started({ "sub/a": "" });
    const fd = open("sub", readRight, 2);
    const vector = guest.vector(dataAt, 1);
    expect(await guest.wait("fd_read", fd, ...vector, resultAt)).toBe(isdir);
    expect(guest.call("fd_pread", fd, ...vector, 0n, resultAt)).toBe(isdir);
    expect(guest.call("fd_write", fd, ...vector, resultAt)).toBe(badf);
    expect(guest.call("fd_seek", fd, 0n, 0, resultAt)).toBe(badf);
    expect(guest.call("fd_sync", fd)).toBe(success);
    expect(guest.call("fd_filestat_get", fd, resultAt)).toBe(success);
    expect(guest.bytes(resultAt + 16, 1)[0]).toBe(3);
  });
});

describe("rights that a guest gave up", () => {
  const right = (...bits: readonly number[]): bigint => bits.reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n);
  const every = 2n ** 30n - 1n;
  /** All rights of a mount but some. */
  async function without(...bits: readonly number[]) {
    const begun = await started({ a: "hello", "sub/b": "" });
    const { guest } = begun;
    guest.call("fd_fdstat_get", mountFd, resultAt);
    const has = guest.u64(resultAt + 8);
    const below = guest.u64(resultAt + 16);
    expect(guest.call("fd_fdstat_set_rights", mountFd, has & ~right(...bits), below)).toBe(success);
    return begun;
  }

  test.each([
    [
      "path_create_directory",
      9,
      (guest: Preview1Guest) => guest.call("path_create_directory", mountFd, ...guest.put("n")),
    ],
    [
      "path_open",
      13,
      (guest: Preview1Guest) => guest.call("path_open", mountFd, 0, ...guest.put("a"), 0, readRight, 0n, 0, resultAt),
    ],
    [
      "path_open, to create",
      10,
      (guest: Preview1Guest) => guest.call("path_open", mountFd, 0, ...guest.put("n"), 1, writeRight, 0n, 0, resultAt),
    ],
    [
      "path_open, to truncate",
      19,
      (guest: Preview1Guest) => guest.call("path_open", mountFd, 0, ...guest.put("a"), 8, writeRight, 0n, 0, resultAt),
    ],
    ["fd_readdir", 14, (guest: Preview1Guest) => guest.call("fd_readdir", mountFd, dataAt, 100, 0n, resultAt)],
    [
      "path_readlink",
      15,
      (guest: Preview1Guest) => guest.call("path_readlink", mountFd, ...guest.put("a"), dataAt, 9, resultAt),
    ],
    [
      "path_rename, of the source",
      16,
      (guest: Preview1Guest) => guest.call("path_rename", mountFd, ...guest.put("a"), mountFd, ...guest.put("n", 2048)),
    ],
    [
      "path_rename, of the target",
      17,
      (guest: Preview1Guest) => guest.call("path_rename", mountFd, ...guest.put("a"), mountFd, ...guest.put("n", 2048)),
    ],
    [
      "path_link, of the source",
      11,
      (guest: Preview1Guest) =>
        guest.call("path_link", mountFd, 0, ...guest.put("a"), mountFd, ...guest.put("n", 2048)),
    ],
    [
      "path_link, of the target",
      12,
      (guest: Preview1Guest) =>
        guest.call("path_link", mountFd, 0, ...guest.put("a"), mountFd, ...guest.put("n", 2048)),
    ],
    [
      "path_filestat_get",
      18,
      (guest: Preview1Guest) => guest.call("path_filestat_get", mountFd, 0, ...guest.put("a"), resultAt),
    ],
    [
      "path_filestat_set_times",
      20,
      (guest: Preview1Guest) => guest.call("path_filestat_set_times", mountFd, 0, ...guest.put("a"), 0n, 0n, 2),
    ],
    ["fd_filestat_get", 21, (guest: Preview1Guest) => guest.call("fd_filestat_get", mountFd, resultAt)],
    [
      "path_symlink",
      24,
      (guest: Preview1Guest) => guest.call("path_symlink", ...guest.put("a"), mountFd, ...guest.put("n", 2048)),
    ],
    [
      "path_remove_directory",
      25,
      (guest: Preview1Guest) => guest.call("path_remove_directory", mountFd, ...guest.put("sub")),
    ],
    ["path_unlink_file", 26, (guest: Preview1Guest) => guest.call("path_unlink_file", mountFd, ...guest.put("a"))],
  ])("it has no longer: %s", async (_, bit, call) => {
    const { guest } = await without(bit);
    expect(call(guest)).toBe(notcapable);
    const { guest: other } = await without(bit === 14 ? 15 : 14);
    expect(call(other)).not.toBe(notcapable);
  });

  test("for what is opened through it, neither have these", async () => {
    const { guest, open, read, write } = await started({ a: "hello", "sub/b": "deep" });
    guest.call("fd_fdstat_get", mountFd, resultAt);
    const [has, below] = [guest.u64(resultAt + 8), guest.u64(resultAt + 16)];
    expect(guest.call("fd_fdstat_set_rights", mountFd, has, below & ~writeRight)).toBe(success);
    const fd = open("a", both);
    expect(await read(fd, 2)).toBe("he");
    expect(write(fd, "x")).toBe(notcapable);
    expect(guest.call("fd_fdstat_get", fd, resultAt)).toBe(success);
    expect(guest.u64(resultAt + 8) & writeRight).toBe(0n);
    // Once more below: a directory hands on what it was left with.
    const sub = open("sub", every, 2);
    expect(guest.call("path_open", sub, 0, ...guest.put("b"), 0, both, 0n, 0, resultAt)).toBe(success);
    expect(write(guest.u32(), "x")).toBe(notcapable);
  });

  test("are gone: asking again does not help, and asking for less does", async () => {
    const { guest, open } = await started({ a: "" });
    const fd = open("a", both);
    expect(guest.call("fd_fdstat_set_rights", fd, readRight, 0n)).toBe(success);
    expect(guest.call("fd_fdstat_set_rights", fd, both, 0n)).toBe(notcapable);
    expect(guest.call("fd_fdstat_set_rights", fd, readRight, 0n)).toBe(success);
    expect(guest.call("fd_fdstat_set_rights", fd, 0n, 0n)).toBe(success);
    expect(await guest.wait("fd_read", fd, ...guest.vector(dataAt, 1), resultAt)).toBe(notcapable);
    expect(guest.call("fd_close", fd)).toBe(success);
  });
});

describe("wasi_unstable", () => {
  async function unstable() {
    const { path, at } = folder({ a: "hello" });
    const guest = await Preview1Guest.start(
      instance({ mounts: [{ guest: "/data", path, readOnly: false }] }),
      undefined,
      "wasi_unstable",
    );
    const open = (): number => {
      expect(guest.call("path_open", mountFd, 0, ...guest.put("a"), 0, both, 0n, 0, resultAt)).toBe(success);
      return guest.u32();
    };
    return { guest, at, open };
  }

  test("has other numbers for where a position is counted from", async () => {
    const { guest, open } = await unstable();
    const fd = open();
    const seek = (offset: bigint, whence: number): bigint | number => {
      const errno = guest.call("fd_seek", fd, offset, whence, resultAt);
      return errno === success ? guest.u64() : errno;
    };
    expect([seek(2n, 2), seek(1n, 0), seek(-1n, 1), seek(0n, 3)]).toEqual([2n, 3n, 4n, inval]);
  });

  test("has a record of files in which links take 32 bits", async () => {
    const { guest, at, open } = await unstable();
    const fd = open();
    for (const call of [
      () => guest.call("fd_filestat_get", fd, resultAt),
      () => guest.call("path_filestat_get", mountFd, 0, ...guest.put("a"), resultAt),
    ]) {
      guest.bytes(resultAt, 64).fill(0xee);
      expect(call()).toBe(success);
      expect(guest.u64(resultAt + 8)).toBe(BigInt(statSync(at("a")).ino));
      expect([guest.bytes(resultAt + 16, 1)[0], guest.u32(resultAt + 20), guest.u64(resultAt + 24)]).toEqual([
        4,
        1,
        5n,
      ]);
      expect(guest.bytes(resultAt + 56, 1)[0]).toBe(0xee);
    }
  });

  test("has subscriptions whose clocks have a name", async () => {
    const { guest } = await unstable();
    guest.bytes(0, 56).fill(0);
    guest.view.setBigUint64(0, 9n, true);
    guest.view.setUint32(24, 1, true);
    expect(await guest.wait("poll_oneoff", 0, dataAt, 1, resultAt)).toBe(success);
    expect([guest.u32(), guest.u64(dataAt)]).toEqual([1, 9n]);
  });
});
