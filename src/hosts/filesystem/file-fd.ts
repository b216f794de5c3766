import { wasi } from "@bjorn3/browser_wasi_shim";
import { fdstat } from "../io/filestat.ts";
import type { PendingInput } from "../io/host-fd.ts";
import { FsError } from "../io/system-errors.ts";
import { appendAt, readAt, setSize, writeAt } from "./content.ts";
import { filetype, NodeFd } from "./node-fd.ts";
import { type Node, statNode, withKept } from "./node.ts";
import { keptFlags as systemFlags } from "./paths.ts";
import { typeOf } from "./stats.ts";

/** All five of `fdflags`. */
export const everyFlag =
  wasi.FDFLAGS_APPEND | wasi.FDFLAGS_DSYNC | wasi.FDFLAGS_NONBLOCK | wasi.FDFLAGS_RSYNC | wasi.FDFLAGS_SYNC;

/** Those of `fdflags` that the operating system keeps, in its own numbers. */
export function keptFlags(flags: number): number {
  const { append, sync, dataSync } = systemFlags;
  return (
    ((flags & wasi.FDFLAGS_APPEND) === 0 ? 0 : append) |
    ((flags & (wasi.FDFLAGS_SYNC | wasi.FDFLAGS_RSYNC)) === 0 ? 0 : sync) |
    ((flags & wasi.FDFLAGS_DSYNC) === 0 ? 0 : dataSync)
  );
}

/** Positions are signed where they are given. */
const lastPosition = 2n ** 63n - 1n;

/** An open file of a preview-1 guest, with a position of its own. */
export class FileFd extends NodeFd {
  #position = 0n;
  #flags: number;

  constructor(node: Node, flags: number) {
    super(node);
    this.#flags = flags;
  }

  /** Makes the file long enough. That its blocks are there, too, Node has no way to ask for. */
  override fd_allocate(offset: bigint, length: bigint): number {
    const { size } = statNode(this.node);
    setSize(this.node, size > offset + length ? size : offset + length);
    return wasi.ERRNO_SUCCESS;
  }

  override fd_fdstat_get() {
    const { read, write } = this.node.access;
    const without =
      (read ? 0n : BigInt(wasi.RIGHTS_FD_READ)) |
      (write ? 0n : BigInt(wasi.RIGHTS_FD_WRITE | wasi.RIGHTS_FD_ALLOCATE | wasi.RIGHTS_FD_FILESTAT_SET_SIZE));
    const type = filetype(typeOf(statNode(this.node)));
    return { ret: wasi.ERRNO_SUCCESS, fdstat: fdstat(type, this.#flags, without) };
  }

  override fd_fdstat_set_flags(flags: number): number {
    if (flags > everyFlag) throw new FsError("invalid");
    const kept = keptFlags(flags);
    if (kept !== this.node.access.kept) this.node = withKept(this.node, kept);
    this.#flags = flags;
    return wasi.ERRNO_SUCCESS;
  }

  override pendingInput(): PendingInput {
    const left = statNode(this.node).size - this.#position;
    return { bytes: left > 0n ? Number(left) : 0, ended: false };
  }

  override fd_filestat_set_size(size: bigint): number {
    setSize(this.node, size);
    return wasi.ERRNO_SUCCESS;
  }

  override fd_pread(size: number, offset: bigint) {
    return { ret: wasi.ERRNO_SUCCESS, data: readAt(this.node, size, offset) };
  }

  override fd_read(size: number) {
    const data = readAt(this.node, size, this.#position);
    this.#position += BigInt(data.length);
    return { ret: wasi.ERRNO_SUCCESS, data };
  }

  override fd_pwrite(bytes: Uint8Array, offset: bigint) {
    return { ret: wasi.ERRNO_SUCCESS, nwritten: writeAt(this.node, bytes, offset) };
  }

  override fd_write(bytes: Uint8Array) {
    if ((this.#flags & wasi.FDFLAGS_APPEND) !== 0) {
      const nwritten = appendAt(this.node, bytes);
      this.#position = statNode(this.node).size;
      return { ret: wasi.ERRNO_SUCCESS, nwritten };
    }
    const nwritten = writeAt(this.node, bytes, this.#position);
    this.#position += BigInt(nwritten);
    return { ret: wasi.ERRNO_SUCCESS, nwritten };
  }

  override fd_seek(offset: bigint, whence: number) {
    const position = this.#origin(whence) + offset;
    if (position < 0n || position > lastPosition) throw new FsError("invalid");
    this.#position = position;
    return { ret: wasi.ERRNO_SUCCESS, offset: position };
  }

  override fd_tell() {
    return { ret: wasi.ERRNO_SUCCESS, offset: this.#position };
  }

  #origin(whence: number): bigint {
    switch (whence) {
      case wasi.WHENCE_SET:
        return 0n;
      case wasi.WHENCE_CUR:
        return this.#position;
      case wasi.WHENCE_END:
        return statNode(this.node).size;
      default:
        throw new FsError("invalid");
    }
  }
}
