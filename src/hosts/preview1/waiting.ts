import { wasi } from "@bjorn3/browser_wasi_shim";
import { alwaysReady, type Readiness, waitForAny } from "../io/pollable.ts";
import { readLimitBytes } from "../io/input-stream.ts";
import type { ByteReader } from "../io/byte-reader.ts";
import type { FdOutput } from "../io/host-fd.ts";
import { fsCode } from "../io/system-errors.ts";
import type { Guest } from "./guest.ts";
import { callUnsigned, type Preview1Function } from "./shim.seam.ts";

/** The functions that may wait. They answer at once, without a promise, when there is nothing to wait for. */
export function waitingFunctions(
  guest: Guest,
  shim: Readonly<Record<string, Preview1Function>>,
): Readonly<Record<string, Preview1Function>> {
  const callShim = (name: "fd_read" | "fd_write", args: VectorArguments): number | Promise<number> => {
    const func = shim[name];
    return func === undefined ? wasi.ERRNO_NOSYS : (callUnsigned(func, args) ?? wasi.ERRNO_SUCCESS);
  };
  return {
    fd_read(...args: VectorArguments) {
      const { input } = guest.fd(args[0]);
      return input === undefined ? callShim("fd_read", args) : readInput(guest, input, args);
    },
    fd_write(...args: VectorArguments) {
      const { output } = guest.fd(args[0]);
      return output === undefined ? callShim("fd_write", args) : writeOutput(guest, output, args);
    },
    poll_oneoff: (at: number, eventsAt: number, count: number, result: number) =>
      poll(guest, { at, eventsAt, count, result }),
  };
}

type VectorArguments = [fd: number, vectors: number, count: number, result: number];

function readInput(guest: Guest, input: ByteReader, args: VectorArguments): number | Promise<number> {
  const [, vectors, count, result] = args;
  const targets = wasi.Iovec.read_bytes_array(guest.view(), vectors, count);
  const room = targets.reduce((sum, target) => sum + target.buf_len, 0);
  const bytes = room === 0 ? undefined : input.take(Math.min(room, readLimitBytes));
  if (bytes?.length === 0) {
    return waitForAny([input], guest.instance).then(() => readInput(guest, input, args));
  }
  let taken = 0;
  for (const target of targets) {
    const part = bytes?.subarray(taken, taken + target.buf_len) ?? new Uint8Array(0);
    guest.bytes(target.buf, part.length).set(part);
    taken += part.length;
  }
  guest.view().setUint32(result, taken, true);
  return wasi.ERRNO_SUCCESS;
}

/** Writes what there is room for, at least a byte; a guest with more writes again. */
function writeOutput(guest: Guest, output: FdOutput, args: VectorArguments): number | Promise<number> {
  const [, vectors, count, result] = args;
  const sources = wasi.Ciovec.read_bytes_array(guest.view(), vectors, count);
  const total = sources.reduce((sum, source) => sum + source.buf_len, 0);
  const room = output.room();
  if (total > 0 && room === 0) return waitForAny([output], guest.instance).then(() => writeOutput(guest, output, args));
  let written = 0;
  for (const source of sources) {
    const part = guest.bytes(source.buf, Math.min(source.buf_len, room - written));
    output.write(part);
    written += part.length;
  }
  guest.view().setUint32(result, written, true);
  return output.isFlushed() ? wasi.ERRNO_SUCCESS : untilFlushed(guest, output);
}

/** A program ends without a word: what it has written must have left by then. */
async function untilFlushed(guest: Guest, output: FdOutput): Promise<number> {
  const flushed: Readiness = { isReady: () => output.isFlushed(), onReady: (wake) => output.onReady(wake) };
  await waitForAny([flushed], guest.instance);
  return wasi.ERRNO_SUCCESS;
}

interface PollArguments {
  readonly at: number;
  readonly eventsAt: number;
  readonly count: number;
  readonly result: number;
}

/** One thing that `poll_oneoff` waits for: ready with a failure at once, or when `thing` is. */
interface Subscription {
  readonly userdata: bigint;
  readonly type: number;
  readonly errno: number;
  readonly thing: Readiness;
}

// Sizes of the records `subscription` and `event`.
const subscriptionBytes = 48;
const eventBytes = 32;

function poll(guest: Guest, args: PollArguments): number | Promise<number> {
  if (args.count === 0) return wasi.ERRNO_INVAL;
  const subscriptions = readSubscriptions(guest, args);
  if (writeEvents(guest, args, subscriptions) > 0) return wasi.ERRNO_SUCCESS;
  const things = subscriptions.map((subscription) => subscription.thing);
  return waitForAny(things, guest.instance).then(() => {
    writeEvents(guest, args, subscriptions);
    return wasi.ERRNO_SUCCESS;
  });
}

function readSubscriptions(guest: Guest, { at, count }: PollArguments): Subscription[] {
  guest.bytes(at, count * subscriptionBytes);
  const view = guest.view();
  return Array.from({ length: count }, (_, index) => readSubscription(guest, view, at + index * subscriptionBytes));
}

function readSubscription(guest: Guest, view: DataView, at: number): Subscription {
  const subscription = { userdata: view.getBigUint64(at, true), type: view.getUint8(at + 8) };
  const failed = (errno: number) => ({ ...subscription, errno, thing: alwaysReady });
  if (subscription.type === wasi.EVENTTYPE_CLOCK) {
    const absolute = (view.getUint16(at + 40, true) & wasi.SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME) !== 0;
    const thing = guest.parts.clocks.timer(view.getUint32(at + 16, true), view.getBigUint64(at + 24, true), absolute);
    return thing === undefined ? failed(wasi.ERRNO_INVAL) : { ...subscription, errno: wasi.ERRNO_SUCCESS, thing };
  }
  try {
    const fd = guest.fd(view.getUint32(at + 16, true));
    const thing = (subscription.type === wasi.EVENTTYPE_FD_READ ? fd.input : fd.output) ?? alwaysReady;
    return { ...subscription, errno: wasi.ERRNO_SUCCESS, thing };
  } catch (error) {
    if (fsCode(error) === undefined) throw error;
    return failed(wasi.ERRNO_BADF);
  }
}

/** Writes an event for each subscription that is ready and gives their number. */
function writeEvents(guest: Guest, args: PollArguments, subscriptions: readonly Subscription[]): number {
  const ready = subscriptions.filter((subscription) => subscription.thing.isReady());
  if (ready.length === 0) return 0;
  guest.bytes(args.eventsAt, ready.length * eventBytes).fill(0);
  const view = guest.view();
  for (const [index, { userdata, errno, type }] of ready.entries()) {
    const at = args.eventsAt + index * eventBytes;
    view.setBigUint64(at, userdata, true);
    view.setUint16(at + 8, errno, true);
    view.setUint8(at + 10, type);
    // How many bytes there are is not known; one says that there is something.
    if (type !== wasi.EVENTTYPE_CLOCK) view.setBigUint64(at + 16, 1n, true);
  }
  view.setUint32(args.result, ready.length, true);
  return ready.length;
}
