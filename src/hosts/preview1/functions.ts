import { wasi } from "@bjorn3/browser_wasi_shim";
import { GuestExit } from "../../core/exit.ts";
import type { Guest } from "./guest.ts";
import type { Preview1Function } from "./shim.seam.ts";

/** Exit statuses of programs ended by a signal begin here, as shells have it. */
const signalStatus = 128;

/** Functions that the shim lacks, gets wrong, or could not serve over real files. */
export function ownFunctions(guest: Guest): Readonly<Record<string, Preview1Function>> {
  return { ...programFunctions(guest), ...pathFunctions(guest), ...socketFunctions(guest) };
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
      // By way of a buffer of its own, because random numbers cannot be written to shared memory.
      const target = guest.bytes(at, length);
      const bytes = new Uint8Array(length);
      randomize(bytes);
      target.set(bytes);
      return wasi.ERRNO_SUCCESS;
    },
    proc_exit(status: number) {
      throw new GuestExit(status);
    },
    proc_raise(signal: number) {
      throw new GuestExit(signalStatus + signal);
    },
    sched_yield: () => wasi.ERRNO_SUCCESS,
  };
}

function pathFunctions(guest: Guest): Record<string, Preview1Function> {
  return {
    fd_renumber(from: number, to: number) {
      const moved = guest.fd(from);
      guest.fd(to);
      if (from === to) return wasi.ERRNO_SUCCESS;
      guest.fd(to).fd_close();
      guest.fds[to] = moved;
      guest.fds[from] = undefined;
      return wasi.ERRNO_SUCCESS;
    },
    path_open(...args: [number, number, number, number, number, bigint, bigint, number, number]) {
      const [fd, lookup, at, length, oflags, rights, inheriting, flags, result] = args;
      const path = guest.text(at, length);
      const { ret, fd_obj: opened } = guest.fd(fd).path_open(lookup, path, oflags, rights, inheriting, flags);
      if (opened === null) return ret;
      guest.view().setUint32(result, guest.addFd(opened), true);
      return wasi.ERRNO_SUCCESS;
    },
    path_rename(fd: number, at: number, length: number, target: number, targetAt: number, targetLength: number) {
      guest.fd(fd).rename(guest.text(at, length), guest.fd(target), guest.text(targetAt, targetLength));
      return wasi.ERRNO_SUCCESS;
    },
    path_link(...args: [number, number, number, number, number, number, number]) {
      const [fd, lookup, at, length, target, targetAt, targetLength] = args;
      const follow = (lookup & 1) !== 0;
      guest.fd(fd).link(follow, guest.text(at, length), guest.fd(target), guest.text(targetAt, targetLength));
      return wasi.ERRNO_SUCCESS;
    },
    path_symlink(contentAt: number, contentLength: number, fd: number, at: number, length: number) {
      guest.fd(fd).symlink(guest.text(contentAt, contentLength), guest.text(at, length));
      return wasi.ERRNO_SUCCESS;
    },
    path_readlink(...args: [number, number, number, number, number, number]) {
      const [fd, at, length, bufferAt, bufferLength, usedAt] = args;
      const content = Buffer.from(guest.fd(fd).readlink(guest.text(at, length)));
      const used = content.subarray(0, bufferLength);
      guest.bytes(bufferAt, used.length).set(used);
      guest.view().setUint32(usedAt, used.length, true);
      return wasi.ERRNO_SUCCESS;
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
