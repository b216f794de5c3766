import { type Datetime, fromDatetime } from "../io/datetime.ts";
import { InputStream } from "../io/input-stream.ts";
import { OutputStream } from "../io/output-stream.ts";
import type { Waiter } from "../io/pollable.ts";
import { ResultError } from "../io/result-error.ts";
import { appendSink, fileSink, fileSource, readAt, setSize, setTimes, sync, syncData, writeAt } from "./content.ts";
import { type FsCode, fsCode } from "../io/system-errors.ts";
import { type Listed, listDirectory } from "./listing.ts";
import { type Node, openAt, statNode } from "./node.ts";
import * as paths from "./paths.ts";
import {
  type DescriptorStat,
  type DescriptorType,
  type MetadataHash,
  metadataHash,
  toDescriptorStat,
  typeOf,
} from "./stats.ts";
import type { NewTime } from "./times.ts";

/** The flags `descriptor-flags`. */
export interface DescriptorFlags {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly fileIntegritySync?: boolean;
  readonly dataIntegritySync?: boolean;
  readonly requestedWriteSync?: boolean;
  readonly mutateDirectory?: boolean;
}

interface PathFlags {
  readonly symlinkFollow?: boolean;
}

interface OpenFlags {
  readonly create?: boolean;
  readonly directory?: boolean;
  readonly exclusive?: boolean;
  readonly truncate?: boolean;
}

type NewTimestamp =
  | { readonly tag: "no-change" }
  | { readonly tag: "now" }
  | { readonly tag: "timestamp"; readonly val: Datetime };

/** The resource `descriptor` of wasi:filesystem: an open file or directory. Paths never lead out of it. */
export class Descriptor {
  readonly #node: Node;
  readonly #waiter: Waiter;

  constructor(node: Node, waiter: Waiter) {
    this.#node = node;
    this.#waiter = waiter;
  }

  readViaStream(offset: bigint): InputStream {
    return result(() => new InputStream(fileSource(this.#node, offset), this.#waiter));
  }

  writeViaStream(offset: bigint): OutputStream {
    return result(() => new OutputStream(fileSink(this.#node, offset), this.#waiter));
  }

  appendViaStream(): OutputStream {
    return result(() => new OutputStream(appendSink(this.#node), this.#waiter));
  }

  /** Advice is optional to follow, and Node offers no way to pass it on. */
  advise(_offset: bigint, _length: bigint, _advice: string): void {
    result(() => statNode(this.#node));
  }

  syncData(): void {
    result(() => syncData(this.#node));
  }

  sync(): void {
    result(() => sync(this.#node));
  }

  getFlags(): DescriptorFlags {
    const { access, directory } = this.#node;
    return {
      read: access.read,
      write: access.write,
      fileIntegritySync: (access.kept & paths.keptFlags.sync) === paths.keptFlags.sync,
      dataIntegritySync: (access.kept & paths.keptFlags.dataSync) === paths.keptFlags.dataSync,
      requestedWriteSync: false,
      mutateDirectory: directory !== undefined && !access.readOnlyMount,
    };
  }

  getType(): DescriptorType {
    return result(() => typeOf(statNode(this.#node)));
  }

  setSize(size: bigint): void {
    result(() => setSize(this.#node, size));
  }

  setTimes(accessed: NewTimestamp, modified: NewTimestamp): void {
    result(() => setTimes(this.#node, { accessed: newTime(accessed), modified: newTime(modified) }));
  }

  /** Bytes, and whether they end the file. */
  read(length: bigint, offset: bigint): [Uint8Array, boolean] {
    return result(() => {
      const bytes = readAt(this.#node, Number(length), offset);
      return [bytes, bytes.length === 0 && length > 0n];
    });
  }

  write(bytes: Uint8Array, offset: bigint): bigint {
    return result(() => BigInt(writeAt(this.#node, bytes, offset)));
  }

  readDirectory(): DirectoryEntryStream {
    return result(() => new DirectoryEntryStream(listDirectory(this.#node)));
  }

  createDirectoryAt(path: string): void {
    result(() => paths.createDirectoryAt(this.#at(path)));
  }

  stat(): DescriptorStat {
    return result(() => toDescriptorStat(statNode(this.#node)));
  }

  statAt(flags: PathFlags, path: string): DescriptorStat {
    return result(() => toDescriptorStat(paths.statAt(this.#at(path), flags.symlinkFollow === true)));
  }

  setTimesAt(flags: PathFlags, path: string, accessed: NewTimestamp, modified: NewTimestamp): void {
    const times = { accessed: newTime(accessed), modified: newTime(modified) };
    result(() => paths.setTimesAt(this.#at(path), flags.symlinkFollow === true, times));
  }

  linkAt(flags: PathFlags, path: string, target: Descriptor, targetPath: string): void {
    result(() => paths.linkAt(this.#at(path), flags.symlinkFollow === true, target.#at(targetPath)));
  }

  openAt(flags: PathFlags, path: string, open: OpenFlags, access: DescriptorFlags): Descriptor {
    const { sync: fileSync, dataSync } = paths.keptFlags;
    const node = result(() =>
      openAt(this.#node, path, {
        follow: flags.symlinkFollow === true,
        create: open.create === true,
        exclusive: open.exclusive === true,
        truncate: open.truncate === true,
        directory: open.directory === true,
        read: access.read === true,
        write: access.write === true,
        // What has to be on the disk before it can be read has to be on the disk when it was written.
        kept:
          (access.fileIntegritySync === true || access.requestedWriteSync === true ? fileSync : 0) |
          (access.dataIntegritySync === true ? dataSync : 0),
      }),
    );
    return new Descriptor(node, this.#waiter);
  }

  readlinkAt(path: string): string {
    return result(() => paths.readlinkAt(this.#at(path)));
  }

  removeDirectoryAt(path: string): void {
    result(() => paths.removeDirectoryAt(this.#at(path)));
  }

  renameAt(path: string, target: Descriptor, targetPath: string): void {
    result(() => paths.renameAt(this.#at(path), target.#at(targetPath)));
  }

  symlinkAt(content: string, path: string): void {
    result(() => paths.symlinkAt(content, this.#at(path)));
  }

  unlinkFileAt(path: string): void {
    result(() => paths.unlinkFileAt(this.#at(path)));
  }

  isSameObject(other: Descriptor): boolean {
    const [mine, theirs] = result(() => [statNode(this.#node), statNode(other.#node)] as const);
    return mine.dev === theirs.dev && mine.ino === theirs.ino;
  }

  metadataHash(): MetadataHash {
    return result(() => metadataHash(statNode(this.#node)));
  }

  metadataHashAt(flags: PathFlags, path: string): MetadataHash {
    return result(() => metadataHash(paths.statAt(this.#at(path), flags.symlinkFollow === true)));
  }

  [Symbol.dispose](): void {
    this.#node.handle.release();
  }

  #at(path: string): paths.GuestPath {
    return { node: this.#node, path };
  }
}

/** The resource `directory-entry-stream`: a listing as it was when it was asked for. */
export class DirectoryEntryStream {
  readonly #entries: Iterator<Listed>;

  constructor(entries: readonly Listed[]) {
    this.#entries = entries.values();
  }

  /** The next entry; one whose name is no text is an error, and the one after it comes next. */
  readDirectoryEntry(): { readonly type: DescriptorType; readonly name: string } | undefined {
    const next = this.#entries.next();
    if (next.done) return undefined;
    const { name, type } = next.value;
    if (name === undefined) throw new ResultError<FsCode>("illegal-byte-sequence");
    return { type, name };
  }
}

function newTime(time: NewTimestamp): NewTime {
  return time.tag === "timestamp" ? fromDatetime(time.val) : time.tag;
}

/** Turns a failure of the filesystem into the `err` of the function's `result`. */
function result<Ok>(operation: () => Ok): Ok {
  try {
    return operation();
  } catch (error) {
    const code = fsCode(error);
    throw code === undefined ? error : new ResultError(code);
  }
}
