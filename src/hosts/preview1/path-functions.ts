import { wasi } from "@bjorn3/browser_wasi_shim";
import { followsLinks } from "../io/filestat.ts";
import type { Guest } from "./guest.ts";
import { right } from "./rights.ts";
import type { Preview1Function } from "./shim.seam.ts";

/** Size of the record `filestat`. */
const filestatBytes = 64;

/** Functions on paths: each is text, and relative to a directory that the guest has open. */
export function pathFunctions(guest: Guest): Readonly<Record<string, Preview1Function>> {
  return { ...onePathFunctions(guest), ...twoPathFunctions(guest) };
}

function onePathFunctions(guest: Guest): Record<string, Preview1Function> {
  return {
    path_create_directory(number: number, at: number, length: number) {
      const fd = guest.fd(number);
      return fd.path_create_directory(guest.text(at, length));
    },
    path_remove_directory(number: number, at: number, length: number) {
      const fd = guest.fd(number);
      return fd.path_remove_directory(guest.text(at, length));
    },
    path_unlink_file(number: number, at: number, length: number) {
      const fd = guest.fd(number);
      return fd.path_unlink_file(guest.text(at, length));
    },
    path_filestat_get(number: number, flags: number, at: number, length: number, result: number) {
      const fd = guest.fd(number);
      guest.bytes(result, filestatBytes);
      const { ret, filestat } = fd.path_filestat_get(flags, guest.text(at, length));
      filestat?.write_bytes(guest.view(), result);
      return ret;
    },
    path_filestat_set_times(...args: [number, number, number, number, bigint, bigint, number]) {
      const [number, flags, at, length, accessed, modified, timeFlags] = args;
      const fd = guest.fd(number);
      return fd.path_filestat_set_times(flags, guest.text(at, length), accessed, modified, timeFlags);
    },
    path_open(...args: [number, number, number, number, number, bigint, bigint, number, number]) {
      const [number, lookup, at, length, oflags, rights, inheriting, flags, result] = args;
      const fd = guest.fd(number);
      if ((fd.withheld & neededToOpen(oflags)) !== 0n) return wasi.ERRNO_NOTCAPABLE;
      // Before anything is opened that the guest could not be told of.
      guest.bytes(result, 4);
      const path = guest.text(at, length);
      const { ret, fd_obj: opened } = fd.path_open(lookup, path, oflags, rights, inheriting, flags);
      if (opened === null) return ret;
      const made = guest.addFd(opened);
      Object.assign(guest.fd(made), { withheld: fd.withheldBelow, withheldBelow: fd.withheldBelow });
      guest.view().setUint32(result, made, true);
      return wasi.ERRNO_SUCCESS;
    },
    path_readlink(...args: [number, number, number, number, number, number]) {
      const [number, at, length, bufferAt, bufferLength, usedAt] = args;
      const fd = guest.fd(number);
      const buffer = guest.bytes(bufferAt, bufferLength);
      guest.bytes(usedAt, 4);
      const content = Buffer.from(fd.readlink(guest.text(at, length)));
      const used = content.subarray(0, bufferLength);
      buffer.set(used);
      guest.view().setUint32(usedAt, used.length, true);
      return wasi.ERRNO_SUCCESS;
    },
  };
}

/** Rights that opening takes beyond `path_open`. */
function neededToOpen(oflags: number): bigint {
  return (
    ((oflags & wasi.OFLAGS_CREAT) === 0 ? 0n : right("path_create_file")) |
    ((oflags & wasi.OFLAGS_TRUNC) === 0 ? 0n : right("path_filestat_set_size"))
  );
}

function twoPathFunctions(guest: Guest): Record<string, Preview1Function> {
  return {
    path_rename(fd: number, at: number, length: number, target: number, targetAt: number, targetLength: number) {
      const [from, to] = [guest.fd(fd), guest.fd(target)];
      from.rename(guest.text(at, length), to, guest.text(targetAt, targetLength));
      return wasi.ERRNO_SUCCESS;
    },
    path_link(...args: [number, number, number, number, number, number, number]) {
      const [fd, lookup, at, length, target, targetAt, targetLength] = args;
      const [from, to] = [guest.fd(fd), guest.fd(target)];
      from.link(followsLinks(lookup), guest.text(at, length), to, guest.text(targetAt, targetLength));
      return wasi.ERRNO_SUCCESS;
    },
    path_symlink(contentAt: number, contentLength: number, number: number, at: number, length: number) {
      const fd = guest.fd(number);
      fd.symlink(guest.text(contentAt, contentLength), guest.text(at, length));
      return wasi.ERRNO_SUCCESS;
    },
  };
}
