import { wasi } from "@bjorn3/browser_wasi_shim";
import { alwaysReady, type Readiness, waitForAny } from "../io/pollable.ts";
import { fsCode, FsError } from "../io/system-errors.ts";
import type { Guest } from "./guest.ts";

/** Where the record `subscription` has its fields; those of `wasi_unstable` have a name for the clock besides. */
export interface SubscriptionLayout {
  readonly bytes: number;
  readonly clock: number;
  readonly timeout: number;
  readonly flags: number;
}

export const layout: SubscriptionLayout = { bytes: 48, clock: 16, timeout: 24, flags: 40 };
export const unstableLayout: SubscriptionLayout = { bytes: 56, clock: 24, timeout: 32, flags: 48 };

/** The arguments of `poll_oneoff`. */
export interface PollArguments {
  readonly at: number;
  readonly eventsAt: number;
  readonly count: number;
  readonly result: number;
  readonly layout: SubscriptionLayout;
}

/** One thing that `poll_oneoff` waits for: ready with a failure at once, or when `thing` is. */
interface Subscription {
  readonly userdata: bigint;
  readonly type: number;
  readonly errno: number;
  readonly thing: Readiness;
  /** The descriptor, when it is one that is read. */
  readonly fd?: number;
}

/** Each holds a timer or a listener while the guest waits. Programs wait for as many things as they have open, and a few. */
const subscriptionsPerCall = 4_096;
const eventBytes = 32;

/** `poll_oneoff`: waits until something happens; without a promise when something has. */
export function poll(guest: Guest, args: PollArguments): number | Promise<number> {
  if (args.count === 0) return wasi.ERRNO_INVAL;
  const subscriptions = readSubscriptions(guest, args);
  guest.bytes(args.result, 4);
  if (writeEvents(guest, args, subscriptions) > 0) return wasi.ERRNO_SUCCESS;
  const things = subscriptions.map((subscription) => subscription.thing);
  return waitForAny(things, guest.instance).then(() => {
    writeEvents(guest, args, subscriptions);
    return wasi.ERRNO_SUCCESS;
  });
}

function readSubscriptions(guest: Guest, args: PollArguments): Subscription[] {
  const { at, eventsAt, count } = args;
  guest.bytes(at, count * args.layout.bytes);
  guest.bytes(eventsAt, count * eventBytes);
  if (count > subscriptionsPerCall) throw new FsError("invalid");
  const view = guest.view();
  return Array.from({ length: count }, (_, index) => {
    return readSubscription(guest, view, { at: at + index * args.layout.bytes, layout: args.layout });
  });
}

interface Position {
  readonly at: number;
  readonly layout: SubscriptionLayout;
}

function readSubscription(guest: Guest, view: DataView, { at, layout: fields }: Position): Subscription {
  const subscription = { userdata: view.getBigUint64(at, true), type: view.getUint8(at + 8) };
  const failed = (errno: number): Subscription => ({ ...subscription, errno, thing: alwaysReady });
  const ready = { ...subscription, errno: wasi.ERRNO_SUCCESS };
  if (subscription.type === wasi.EVENTTYPE_CLOCK) {
    const absolute = (view.getUint16(at + fields.flags, true) & wasi.SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME) !== 0;
    const timeout = view.getBigUint64(at + fields.timeout, true);
    const thing = guest.parts.clocks.timer(view.getUint32(at + fields.clock, true), timeout, absolute);
    return thing === undefined ? failed(wasi.ERRNO_INVAL) : { ...ready, thing };
  }
  if (subscription.type > wasi.EVENTTYPE_FD_WRITE) return failed(wasi.ERRNO_INVAL);
  try {
    const number = view.getUint32(at + 16, true);
    const fd = guest.fd(number);
    if (subscription.type === wasi.EVENTTYPE_FD_WRITE) return { ...ready, thing: fd.output ?? alwaysReady };
    return { ...ready, thing: fd.input ?? alwaysReady, fd: number };
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
  for (const [index, { userdata, errno, type, fd }] of ready.entries()) {
    const at = args.eventsAt + index * eventBytes;
    view.setBigUint64(at, userdata, true);
    view.setUint16(at + 8, errno, true);
    view.setUint8(at + 10, type);
    if (type === wasi.EVENTTYPE_FD_WRITE && errno === wasi.ERRNO_SUCCESS) view.setBigUint64(at + 16, 1n, true);
    if (fd === undefined) continue;
    const { bytes, ended } = guest.fd(fd).pendingInput();
    view.setBigUint64(at + 16, BigInt(bytes), true);
    view.setUint16(at + 24, ended ? wasi.EVENTRWFLAGS_FD_READWRITE_HANGUP : 0, true);
  }
  view.setUint32(args.result, ready.length, true);
  return ready.length;
}
