import {
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  readSync,
  writeSync,
} from "node:fs";
import type { ByteSource } from "../io/byte-reader.ts";
import { readLimitBytes } from "../io/input-stream.ts";
import { IoError } from "../io/io-error.ts";
import type { ByteSink } from "../io/output-stream.ts";
import { fsCode, FsError } from "../io/system-errors.ts";
import { type Node, reopen, statNode } from "./node.ts";
import type { SharedFd } from "./open-files.ts";
import { changesNothing, type NewTimes, resolveTimes } from "./times.ts";

/** Bytes at an offset, fewer than asked for at the end of the file, or when more than the host reads at once. */
export function readAt(node: Node, length: number, offset: bigint): Uint8Array {
  const fd = contentFd(node);
  if (!node.access.read) throw new FsError("bad-descriptor");
  const buffer = new Uint8Array(Math.min(length, readLimitBytes));
  const count = readSync(fd, buffer, 0, buffer.length, filePosition(offset));
  return count === buffer.length ? buffer : buffer.slice(0, count);
}

/** Writes at an offset, or at the end of a file opened for appending; gives how many bytes were taken. */
export function writeAt(node: Node, bytes: Uint8Array, offset: bigint): number {
  return writeSync(writableFd(node), bytes, 0, bytes.length, filePosition(offset));
}

/** Writes at the end of the file. In one step with finding the end when the file was opened for appending. */
export function appendAt(node: Node, bytes: Uint8Array): number {
  const atOnce = (node.access.kept & constants.O_APPEND) !== 0;
  if (!atOnce) return writeAt(node, bytes, statNode(node).size);
  return writeSync(writableFd(node), bytes, 0, bytes.length);
}

export function setSize(node: Node, size: bigint): void {
  ftruncateSync(writableFd(node), filePosition(size));
}

export function setTimes(node: Node, times: NewTimes): void {
  if (node.access.readOnlyMount) throw new FsError("read-only");
  if (changesNothing(times)) return;
  const { accessed, modified } = resolveTimes(times);
  futimesSync(node.handle.fd, accessed, modified);
}

export function sync(node: Node): void {
  fsyncSync(node.handle.fd);
}

export function syncData(node: Node): void {
  fdatasyncSync(node.handle.fd);
}

/** A file from an offset to its end, for a stream. Holds the file open until closed. */
export function fileSource(node: Node, offset: bigint): ByteSource {
  contentFd(node);
  if (!node.access.read) throw new FsError("bad-descriptor");
  const close = releaseOnce(node.handle.retain());
  let position = offset;
  return {
    waits: false,
    read(limit) {
      const bytes = asIoErrors(() => readAt(node, limit, position));
      position += BigInt(bytes.length);
      return bytes.length === 0 ? undefined : bytes;
    },
    close,
  };
}

/** A file to be written from an offset on, for a stream. Holds the file open until closed. */
export function fileSink(node: Node, offset: bigint): ByteSink {
  const fd = writableFd(node);
  const close = releaseOnce(node.handle.retain());
  let position = filePosition(offset);
  return {
    write(bytes) {
      for (let at = 0; at < bytes.length;) {
        const count = asIoErrors(() => writeSync(fd, bytes, at, bytes.length - at, position));
        at += count;
        position += count;
      }
    },
    close,
  };
}

/** The end of a file, wherever it is at each write, also when others append to it. */
export function appendSink(node: Node): ByteSink {
  writableFd(node);
  const held = reopen(node, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK);
  if (held === undefined) return fileSink(node, BigInt(fstatSync(node.handle.fd).size));
  return {
    write(bytes) {
      for (let at = 0; at < bytes.length;) {
        at += asIoErrors(() => writeSync(held.fd, bytes, at, bytes.length - at));
      }
    },
    close: releaseOnce(held),
  };
}

/** Lets go once, however often it is asked. */
function releaseOnce(handle: SharedFd): () => void {
  let held = true;
  return () => {
    if (held) handle.release();
    held = false;
  };
}

function contentFd(node: Node): number {
  if (node.directory !== undefined) throw new FsError("is-directory");
  return node.handle.fd;
}

function writableFd(node: Node): number {
  if (node.access.readOnlyMount) throw new FsError("read-only");
  const fd = contentFd(node);
  if (!node.access.write) throw new FsError("bad-descriptor");
  return fd;
}

/** Node takes positions as numbers, which are exact up to 8 PB. */
function filePosition(offset: bigint): number {
  if (offset < 0n || offset > BigInt(Number.MAX_SAFE_INTEGER)) throw new FsError("invalid");
  return Number(offset);
}

function asIoErrors<Result>(operation: () => Result): Result {
  try {
    return operation();
  } catch (error) {
    const code = fsCode(error);
    throw code === undefined ? error : new IoError(code, code);
  }
}
