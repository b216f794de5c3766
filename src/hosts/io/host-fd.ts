import { Fd, type wasi } from "@bjorn3/browser_wasi_shim";
import type { ByteReader } from "./byte-reader.ts";
import type { SinkFlow } from "./output-stream.ts";
import { FsError } from "./system-errors.ts";

/** Output that is written no more than it has room for. */
export interface FdOutput extends SinkFlow {
  write(bytes: Uint8Array): void;
  isFlushed(): boolean;
}

/** What `poll_oneoff` tells about input that is ready. */
export interface PendingInput {
  readonly bytes: number;
  /** Nothing will come any more. */
  readonly ended: boolean;
}

/**
 * A preview-1 descriptor of ours. Where the shim's interface has no room for what real files need (renaming between
 * directories, waiting input), it has methods of its own. Methods throw; the binder turns that into error numbers. As it
 * stands it is a stream: it has no position and no size, and nothing is below it.
 */
export class HostFd extends Fd {
  /** Rights that the guest gave up here, and for what it opens from here. */
  withheld = 0n;
  withheldBelow = 0n;

  /** Set for input that may have to be waited for. */
  get input(): ByteReader | undefined {
    return undefined;
  }

  /** Set for output that can be full. */
  get output(): FdOutput | undefined {
    return undefined;
  }

  pendingInput(): PendingInput {
    return this.input?.pending() ?? { bytes: 1, ended: false };
  }

  /** Gives `path` another name, perhaps in another directory. */
  rename(_path: string, _target: Fd, _targetPath: string): void {
    throw new FsError("not-directory");
  }

  link(_follow: boolean, _path: string, _target: Fd, _targetPath: string): void {
    throw new FsError("not-directory");
  }

  symlink(_content: string, _path: string): void {
    throw new FsError("not-directory");
  }

  readlink(_path: string): string {
    throw new FsError("not-directory");
  }

  override fd_allocate(_offset: bigint, _length: bigint): number {
    throw new FsError("bad-descriptor");
  }

  override fd_filestat_set_size(_size: bigint): number {
    throw new FsError("bad-descriptor");
  }

  override fd_filestat_set_times(_accessed: bigint, _modified: bigint, _flags: number): number {
    throw new FsError("bad-descriptor");
  }

  override fd_prestat_get(): { ret: number; prestat: wasi.Prestat | null } {
    throw new FsError("bad-descriptor");
  }

  override fd_read(_size: number): { ret: number; data: Uint8Array } {
    throw new FsError("bad-descriptor");
  }

  override fd_write(_bytes: Uint8Array): { ret: number; nwritten: number } {
    throw new FsError("bad-descriptor");
  }

  override fd_pread(_size: number, _offset: bigint): { ret: number; data: Uint8Array } {
    throw new FsError("invalid-seek");
  }

  override fd_pwrite(_bytes: Uint8Array, _offset: bigint): { ret: number; nwritten: number } {
    throw new FsError("invalid-seek");
  }

  override fd_seek(_offset: bigint, _whence: number): { ret: number; offset: bigint } {
    throw new FsError("invalid-seek");
  }

  override fd_tell(): { ret: number; offset: bigint } {
    throw new FsError("invalid-seek");
  }

  override fd_readdir_single(_cookie: bigint): { ret: number; dirent: wasi.Dirent | null } {
    throw new FsError("not-directory");
  }

  override path_create_directory(_path: string): number {
    throw new FsError("not-directory");
  }

  override path_filestat_get(_flags: number, _path: string): { ret: number; filestat: wasi.Filestat | null } {
    throw new FsError("not-directory");
  }

  override path_filestat_set_times(
    _lookup: number,
    _path: string,
    _accessed: bigint,
    _modified: bigint,
    _flags: number,
  ): number {
    throw new FsError("not-directory");
  }

  override path_remove_directory(_path: string): number {
    throw new FsError("not-directory");
  }

  override path_unlink_file(_path: string): number {
    throw new FsError("not-directory");
  }
}
