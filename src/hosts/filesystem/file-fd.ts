import { wasi } from "@bjorn3/browser_wasi_shim";
import { fdstat } from "../io/filestat.ts";
import { FsError } from "../io/system-errors.ts";
import { appendAt, readAt, setSize, writeAt } from "./content.ts";
import { filetype, NodeFd } from "./node-fd.ts";
import { type Node, statNode } from "./node.ts";
import { typeOf } from "./stats.ts";

/** An open file of a preview-1 guest, with a position of its own. */
export class FileFd extends NodeFd {
  #position = 0n;
  #flags: number;

  constructor(node: Node, flags: number) {
    super(node);
    this.#flags = flags;
  }

  override fd_allocate(offset: bigint, length: bigint): number {
    const end = offset + length;
    if (end > statNode(this.node).size) setSize(this.node, end);
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
    this.#flags = flags;
    return wasi.ERRNO_SUCCESS;
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
    if (position < 0n) throw new FsError("invalid");
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
