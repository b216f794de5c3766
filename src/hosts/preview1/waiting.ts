import { wasi } from "@bjorn3/browser_wasi_shim";
import { type Readiness, waitForAny } from "../io/pollable.ts";
import { readLimitBytes } from "../io/input-stream.ts";
import type { ByteReader } from "../io/byte-reader.ts";
import type { FdOutput } from "../io/host-fd.ts";
import { readInto, writeFrom } from "./file-functions.ts";
import type { Guest } from "./guest.ts";
import { layout, poll } from "./poll.ts";
import type { Preview1Function } from "./shim.seam.ts";
import { firstBytes, readVectors, totalBytes, type VectorArguments } from "./vectors.ts";

/** The functions that may wait. They answer at once, without a promise, when there is nothing to wait for. */
export function waitingFunctions(guest: Guest): Readonly<Record<string, Preview1Function>> {
  return {
    fd_read(...args: VectorArguments) {
      const fd = guest.fd(args[0]);
      return fd.input === undefined
        ? readInto(guest, args, (size) => fd.fd_read(size))
        : readInput(guest, fd.input, args);
    },
    fd_write(...args: VectorArguments) {
      const fd = guest.fd(args[0]);
      return fd.output === undefined
        ? writeFrom(guest, args, (bytes) => fd.fd_write(bytes))
        : writeOutput(guest, fd.output, args);
    },
    poll_oneoff: (at: number, eventsAt: number, count: number, result: number) =>
      poll(guest, { at, eventsAt, count, result, layout }),
    sched_yield: () => waitForAny([afterOthers()], guest.instance).then(() => wasi.ERRNO_SUCCESS),
  };
}

/** Ready when everything that is ready to run on this thread has had its turn. */
function afterOthers(): Readiness {
  let hasPassed = false;
  return {
    isReady: () => hasPassed,
    onReady(wake) {
      const turn = setImmediate(() => {
        hasPassed = true;
        wake();
      });
      return { [Symbol.dispose]: () => clearImmediate(turn) };
    },
  };
}

function readInput(guest: Guest, input: ByteReader, args: VectorArguments): number | Promise<number> {
  const [, at, count, result] = args;
  const vectors = readVectors(guest, at, count);
  guest.bytes(result, 4);
  const room = totalBytes(vectors);
  const bytes = room === 0 ? undefined : input.take(Math.min(room, readLimitBytes));
  if (bytes?.length === 0) {
    return waitForAny([input], guest.instance).then(() => readInput(guest, input, args));
  }
  let taken = 0;
  for (const vector of vectors) {
    const part = bytes?.subarray(taken, taken + vector.length) ?? new Uint8Array(0);
    guest.bytes(vector.at, part.length).set(part);
    taken += part.length;
  }
  guest.view().setUint32(result, taken, true);
  return wasi.ERRNO_SUCCESS;
}

/** Writes what there is room for, at least a byte; a guest with more writes again. */
function writeOutput(guest: Guest, output: FdOutput, args: VectorArguments): number | Promise<number> {
  const [, at, count, result] = args;
  const vectors = readVectors(guest, at, count);
  guest.bytes(result, 4);
  const room = output.room();
  if (totalBytes(vectors) > 0 && room === 0) {
    return waitForAny([output], guest.instance).then(() => writeOutput(guest, output, args));
  }
  const fitting = firstBytes(vectors, room);
  for (const vector of fitting) output.write(guest.readable(vector.at, vector.length));
  guest.view().setUint32(result, totalBytes(fitting), true);
  return output.isFlushed() ? wasi.ERRNO_SUCCESS : untilFlushed(guest, output);
}

/** A program ends without a word: what it has written must have left by then. */
async function untilFlushed(guest: Guest, output: FdOutput): Promise<number> {
  const flushed: Readiness = { isReady: () => output.isFlushed(), onReady: (wake) => output.onReady(wake) };
  await waitForAny([flushed], guest.instance);
  return wasi.ERRNO_SUCCESS;
}
