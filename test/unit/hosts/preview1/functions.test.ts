import { existsSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { recordedStdio } from "../support/instance.ts";
import { preview1Signatures, resultAt } from "../support/preview1.seam.ts";
import { dataAt, mountFd, readRight, started, writeRight } from "../support/started-preview1.ts";

// Error numbers of preview 1.
const [success, badf, exist, fault, ilseq, inval, isdir, noent, notdir, notempty, notsock, perm, rofs, spipe] = [
  0, 8, 20, 21, 25, 28, 31, 44, 54, 55, 57, 63, 69, 70,
];

function thrown(operation: () => unknown): unknown {
  try {
    operation();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("arguments and environment", () => {
  test("are measured in bytes, not in characters", async () => {
    const { guest } = await started({}, { args: ["a", "größe", "日本"], env: { K: "ü" } });
    expect(guest.call("args_sizes_get", 0, 4)).toBe(success);
    expect([guest.u32(0), guest.u32(4)]).toEqual([3, 2 + 8 + 7]);
    expect(guest.call("args_get", 16, 64)).toBe(success);
    expect(guest.text(64, 17)).toBe("a\0größe\0日本\0");
    expect(guest.u32(20)).toBe(66);
    guest.call("environ_sizes_get", 0, 4);
    expect([guest.u32(0), guest.u32(4)]).toEqual([1, 5]);
    guest.call("environ_get", 16, 64);
    expect(guest.text(64, 5)).toBe("K=ü\0");
  });
});

describe("clocks, random numbers and the end", () => {
  test("give the time, and an error for a clock that does not exist", async () => {
    const { guest } = await started();
    expect(guest.call("clock_time_get", 0, 0n, resultAt)).toBe(success);
    expect(Math.abs(Number(guest.u64() / 1_000_000n) - Date.now())).toBeLessThan(10_000);
    guest.call("clock_time_get", 1, 0n, resultAt);
    const before = guest.u64();
    guest.call("clock_time_get", 1, 0n, resultAt);
    expect(guest.u64() >= before).toBe(true);
    expect(guest.call("clock_res_get", 1, resultAt)).toBe(success);
    expect(guest.u64()).toBe(1n);
    expect(guest.call("clock_time_get", 7, 0n, resultAt)).toBe(inval);
  });

  test("fill memory with random bytes, but not beyond it", async () => {
    const { guest } = await started();
    expect(guest.call("random_get", 0, 70_000)).toBe(success);
    expect(guest.bytes(69_900, 100).some((byte) => byte !== 0)).toBe(true);
    expect(guest.call("random_get", 131_072 - 4, 8)).toBe(fault);
    expect(guest.call("random_get", -1, 8)).toBe(fault);
  });

  test("exit with the status given", async () => {
    const { guest } = await started();
    expect(thrown(() => guest.call("proc_exit", 3))).toMatchObject({ name: "GuestExit", status: 3 });
    expect(thrown(() => guest.call("proc_raise", 6))).toMatchObject({ name: "GuestExit", status: 134 });
    expect([0, 16, 17, 22, 27].map((signal) => guest.call("proc_raise", signal))).toEqual([0, 0, 0, 0, 0]);
    expect(guest.call("proc_raise", 31)).toBe(inval);
    expect(await guest.wait("sched_yield")).toBe(success);
  });
});

describe("descriptors", () => {
  test("that do not exist are bad, whatever is asked of them", async () => {
    const { guest } = await started();
    for (const [name, params] of Object.entries(preview1Signatures)) {
      if (!/^(fd|path|sock)_/.test(name) || name === "path_symlink") continue;
      const args = params.split("").map((type, at) => (type === "I" ? 0n : at === 0 ? 99 : 0));
      expect([name, await guest.wait(name, ...args)]).toEqual([name, badf]);
    }
    expect(guest.call("path_symlink", ...guest.put("a"), 99, ...guest.put("b"))).toBe(badf);
  });

  test("are numbered from the lowest that is free", async () => {
    const { guest, open } = await started({ a: "", b: "" });
    expect([open("a"), open("b")]).toEqual([4, 5]);
    expect(guest.call("fd_close", 4)).toBe(success);
    expect(guest.call("fd_close", 4)).toBe(badf);
    expect(open("b")).toBe(4);
  });

  test("are renumbered onto one another", async () => {
    const { guest, open, read } = await started({ a: "A", b: "B" });
    const [a, b] = [open("a"), open("b")];
    expect(guest.call("fd_renumber", a, b)).toBe(success);
    expect(await read(b)).toBe("A");
    expect(await read(a)).toBe(`errno ${badf}`);
    expect(guest.call("fd_renumber", b, b)).toBe(success);
  });

  test("say what they are", async () => {
    const { guest, open } = await started({ a: "" }, { stdio: recordedStdio([], true).stdio });
    const type = (fd: number): number => {
      expect(guest.call("fd_fdstat_get", fd, resultAt)).toBe(success);
      return guest.bytes(resultAt, 1)[0] ?? -1;
    };
    expect([type(0), type(mountFd), type(open("a"))]).toEqual([2, 3, 4]);
    guest.call("fd_fdstat_get", open("a"), resultAt);
    expect(guest.u64(resultAt + 8) & writeRight).toBe(0n);
    expect(guest.u64(resultAt + 8) & readRight).toBe(readRight);
    expect(guest.call("fd_advise", mountFd, 0n, 0n, 0)).toBe(success);
    expect(guest.call("sock_recv", 1, 0, 0, 0, 0, 0)).toBe(notsock);
  });

  test("tell the names of mounts, and of nothing else", async () => {
    const { guest, open } = await started({ a: "" });
    expect(guest.call("fd_prestat_get", mountFd, resultAt)).toBe(success);
    expect(guest.u32(resultAt + 4)).toBe(5);
    guest.call("fd_prestat_dir_name", mountFd, resultAt, 5);
    expect(guest.text(resultAt, 5)).toBe("/data");
    expect(guest.call("fd_prestat_get", mountFd + 1, resultAt)).toBe(badf);
    open("a");
    expect(guest.call("fd_prestat_get", mountFd + 1, resultAt)).not.toBe(success);
  });
});

describe("standard streams", () => {
  test("read what comes, waiting for it, up to the end", async () => {
    const { read } = await started({}, { stdio: recordedStdio(["hello", " you"]).stdio });
    expect([await read(0, 3), await read(0), await read(0), await read(0)]).toEqual(["hel", "lo", " you", ""]);
  });

  test("read into several places in memory", async () => {
    const { guest } = await started({}, { stdio: recordedStdio(["abcdef"]).stdio });
    for (const [index, value] of [dataAt, 2, dataAt + 100, 3].entries())
      guest.view.setUint32(512 + index * 4, value, true);
    await guest.wait("fd_read", 0, 512, 2, resultAt);
    expect([guest.u32(), guest.text(dataAt, 2), guest.text(dataAt + 100, 3)]).toEqual([5, "ab", "cde"]);
  });

  test("write to where they should, and fail when closed", async () => {
    const { stdio, written } = recordedStdio();
    const { guest, write } = await started({}, { stdio });
    expect([write(1, "out"), write(2, "err")]).toEqual([success, success]);
    expect(written).toEqual({ stdout: "out", stderr: "err" });
    expect(guest.call("fd_seek", 1, 0n, 0, resultAt)).toBe(spipe);
    expect(guest.call("fd_tell", 1, resultAt)).toBe(spipe);
    expect(guest.call("fd_filestat_get", 1, resultAt)).toBe(success);
    const closed = await started();
    expect(closed.write(1, "x")).toBe(badf);
    expect(await closed.read(0)).toBe("");
  });
});

describe("files", () => {
  test("are read and written at a position, and at any other", async () => {
    const { guest, open, read, write, at } = await started({ a: "hello" });
    const fd = open("a", readRight | writeRight);
    expect(await read(fd, 2)).toBe("he");
    expect(write(fd, "LL")).toBe(success);
    expect(guest.call("fd_tell", fd, resultAt)).toBe(success);
    expect(guest.u64()).toBe(4n);
    guest.put("J", dataAt);
    expect(guest.call("fd_pwrite", fd, ...guest.vector(dataAt, 1), 0n, resultAt)).toBe(success);
    expect(readFileSync(at("a"), "utf8")).toBe("JeLLo");
    expect(guest.call("fd_pread", fd, ...guest.vector(dataAt, 9), 1n, resultAt)).toBe(success);
    expect(guest.text(dataAt, guest.u32())).toBe("eLLo");
    expect(guest.call("fd_seek", fd, -1n, 2, resultAt)).toBe(success);
    expect(await read(fd)).toBe("o");
    expect(guest.call("fd_seek", fd, -1n, 0, resultAt)).toBe(inval);
    expect(guest.call("fd_seek", fd, 0n, 9, resultAt)).toBe(inval);
  });

  test("are cut, extended, allocated and synced", async () => {
    const { guest, open, at } = await started({ a: "hello" });
    const fd = open("a", readRight | writeRight);
    expect(guest.call("fd_filestat_set_size", fd, 2n)).toBe(success);
    expect(guest.call("fd_allocate", fd, 0n, 4n)).toBe(success);
    expect(guest.call("fd_allocate", fd, 0n, 1n)).toBe(success);
    expect(statSync(at("a")).size).toBe(4);
    expect([guest.call("fd_sync", fd), guest.call("fd_datasync", fd)]).toEqual([success, success]);
    expect(guest.call("fd_filestat_set_size", fd, -1n)).toBe(inval);
  });

  test("opened for appending grow at their end, whatever others do", async () => {
    const { guest, open, write, at } = await started({ a: "1" });
    const [first, second] = [open("a", writeRight, 0, 1), open("a", writeRight, 0, 1)];
    write(first, "2");
    write(second, "3");
    write(first, "4");
    expect(readFileSync(at("a"), "utf8")).toBe("1234");
    const later = open("a", writeRight);
    expect(guest.call("fd_fdstat_set_flags", later, 1)).toBe(success);
    write(later, "5");
    expect(readFileSync(at("a"), "utf8")).toBe("12345");
  });

  test("are created, refused and truncated as asked", async () => {
    const { open, at } = await started({ a: "hello", "sub/b": "" });
    expect(open("new", writeRight, 1)).toBeGreaterThan(mountFd);
    expect(open("a", writeRight, 1 | 4)).toBe(-exist);
    expect(open("none")).toBe(-noent);
    expect(open("a", readRight, 2)).toBe(-notdir);
    expect(open("sub", writeRight)).toBe(-isdir);
    open("a", writeRight, 8);
    expect(readFileSync(at("a"), "utf8")).toBe("");
  });

  test("have a size, a type and times where the specification puts them", async () => {
    const { guest, at, open } = await started({ a: "hello" });
    const path = guest.put("a");
    expect(guest.call("path_filestat_set_times", mountFd, 0, ...path, 1_000_000_000n, 2_000_000_000n, 1 | 4)).toBe(
      success,
    );
    expect(guest.call("path_filestat_get", mountFd, 0, ...path, resultAt)).toBe(success);
    expect(guest.bytes(resultAt + 16, 1)[0]).toBe(4);
    expect([24, 32, 40, 48].map((offset) => guest.u64(resultAt + offset))).toEqual([
      1n,
      5n,
      1_000_000_000n,
      2_000_000_000n,
    ]);
    expect(guest.u64(resultAt + 8)).toBe(BigInt(statSync(at("a")).ino));
    const fd = open("a", writeRight);
    expect(guest.call("fd_filestat_set_times", fd, 3_000_000_000n, 0n, 1)).toBe(success);
    guest.call("fd_filestat_get", fd, resultAt);
    expect([40, 48].map((offset) => guest.u64(resultAt + offset))).toEqual([3_000_000_000n, 2_000_000_000n]);
    expect(guest.call("path_filestat_get", mountFd, 0, ...guest.put("none"), resultAt)).toBe(noent);
  });
});

describe("directories", () => {
  test("are listed in pieces, as large as the guest's buffer", async () => {
    const names = Array.from({ length: 30 }, (_, index) => `file-${index}`);
    const { guest, at } = await started(Object.fromEntries(names.map((name) => [name, ""])));
    const found: string[] = [];
    let inode = 0n;
    for (let cookie = 0n, used = 256; used === 256;) {
      expect(guest.call("fd_readdir", mountFd, dataAt, 256, cookie, resultAt)).toBe(success);
      used = guest.u32();
      for (let offset = 0; offset + 24 <= used;) {
        const length = guest.u32(dataAt + offset + 16);
        if (offset + 24 + length > used) break;
        const name = guest.text(dataAt + offset + 24, length);
        found.push(name);
        if (name === "file-7") inode = guest.u64(dataAt + offset + 8);
        cookie = guest.u64(dataAt + offset);
        offset += 24 + length;
      }
    }
    expect(found.toSorted()).toEqual([".", "..", ...names].toSorted());
    expect(inode).toBe(BigInt(statSync(at("file-7")).ino));
  });

  test("are made, filled, moved, linked and emptied", async () => {
    const { guest, at } = await started({ a: "1", "full/b": "2" });
    const first = guest.put("a");
    const second = guest.put("sub", 2048);
    expect(guest.call("path_create_directory", mountFd, ...second)).toBe(success);
    expect(guest.call("path_create_directory", mountFd, ...second)).toBe(exist);
    const moved = guest.put("sub/moved", 2048);
    expect(guest.call("path_rename", mountFd, ...first, mountFd, ...moved)).toBe(success);
    expect(guest.call("path_link", mountFd, 0, ...moved, mountFd, ...first)).toBe(success);
    expect(readFileSync(at("a"), "utf8")).toBe("1");
    expect(guest.call("path_symlink", ...guest.put("a", 3072), mountFd, ...guest.put("link", 2048))).toBe(success);
    expect(guest.call("path_readlink", mountFd, ...guest.put("link", 2048), resultAt, 100, dataAt)).toBe(success);
    expect(guest.text(resultAt, guest.u32(dataAt))).toBe("a");
    expect(guest.call("path_unlink_file", mountFd, ...first)).toBe(success);
    expect(existsSync(at("a"))).toBe(false);
    expect(guest.call("path_unlink_file", mountFd, ...guest.put("full"))).toBe(isdir);
    expect(guest.call("path_remove_directory", mountFd, ...guest.put("full"))).toBe(notempty);
    expect(guest.call("path_rename", 1, ...first, mountFd, ...moved)).toBe(notdir);
    expect(guest.call("path_rename", mountFd, ...first, 1, ...moved)).not.toBe(success);
  });

  test("give no way out and no change of a read-only mount", async () => {
    const { guest, at, open } = await started({ "sub/a": "1" });
    symlinkSync("../..", at("sub/out"));
    for (const path of ["../x", "/etc/passwd", "sub/out/x", "sub/../../x"]) expect(open(path)).toBe(-perm);
    expect(guest.call("path_symlink", ...guest.put("/etc", 3072), mountFd, ...guest.put("link"))).toBe(perm);
    expect(guest.call("path_rename", mountFd, ...guest.put("sub/a"), mountFd, ...guest.put("../a", 2048))).toBe(perm);
    const sealed = await started({ a: "1" }, {}, true);
    expect(sealed.open("a", readRight | writeRight)).toBe(-rofs);
    expect(sealed.guest.call("path_unlink_file", mountFd, ...sealed.guest.put("a"))).toBe(rofs);
    expect(sealed.guest.call("fd_filestat_set_size", sealed.open("a"), 0n)).toBe(rofs);
    expect(sealed.open("a")).toBeGreaterThan(mountFd);
  });

  test("refuse paths that are not text or lie outside of memory", async () => {
    const { guest } = await started();
    guest.bytes(1024, 2).set([0xc3, 0x28]);
    const open = (at: number, length: number) =>
      guest.call("path_open", mountFd, 0, at, length, 0, readRight, 0n, 0, resultAt);
    expect(open(1024, 2)).toBe(ilseq);
    expect(open(131_070, 10)).toBe(fault);
    expect(open(-8, 4)).toBe(fault);
  });
});
