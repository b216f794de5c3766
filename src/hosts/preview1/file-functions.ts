import { wasi } from "@bjorn3/browser_wasi_shim";
import { everyRight } from "../io/filestat.ts";
import { FsError } from "../io/system-errors.ts";
import type { Guest } from "./guest.ts";
import type { Preview1Function } from "./shim.seam.ts";
import { firstBytes, readVectors, type Vector } from "./vectors.ts";

/**
 * One call writes no more than this, and the guest goes on with the rest: vectors may name the same memory a thousand
 * times over, and nothing can end the call while the system writes.
 */
export const writeLimitBytes = 1 << 24;

const lastAdvice = wasi.ADVICE_NOREUSE;

/** Functions on one descriptor that read or write memory, or that the shim gets wrong. */
export function fileFunctions(guest: Guest): Readonly<Record<string, Preview1Function>> {
  return { ...contentFunctions(guest), ...descriptorFunctions(guest), fd_readdir: readDirectory(guest) };
}

function contentFunctions(guest: Guest): Record<string, Preview1Function> {
  return {
    fd_pread(number: number, vectors: number, count: number, offset: bigint, result: number) {
      const fd = guest.fd(number);
      let at = offset;
      return readInto(guest, [number, vectors, count, result], (size) => {
        const read = fd.fd_pread(size, at);
        at += BigInt(read.data.length);
        return read;
      });
    },
    fd_pwrite(number: number, vectors: number, count: number, offset: bigint, result: number) {
      const fd = guest.fd(number);
      let at = offset;
      return writeFrom(guest, [number, vectors, count, result], (bytes) => {
        const written = fd.fd_pwrite(bytes, at);
        at += BigInt(written.nwritten);
        return written;
      });
    },
    fd_seek(number: number, offset: bigint, whence: number, result: number) {
      const fd = guest.fd(number);
      guest.bytes(result, 8);
      const { ret, offset: position } = fd.fd_seek(offset, whence);
      if (ret === wasi.ERRNO_SUCCESS) guest.view().setBigUint64(result, position, true);
      return ret;
    },
    fd_tell(number: number, result: number) {
      const { ret, offset } = guest.fd(number).fd_tell();
      if (ret === wasi.ERRNO_SUCCESS) guest.view().setBigUint64(result, offset, true);
      return ret;
    },
    fd_advise(number: number, offset: bigint, length: bigint, advice: number) {
      guest.fd(number);
      return advice > lastAdvice || offset < 0n || length < 0n ? wasi.ERRNO_INVAL : wasi.ERRNO_SUCCESS;
    },
    fd_allocate(number: number, offset: bigint, length: bigint) {
      const fd = guest.fd(number);
      return offset < 0n || length <= 0n ? wasi.ERRNO_INVAL : fd.fd_allocate(offset, length);
    },
  };
}

/** Reads into a guest's vectors one after the other, until one is not filled. */
export function readInto(
  guest: Guest,
  [, at, count, result]: readonly [number, number, number, number],
  read: (size: number) => { readonly ret: number; readonly data: Uint8Array },
): number {
  const vectors = readVectors(guest, at, count);
  guest.bytes(result, 4);
  let total = 0;
  for (const vector of vectors) {
    const { ret, data } = read(vector.length);
    if (ret !== wasi.ERRNO_SUCCESS) return ret;
    guest.bytes(vector.at, data.length).set(data);
    total += data.length;
    if (data.length < vector.length) break;
  }
  guest.view().setUint32(result, total, true);
  return wasi.ERRNO_SUCCESS;
}

/** Writes a guest's vectors one after the other, until one is not taken whole. */
export function writeFrom(
  guest: Guest,
  [, at, count, result]: readonly [number, number, number, number],
  write: (bytes: Uint8Array) => { readonly ret: number; readonly nwritten: number },
): number {
  const vectors: readonly Vector[] = firstBytes(readVectors(guest, at, count), writeLimitBytes);
  guest.bytes(result, 4);
  let total = 0;
  // Nothing to write is still told to the descriptor, which may not be one for writing.
  for (const vector of vectors.length === 0 ? [{ at: 0, length: 0 }] : vectors) {
    const { ret, nwritten } = write(guest.readable(vector.at, vector.length));
    if (ret !== wasi.ERRNO_SUCCESS) return ret;
    total += nwritten;
    if (nwritten < vector.length) break;
  }
  guest.view().setUint32(result, total, true);
  return wasi.ERRNO_SUCCESS;
}

function descriptorFunctions(guest: Guest): Record<string, Preview1Function> {
  return {
    fd_close(number: number) {
      const fd = guest.fd(number);
      guest.fds[number] = undefined;
      return fd.fd_close();
    },
    fd_renumber(from: number, to: number) {
      const moved = guest.fd(from);
      const replaced = guest.fd(to);
      if (from === to) return wasi.ERRNO_SUCCESS;
      guest.fds[to] = moved;
      guest.fds[from] = undefined;
      return replaced.fd_close();
    },
    fd_fdstat_get(number: number, at: number) {
      const fd = guest.fd(number);
      const { ret, fdstat } = fd.fd_fdstat_get();
      if (fdstat === null) return ret;
      fdstat.fs_rights_base &= ~fd.withheld;
      fdstat.fs_rights_inherited &= ~fd.withheldBelow;
      guest.bytes(at, 24).fill(0);
      fdstat.write_bytes(guest.view(), at);
      return ret;
    },
    /** Rights can be given up, and not taken back. */
    fd_fdstat_set_rights(number: number, base: bigint, inheriting: bigint) {
      const fd = guest.fd(number);
      const { fdstat } = fd.fd_fdstat_get();
      const has = (fdstat?.fs_rights_base ?? 0n) & ~fd.withheld;
      const hasBelow = (fdstat?.fs_rights_inherited ?? 0n) & ~fd.withheldBelow;
      const more = (base & everyRight & ~has) | (inheriting & everyRight & ~hasBelow);
      if (more !== 0n) return wasi.ERRNO_NOTCAPABLE;
      fd.withheld = everyRight & ~base;
      fd.withheldBelow = everyRight & ~inheriting;
      return wasi.ERRNO_SUCCESS;
    },
    fd_prestat_dir_name(number: number, at: number, length: number) {
      const { ret, prestat } = guest.fd(number).fd_prestat_get();
      if (prestat === null) return ret;
      const name = prestat.inner.pr_name;
      if (name.length > length) throw new FsError("name-too-long");
      guest.bytes(at, name.length).set(name);
      return wasi.ERRNO_SUCCESS;
    },
  };
}

/** Fills the guest's buffer with entries. It is full when there are more, the last entry perhaps cut off. */
function readDirectory(guest: Guest): Preview1Function {
  return (number: number, at: number, length: number, cookie: bigint, result: number) => {
    const fd = guest.fd(number);
    const target = guest.bytes(at, length);
    guest.bytes(result, 4);
    let used = 0;
    for (let next = BigInt.asUintN(64, cookie); used < length;) {
      const { ret, dirent } = fd.fd_readdir_single(next);
      if (ret !== wasi.ERRNO_SUCCESS) return ret;
      if (dirent === null) break;
      const entry = new Uint8Array(dirent.head_length() + dirent.name_length());
      dirent.write_head_bytes(new DataView(entry.buffer), 0);
      entry.set(dirent.dir_name, dirent.head_length());
      const fitting = entry.subarray(0, length - used);
      target.set(fitting, used);
      used += fitting.length;
      next = dirent.d_next;
    }
    guest.view().setUint32(result, used, true);
    return wasi.ERRNO_SUCCESS;
  };
}
