import { symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { recordedStdio } from "../support/instance.ts";
import { preview1Signatures, resultAt } from "../support/preview1.seam.ts";
import { dataAt, mountFd, readRight, started, writeRight } from "../support/started-preview1.ts";

// Error numbers of preview 1.
const errno = {
  success: 0,
  badf: 8,
  exist: 20,
  fault: 21,
  inval: 28,
  isdir: 31,
  nametoolong: 37,
  noent: 44,
  notdir: 54,
  notempty: 55,
  notsock: 57,
  perm: 63,
  spipe: 70,
  notcapable: 76,
} as const;

/** The last byte of memory: whatever is longer than a byte does not fit there. */
const lastByte = 131_071;
/** A descriptor that is not open. */
const closedFd = 99;
const follow = 1;

async function start() {
  const { stdio } = recordedStdio(["typed"]);
  const begun = await started({ a: "hello", "sub/b": "deep" }, { stdio, args: ["one"], env: { A: "1" } });
  symlinkSync("a", begun.at("link"));
  const { guest } = begun;
  return {
    ...begun,
    file: begun.open("a", readRight | writeRight),
    /** A path, and where a second one goes. */
    path: (text: string) => guest.put(text),
    other: (text: string) => guest.put(text, 2048),
    /** A vector of five bytes. */
    vector: () => guest.vector(dataAt, 5),
    /** A subscription to a timer that is due, of a clock. */
    timer(clock: number) {
      guest.bytes(dataAt, 48).fill(0);
      guest.view.setUint32(dataAt + 16, clock, true);
      return dataAt;
    },
  };
}

type Started = Awaited<ReturnType<typeof start>>;
type Call = readonly [args: (started: Started) => readonly (number | bigint)[], errno: number];

/** Calls of one function. `error` and `limit` are left out where there is nothing to fail or to exceed. */
interface Row {
  readonly success: Call[0];
  readonly error?: Call;
  readonly limit?: Call;
}

const { badf, exist, fault, inval, isdir, nametoolong, noent, notdir, notempty, notsock, perm, spipe } = errno;

/** What a function that takes one descriptor answers for one that is not open. */
const notOpen: Call = [() => [closedFd], badf];

const program: Readonly<Record<string, Row>> = {
  args_get: { success: () => [0, 64], limit: [() => [lastByte, 64], fault] },
  args_sizes_get: { success: () => [0, 4], limit: [() => [0, lastByte], fault] },
  environ_get: { success: () => [0, 64], limit: [() => [0, lastByte], fault] },
  environ_sizes_get: { success: () => [0, 4], limit: [() => [lastByte, 4], fault] },
  clock_res_get: {
    success: () => [1, resultAt],
    error: [() => [9, resultAt], inval],
    limit: [() => [0, lastByte], fault],
  },
  clock_time_get: {
    success: () => [0, 0n, resultAt],
    error: [() => [9, 0n, resultAt], inval],
    limit: [() => [1, -1n, lastByte], fault],
  },
  random_get: { success: () => [0, 131_072], limit: [() => [0, 131_073], fault] },
  sched_yield: { success: () => [] },
  // Signal 0 only asks; others end the program, which `functions.test.ts` sees.
  proc_raise: { success: () => [0], error: [() => [255], inval] },
  poll_oneoff: {
    success: (s) => [s.timer(1), resultAt + 64, 1, resultAt],
    error: [() => [dataAt, resultAt, 0, resultAt], inval],
    limit: [(s) => [s.timer(1), lastByte, 1, resultAt], fault],
  },
};

const descriptors: Readonly<Record<string, Row>> = {
  fd_advise: {
    success: (s) => [s.file, 0n, 5n, 2],
    error: [(s) => [s.file, 0n, 5n, 6], inval],
    limit: [(s) => [s.file, -1n, 5n, 0], inval],
  },
  fd_allocate: {
    success: (s) => [s.file, 0n, 9n],
    error: [(s) => [s.open("a"), 0n, 9n], badf],
    limit: [(s) => [s.file, 2n ** 63n - 1n, 1n], inval],
  },
  fd_close: { success: (s) => [s.file], error: notOpen, limit: [() => [-1], badf] },
  fd_datasync: { success: (s) => [s.file], error: notOpen, limit: [() => [-1], badf] },
  fd_sync: { success: () => [mountFd], error: notOpen, limit: [() => [-1], badf] },
  fd_fdstat_get: {
    success: (s) => [s.file, resultAt],
    error: [() => [closedFd, resultAt], badf],
    limit: [(s) => [s.file, lastByte], fault],
  },
  fd_fdstat_set_flags: {
    success: (s) => [s.file, 1],
    error: [() => [closedFd, 0], badf],
    limit: [(s) => [s.file, 32], inval],
  },
  fd_fdstat_set_rights: {
    success: (s) => [s.file, 0n, 0n],
    error: [() => [closedFd, 0n, 0n], badf],
    // A descriptor that was opened for reading does not get the right to write.
    limit: [(s) => [s.open("a"), writeRight, 0n], errno.notcapable],
  },
  fd_filestat_get: {
    success: (s) => [s.file, resultAt],
    error: [() => [closedFd, resultAt], badf],
    limit: [(s) => [s.file, lastByte], fault],
  },
  fd_filestat_set_size: {
    success: (s) => [s.file, 2n],
    error: [(s) => [s.open("a"), 2n], badf],
    limit: [(s) => [s.file, -1n], inval],
  },
  fd_filestat_set_times: {
    success: (s) => [s.file, 1n, 1n, 1 | 4],
    error: [() => [closedFd, 1n, 1n, 1], badf],
    // A time cannot both be given and be now.
    limit: [(s) => [s.file, 1n, 1n, 1 | 2], inval],
  },
  fd_pread: {
    success: (s) => [s.file, ...s.vector(), 1n, resultAt],
    error: [(s) => [0, ...s.vector(), 0n, resultAt], spipe],
    limit: [(s) => [s.file, lastByte, 1, 0n, resultAt], fault],
  },
  fd_prestat_get: {
    success: () => [mountFd, resultAt],
    error: [(s) => [s.file, resultAt], badf],
    limit: [() => [mountFd, lastByte], fault],
  },
  fd_prestat_dir_name: {
    success: () => [mountFd, resultAt, 5],
    error: [() => [mountFd, resultAt, 4], nametoolong],
    limit: [() => [mountFd, lastByte, 5], fault],
  },
  fd_pwrite: {
    success: (s) => [s.file, ...s.vector(), 1n, resultAt],
    error: [(s) => [s.open("a"), ...s.vector(), 0n, resultAt], badf],
    limit: [(s) => [s.file, ...s.vector(), 0n, lastByte], fault],
  },
  fd_read: {
    success: (s) => [s.file, ...s.vector(), resultAt],
    error: [(s) => [mountFd, ...s.vector(), resultAt], isdir],
    limit: [(s) => [s.file, 512, 0x20000000, resultAt], inval],
  },
  fd_readdir: {
    success: () => [mountFd, dataAt, 256, 0n, resultAt],
    error: [(s) => [s.file, dataAt, 256, 0n, resultAt], notdir],
    limit: [() => [mountFd, dataAt, 131_072, 0n, resultAt], fault],
  },
  fd_renumber: {
    success: (s) => [s.file, s.open("a")],
    error: [(s) => [s.file, closedFd], badf],
    limit: [(s) => [s.file, -1], badf],
  },
  fd_seek: {
    success: (s) => [s.file, 2n ** 40n, 0, resultAt],
    error: [(s) => [s.file, 0n, 3, resultAt], inval],
    limit: [(s) => [s.file, 0n, 0, lastByte], fault],
  },
  fd_tell: {
    success: (s) => [s.file, resultAt],
    error: [() => [1, resultAt], spipe],
    limit: [(s) => [s.file, lastByte], fault],
  },
  fd_write: {
    success: (s) => [s.file, ...s.vector(), resultAt],
    error: [(s) => [s.open("a"), ...s.vector(), resultAt], badf],
    limit: [(s) => [s.file, ...s.guest.vector(lastByte, 5), resultAt], fault],
  },
};

/** No entry can grant a listener, so nothing that is open is a socket. */
const sockets: Readonly<Record<string, Required<Omit<Row, "success">>>> = {
  sock_accept: { error: [(s) => [s.file, 0, resultAt], notsock], limit: [() => [closedFd, 0, lastByte], badf] },
  sock_recv: {
    error: [(s) => [s.file, 512, 1, 0, resultAt, resultAt], notsock],
    limit: [() => [closedFd, lastByte, 1, 0, resultAt, resultAt], badf],
  },
  sock_send: {
    error: [(s) => [s.file, 512, 1, 0, resultAt], notsock],
    limit: [() => [closedFd, lastByte, 1, 0, resultAt], badf],
  },
  sock_shutdown: { error: [(s) => [s.file, 1], notsock], limit: [() => [closedFd, 255], badf] },
};

const rights = readRight | writeRight;

const paths: Readonly<Record<string, Row>> = {
  path_create_directory: {
    success: (s) => [mountFd, ...s.path("new")],
    error: [(s) => [mountFd, ...s.path("sub")], exist],
    limit: [() => [mountFd, lastByte, 4], fault],
  },
  path_filestat_get: {
    success: (s) => [mountFd, follow, ...s.path("link"), resultAt],
    error: [(s) => [mountFd, 0, ...s.path("none"), resultAt], noent],
    limit: [(s) => [mountFd, 0, ...s.path("a"), lastByte], fault],
  },
  path_filestat_set_times: {
    success: (s) => [mountFd, 0, ...s.path("a"), 1n, 1n, 1 | 4],
    error: [(s) => [mountFd, 0, ...s.path("none"), 1n, 1n, 1], noent],
    limit: [() => [mountFd, 0, lastByte, 4, 1n, 1n, 1], fault],
  },
  path_link: {
    success: (s) => [mountFd, 0, ...s.path("a"), mountFd, ...s.other("again")],
    error: [(s) => [mountFd, 0, ...s.path("a"), mountFd, ...s.other("link")], exist],
    limit: [(s) => [mountFd, 0, ...s.path("a"), mountFd, lastByte, 4], fault],
  },
  path_open: {
    success: (s) => [mountFd, 0, ...s.path("new"), 1, rights, 0n, 0, resultAt],
    error: [(s) => [mountFd, 0, ...s.path("a"), 1 | 4, rights, 0n, 0, resultAt], exist],
    limit: [(s) => [mountFd, 0, ...s.path("new"), 1, rights, 0n, 0, lastByte], fault],
  },
  path_readlink: {
    success: (s) => [mountFd, ...s.path("link"), dataAt, 9, resultAt],
    error: [(s) => [mountFd, ...s.path("a"), dataAt, 9, resultAt], inval],
    limit: [(s) => [mountFd, ...s.path("link"), lastByte, 9, resultAt], fault],
  },
  path_remove_directory: {
    success: (s) => {
      s.guest.call("path_create_directory", mountFd, ...s.path("new"));
      return [mountFd, ...s.path("new")];
    },
    error: [(s) => [mountFd, ...s.path("sub")], notempty],
    limit: [() => [mountFd, lastByte, 4], fault],
  },
  path_rename: {
    success: (s) => [mountFd, ...s.path("a"), mountFd, ...s.other("sub/a")],
    error: [(s) => [mountFd, ...s.path("none"), mountFd, ...s.other("x")], noent],
    limit: [(s) => [mountFd, ...s.path("a"), mountFd, lastByte, 4], fault],
  },
  path_symlink: {
    success: (s) => [...s.path("a"), mountFd, ...s.other("new")],
    error: [(s) => [...s.path("/etc"), mountFd, ...s.other("new")], perm],
    limit: [(s) => [lastByte, 4, mountFd, ...s.other("new")], fault],
  },
  path_unlink_file: {
    success: (s) => [mountFd, ...s.path("a")],
    error: [(s) => [mountFd, ...s.path("sub")], isdir],
    limit: [(s) => [mountFd, ...s.path("x".repeat(4_097))], nametoolong],
  },
};

const table = { ...program, ...descriptors, ...paths };

async function result(name: string, makeArgs: Call[0]): Promise<number> {
  const begun = await start();
  using guest = begun.guest;
  return await guest.wait(name, ...makeArgs(begun));
}

describe.each(Object.entries(table))("%s", (name, { success, error, limit }) => {
  test("succeeds", async () => expect(await result(name, success)).toBe(errno.success));
  if (error) test("fails with its error number", async () => expect(await result(name, error[0])).toBe(error[1]));
  if (limit) test("refuses what is out of bounds", async () => expect(await result(name, limit[0])).toBe(limit[1]));
});

describe.each(Object.entries(sockets))("%s", (name, { error, limit }) => {
  test("finds no socket, whatever is open", async () => expect(await result(name, error[0])).toBe(error[1]));
  test("refuses what is out of bounds", async () => expect(await result(name, limit[0])).toBe(limit[1]));
});

describe("proc_exit", () => {
  test.each([0, 1, 255, 2 ** 32 - 1])("ends the program with %i, which never comes back", async (status) => {
    await expect(result("proc_exit", () => [status])).rejects.toMatchObject({ name: "GuestExit", status });
  });
});

test("the tables hold each of the 46 functions", () => {
  const held = [...Object.keys(table), ...Object.keys(sockets), "proc_exit"];
  expect(held.toSorted()).toEqual(Object.keys(preview1Signatures).toSorted());
  expect(new Set(held).size).toBe(46);
});
