import { wasi } from "@bjorn3/browser_wasi_shim";
import type { BigIntStats } from "node:fs";
import { HostFd } from "../io/host-fd.ts";
import { HostFilestat } from "../io/filestat.ts";
import { FsError } from "../io/system-errors.ts";
import { setTimes, sync } from "./content.ts";
import { type Node, statNode } from "./node.ts";
import { type DescriptorType, typeOf } from "./stats.ts";
import type { NewTime, NewTimes } from "./times.ts";

/** What open files and directories have in common in preview 1. */
export abstract class NodeFd extends HostFd {
  protected node: Node;

  constructor(node: Node) {
    super();
    this.node = node;
  }

  override fd_close(): number {
    this.node.handle.release();
    return wasi.ERRNO_SUCCESS;
  }

  override fd_filestat_get() {
    return { ret: wasi.ERRNO_SUCCESS, filestat: filestat(statNode(this.node)) };
  }

  override fd_filestat_set_times(accessed: bigint, modified: bigint, flags: number): number {
    setTimes(this.node, newTimes(accessed, modified, flags));
    return wasi.ERRNO_SUCCESS;
  }

  override fd_sync(): number {
    sync(this.node);
    return wasi.ERRNO_SUCCESS;
  }
}

const filetypes: Readonly<Record<DescriptorType, number>> = {
  unknown: wasi.FILETYPE_UNKNOWN,
  "block-device": wasi.FILETYPE_BLOCK_DEVICE,
  "character-device": wasi.FILETYPE_CHARACTER_DEVICE,
  directory: wasi.FILETYPE_DIRECTORY,
  fifo: wasi.FILETYPE_UNKNOWN,
  "symbolic-link": wasi.FILETYPE_SYMBOLIC_LINK,
  "regular-file": wasi.FILETYPE_REGULAR_FILE,
  socket: wasi.FILETYPE_SOCKET_STREAM,
};

/** The number of a type in preview 1. */
export function filetype(type: DescriptorType): number {
  return filetypes[type];
}

/** What the system knows about a file, as preview 1 tells it. */
export function filestat(stats: BigIntStats): wasi.Filestat {
  const result = new HostFilestat(stats.ino, filetype(typeOf(stats)), stats.size);
  result.dev = stats.dev;
  result.nlink = stats.nlink;
  result.atim = stats.atimeNs;
  result.mtim = stats.mtimeNs;
  result.ctim = stats.ctimeNs;
  return result;
}

const everyTimeFlag = wasi.FSTFLAGS_ATIM | wasi.FSTFLAGS_ATIM_NOW | wasi.FSTFLAGS_MTIM | wasi.FSTFLAGS_MTIM_NOW;

/** Reads preview 1's flags about two timestamps. */
export function newTimes(accessed: bigint, modified: bigint, flags: number): NewTimes {
  if (flags > everyTimeFlag) throw new FsError("invalid");
  const time = (value: bigint, given: number, now: number): NewTime => {
    if ((flags & given) !== 0 && (flags & now) !== 0) throw new FsError("invalid");
    if ((flags & now) !== 0) return "now";
    return (flags & given) === 0 ? "no-change" : BigInt.asUintN(64, value);
  };
  return {
    accessed: time(accessed, wasi.FSTFLAGS_ATIM, wasi.FSTFLAGS_ATIM_NOW),
    modified: time(modified, wasi.FSTFLAGS_MTIM, wasi.FSTFLAGS_MTIM_NOW),
  };
}
