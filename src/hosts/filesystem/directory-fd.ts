import { type Fd, wasi } from "@bjorn3/browser_wasi_shim";
import { lstatSync } from "node:fs";
import { fdstat, followsLinks } from "../io/filestat.ts";
import { FsError } from "../io/system-errors.ts";
import { childPath } from "./directory.ts";
import { everyFlag, FileFd, keptFlags } from "./file-fd.ts";
import { listDirectory } from "./listing.ts";
import { filestat, filetype, newTimes, NodeFd } from "./node-fd.ts";
import { type Node, openAt, requireDirectory, statNode } from "./node.ts";
import * as paths from "./paths.ts";
import type { DescriptorType } from "./stats.ts";

/** An open directory of a preview-1 guest; a preopened one knows its name there. */
export class DirectoryFd extends NodeFd {
  readonly #prestat: wasi.Prestat | undefined;
  /** The listing that cookies count in: made anew when a guest begins at 0. */
  #entries: readonly NamedEntry[] | undefined;

  constructor(node: Node, prestat?: wasi.Prestat) {
    super(node);
    this.#prestat = prestat;
  }

  override fd_fdstat_get() {
    return { ret: wasi.ERRNO_SUCCESS, fdstat: fdstat(wasi.FILETYPE_DIRECTORY, 0, positions) };
  }

  override fd_fdstat_set_flags(flags: number): number {
    return flags > everyFlag ? wasi.ERRNO_INVAL : wasi.ERRNO_SUCCESS;
  }

  override fd_prestat_get() {
    if (this.#prestat === undefined) throw new FsError("bad-descriptor");
    return { ret: wasi.ERRNO_SUCCESS, prestat: this.#prestat };
  }

  override fd_read(): never {
    throw new FsError("is-directory");
  }

  override fd_write(): never {
    throw new FsError("bad-descriptor");
  }

  override fd_pread(): never {
    throw new FsError("is-directory");
  }

  override fd_pwrite(): never {
    throw new FsError("bad-descriptor");
  }

  override fd_seek(): never {
    throw new FsError("bad-descriptor");
  }

  override fd_tell(): never {
    throw new FsError("bad-descriptor");
  }

  /** Cookies 0 and 1 are `.` and `..`, which share a number: what is above a mount is nobody's business. */
  override fd_readdir_single(cookie: bigint) {
    const at = Number(cookie);
    if (at === 0 || this.#entries === undefined) this.#entries = namedEntries(this.node);
    if (at < 2) {
      const { ino } = statNode(this.node);
      return dirent(cookie, ino, at === 0 ? "." : "..", wasi.FILETYPE_DIRECTORY);
    }
    const entry = this.#entries[at - 2];
    if (entry === undefined) return { ret: wasi.ERRNO_SUCCESS, dirent: null };
    return dirent(cookie, this.#inodeOf(entry.name), entry.name, filetype(entry.type));
  }

  override path_create_directory(path: string): number {
    paths.createDirectoryAt(this.#at(path));
    return wasi.ERRNO_SUCCESS;
  }

  override path_filestat_get(flags: number, path: string) {
    return { ret: wasi.ERRNO_SUCCESS, filestat: filestat(paths.statAt(this.#at(path), followsLinks(flags))) };
  }

  override path_filestat_set_times(
    flags: number,
    path: string,
    accessed: bigint,
    modified: bigint,
    timeFlags: number,
  ): number {
    paths.setTimesAt(this.#at(path), followsLinks(flags), newTimes(accessed, modified, timeFlags));
    return wasi.ERRNO_SUCCESS;
  }

  override path_open(
    dirflags: number,
    path: string,
    oflags: number,
    rights: bigint,
    _inheriting: bigint,
    flags: number,
  ) {
    if (oflags > everyOpenFlag || flags > everyFlag) throw new FsError("invalid");
    const wantsWrite = (rights & BigInt(wasi.RIGHTS_FD_WRITE)) !== 0n;
    const directory = (oflags & wasi.OFLAGS_DIRECTORY) !== 0;
    const node = openAt(this.node, path, {
      follow: followsLinks(dirflags),
      create: (oflags & wasi.OFLAGS_CREAT) !== 0,
      exclusive: (oflags & wasi.OFLAGS_EXCL) !== 0,
      truncate: (oflags & wasi.OFLAGS_TRUNC) !== 0,
      directory,
      read: (rights & BigInt(wasi.RIGHTS_FD_READ | wasi.RIGHTS_FD_READDIR)) !== 0n,
      // Programs ask for every right on a directory, which can never be written to as a file.
      write: wantsWrite && !directory,
      kept: keptFlags(flags),
    });
    const fd = node.directory === undefined ? new FileFd(node, flags) : new DirectoryFd(node);
    return { ret: wasi.ERRNO_SUCCESS, fd_obj: fd };
  }

  override path_remove_directory(path: string): number {
    paths.removeDirectoryAt(this.#at(path));
    return wasi.ERRNO_SUCCESS;
  }

  override path_unlink_file(path: string): number {
    paths.unlinkFileAt(this.#at(path));
    return wasi.ERRNO_SUCCESS;
  }

  override rename(path: string, target: Fd, targetPath: string): void {
    paths.renameAt(this.#at(path), directoryFd(target).#at(targetPath));
  }

  override link(follow: boolean, path: string, target: Fd, targetPath: string): void {
    paths.linkAt(this.#at(path), follow, directoryFd(target).#at(targetPath));
  }

  override symlink(content: string, path: string): void {
    paths.symlinkAt(content, this.#at(path));
  }

  override readlink(path: string): string {
    return paths.readlinkAt(this.#at(path));
  }

  #at(path: string): paths.GuestPath {
    return { node: this.node, path };
  }

  /** wasi-libc asks again for each entry whose number is 0; one that vanished meanwhile has none. */
  #inodeOf(name: string): bigint {
    const path = childPath(requireDirectory(this.node), name);
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? 0n;
  }
}

/** A directory has no position: its cookies do without. */
const positions = BigInt(wasi.RIGHTS_FD_SEEK | wasi.RIGHTS_FD_TELL);

interface NamedEntry {
  readonly name: string;
  readonly type: DescriptorType;
}

/** Entries whose names are text: a cookie could not pass an error for the others. */
function namedEntries(node: Node): readonly NamedEntry[] {
  return listDirectory(node).flatMap(({ name, type }) => (name === undefined ? [] : [{ name, type }]));
}

function directoryFd(fd: Fd): DirectoryFd {
  if (!(fd instanceof DirectoryFd)) throw new FsError("not-directory");
  return fd;
}

function dirent(cookie: bigint, inode: bigint, name: string, type: number) {
  return { ret: wasi.ERRNO_SUCCESS, dirent: new wasi.Dirent(cookie + 1n, inode, name, type) };
}

const everyOpenFlag = wasi.OFLAGS_CREAT | wasi.OFLAGS_DIRECTORY | wasi.OFLAGS_EXCL | wasi.OFLAGS_TRUNC;
