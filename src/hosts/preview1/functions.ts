import { wasi } from "@bjorn3/browser_wasi_shim";
import { GuestExit } from "../../core/exit.ts";
import { fileFunctions } from "./file-functions.ts";
import type { Guest } from "./guest.ts";
import { pathFunctions } from "./path-functions.ts";
import type { Preview1Function } from "./shim.seam.ts";

/** Exit statuses of programs ended by a signal begin here, as shells have it. */
const signalStatus = 128;

const lastSignal = wasi.SIGNAL_SYS;
/** What a program without handlers does not notice. */
const ignoredSignals: readonly number[] = [
  wasi.SIGNAL_NONE,
  wasi.SIGNAL_CHLD,
  wasi.SIGNAL_CONT,
  wasi.SIGNAL_URG,
  wasi.SIGNAL_WINCH,
];
/** Random bytes pass through a buffer of this size on their way to the guest. */
const randomChunkBytes = 1 << 20;

/** Functions that the shim lacks, gets wrong, or could not serve over real files. */
export function ownFunctions(guest: Guest): Readonly<Record<string, Preview1Function>> {
  return {
    ...programFunctions(guest),
    ...fileFunctions(guest),
    ...pathFunctions(guest),
    ...socketFunctions(guest),
  };
}

function programFunctions(guest: Guest): Record<string, Preview1Function> {
  const { clocks } = guest.parts;
  const randomize = guest.parts.randomizer(guest.instance);
  const writeTime = (time: bigint | undefined, at: number): number => {
    if (time === undefined) return wasi.ERRNO_INVAL;
    guest.view().setBigUint64(at, time, true);
    return wasi.ERRNO_SUCCESS;
  };
  return {
    args_sizes_get(count: number, size: number) {
      const { args } = guest.instance;
      const view = guest.view();
      view.setUint32(count, args.length, true);
      // UTF-8 with a zero byte each, where the shim counts UTF-16.
      view.setUint32(
        size,
        args.reduce((sum, arg) => sum + Buffer.byteLength(arg) + 1, 0),
        true,
      );
      return wasi.ERRNO_SUCCESS;
    },
    clock_res_get: (id: number, at: number) => writeTime(clocks.resolution(id), at),
    clock_time_get: (id: number, _precision: bigint, at: number) => writeTime(clocks.now(id), at),
    random_get(at: number, length: number) {
      const target = guest.bytes(at, length);
      // By way of a buffer of its own, because random numbers cannot be written to shared memory.
      const bytes = new Uint8Array(Math.min(length, randomChunkBytes));
      for (let done = 0; done < length; done += bytes.length) {
        const part = bytes.subarray(0, length - done);
        randomize(part);
        target.set(part, done);
      }
      return wasi.ERRNO_SUCCESS;
    },
    proc_exit(status: number) {
      throw new GuestExit(status);
    },
    proc_raise(signal: number) {
      if (signal > lastSignal) return wasi.ERRNO_INVAL;
      if (ignoredSignals.includes(signal)) return wasi.ERRNO_SUCCESS;
      throw new GuestExit(signalStatus + signal);
    },
  };
}

/** There are no sockets here: a descriptor that exists is something else. */
function socketFunctions(guest: Guest): Record<string, Preview1Function> {
  const noSocket = (fd: number): number => {
    guest.fd(fd);
    return wasi.ERRNO_NOTSOCK;
  };
  return { sock_accept: noSocket, sock_recv: noSocket, sock_send: noSocket, sock_shutdown: noSocket };
}
