import { expect, test } from "vitest";
import { recordedStdio } from "../support/instance.ts";
import { type Preview1Guest, resultAt } from "../support/preview1.seam.ts";
import { dataAt, mountFd, started } from "../support/started-preview1.ts";

// Error numbers of preview 1.
const [success, badf, inval] = [0, 8, 28];
const [clock, fdRead, fdWrite] = [0, 1, 2];
const [realtime, monotonic] = [0, 1];
const absolute = 1;
/** Longer than any test takes. */
const never = 10n ** 15n;

interface Wanted {
  readonly type: number;
  /** Clock or descriptor. */
  readonly of: number;
  readonly timeout?: bigint;
  readonly flags?: number;
}

interface Happened {
  readonly userdata: number;
  readonly errno: number;
  readonly type: number;
  readonly bytes: bigint;
  readonly flags: number;
}

/** Waits for things, which are numbered from 0, and gives what happened. */
async function poll(guest: Preview1Guest, wanted: readonly Wanted[]): Promise<readonly Happened[] | number> {
  for (const [index, { type, of, timeout = 0n, flags = 0 }] of wanted.entries()) {
    const at = index * 48;
    guest.bytes(at, 48).fill(0);
    guest.view.setBigUint64(at, BigInt(index), true);
    guest.view.setUint8(at + 8, type);
    guest.view.setUint32(at + 16, of, true);
    if (type === clock) guest.view.setBigUint64(at + 24, timeout, true);
    if (type === clock) guest.view.setUint16(at + 40, flags, true);
  }
  const errno = await guest.wait("poll_oneoff", 0, dataAt, wanted.length, resultAt);
  if (errno !== success) return errno;
  return Array.from({ length: guest.u32() }, (_, index) => {
    const at = dataAt + index * 32;
    return {
      userdata: Number(guest.u64(at)),
      errno: guest.view.getUint16(at + 8, true),
      type: guest.bytes(at + 10, 1)[0] ?? -1,
      bytes: guest.u64(at + 16),
      flags: guest.view.getUint16(at + 24, true),
    };
  });
}

function now(guest: Preview1Guest, id: number): bigint {
  expect(guest.call("clock_time_get", id, 0n, resultAt)).toBe(success);
  return guest.u64();
}

const timer = (timeout: bigint, of = monotonic, flags = 0): Wanted => ({ type: clock, of, timeout, flags });
const happened = (userdata: number, type: number, errno = success) => {
  return expect.objectContaining({ userdata, type, errno });
};

test.each([
  ["the time of day", realtime],
  ["the monotonic clock", monotonic],
])("a point of time of %s that has passed is there at once, one that comes is waited for", async (_, id) => {
  const { guest } = await started();
  expect(await poll(guest, [timer(0n, id, absolute), timer(never)])).toEqual([happened(0, clock)]);
  const soon = now(guest, id) + 2_000_000n;
  expect(await poll(guest, [timer(never), timer(soon, id, absolute)])).toEqual([happened(1, clock)]);
  expect(now(guest, id)).toBeGreaterThanOrEqual(soon);
});

test("the furthest time is not one that has passed", async () => {
  const { guest } = await started();
  const furthest = 2n ** 64n - 1n;
  expect(await poll(guest, [timer(furthest), timer(furthest, realtime, absolute), timer(1_000_000n)])).toEqual([
    happened(2, clock),
  ]);
});

test("everything that is ready is told, in the order of the subscriptions", async () => {
  const { guest, open } = await started({ a: "hello" });
  const fd = open("a");
  const all = [timer(0n), { type: fdRead, of: fd }, timer(never), { type: fdWrite, of: fd }, { type: fdRead, of: fd }];
  expect(await poll(guest, all)).toEqual([
    happened(0, clock),
    happened(1, fdRead),
    happened(3, fdWrite),
    happened(4, fdRead),
  ]);
});

test("what is wrong with one subscription is told of that one alone", async () => {
  const { guest } = await started();
  const all = [
    timer(0n),
    timer(0n, 7),
    { type: fdRead, of: 99 },
    { type: fdWrite, of: 99 },
    { type: 3, of: mountFd },
    { type: 255, of: mountFd },
  ];
  expect(await poll(guest, all)).toEqual([
    happened(0, clock),
    happened(1, clock, inval),
    happened(2, fdRead, badf),
    happened(3, fdWrite, badf),
    happened(4, 3, inval),
    happened(5, 255, inval),
  ]);
});

test("a file says how much is left of it from its position", async () => {
  const { guest, open, read } = await started({ a: "hello" });
  const fd = open("a");
  const left = async (): Promise<unknown> => await poll(guest, [{ type: fdRead, of: fd }]);
  expect(await left()).toEqual([expect.objectContaining({ bytes: 5n, flags: 0 })]);
  await read(fd, 4);
  expect(await left()).toEqual([expect.objectContaining({ bytes: 1n })]);
  await read(fd, 4);
  expect(await left()).toEqual([expect.objectContaining({ bytes: 0n })]);
});

test("a standard input says that it has ended", async () => {
  const { guest, read } = await started({}, { stdio: recordedStdio(["typed"]).stdio });
  const input = async (): Promise<unknown> => await poll(guest, [{ type: fdRead, of: 0 }, timer(never)]);
  expect(await input()).toEqual([expect.objectContaining({ userdata: 0, flags: 0 })]);
  expect(await read(0)).toBe("typed");
  expect(await input()).toEqual([expect.objectContaining({ userdata: 0, bytes: 0n, flags: 1 })]);
});

test("a directory is ready as a file is", async () => {
  const { guest } = await started();
  expect(await poll(guest, [{ type: fdRead, of: mountFd }, timer(never)])).toEqual([happened(0, fdRead)]);
});
