import { type BigIntStats, constants, fstatSync } from "node:fs";
import type { InstanceContext } from "../context.ts";
import { WeftError } from "../../core/errors.ts";
import { childPath, descriptorPath, type Directory, directoryOf, locate } from "./directory.ts";
import { fsCode, FsError, systemErrorName } from "../io/system-errors.ts";
import type { OpenFiles, SharedFd } from "./open-files.ts";

/** An open file or directory of a guest: what both WASI versions call a descriptor. */
export interface Node {
  readonly handle: SharedFd;
  /** Set for a directory: where paths relative to it begin. */
  readonly directory: Directory | undefined;
  readonly access: Access;
  readonly files: OpenFiles;
}

/** What may be done with an open node. */
export interface Access {
  readonly read: boolean;
  readonly write: boolean;
  /** The mount is read-only: nothing in it can be changed, whatever the node was opened for. */
  readonly readOnlyMount: boolean;
  /** Flags of the operating system that stay in force: O_APPEND, O_SYNC, O_DSYNC. */
  readonly kept: number;
}

/** How a guest wants to open a path. */
export interface OpenRequest {
  readonly follow: boolean;
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
  readonly directory: boolean;
  readonly read: boolean;
  readonly write: boolean;
  readonly kept: number;
}

/** A mounted directory, open. */
export interface OpenMount {
  readonly guest: string;
  readonly node: Node;
}

/**
 * Opens the directories that an instance was given, sorted by their path in the guest; after them its working directory.
 * @throws WeftError `FILE_NOT_FOUND` when one of them is not there.
 */
export function openMounts(instance: InstanceContext, files: OpenFiles): OpenMount[] {
  const sorted = instance.mounts.toSorted((a, b) => (a.guest < b.guest ? -1 : 1));
  const mounts = sorted.map((mount) => {
    const handle = openMount(instance, files, mount);
    const access = { read: true, write: false, readOnlyMount: mount.readOnly, kept: 0 };
    return { guest: mount.guest, node: { handle, directory: directoryOf(handle.fd, mount.path), access, files } };
  });
  return [...mounts, ...openWorkingDirectory(instance, mounts)];
}

/**
 * The working directory as the mount `.`: what standard libraries look relative paths up in. Theirs begins as `/`, so
 * they take `.` for that, and one in a mount at `/` needs its own name besides. One outside of the mounts is only a name.
 */
function openWorkingDirectory({ id, cwd }: InstanceContext, mounts: readonly OpenMount[]): OpenMount[] {
  if (cwd === "" || cwd === "/") return [];
  const around = mounts.findLast(({ guest }) => guest === "/" || cwd === guest || cwd.startsWith(`${guest}/`));
  if (around === undefined) return [];
  const below = cwd.slice(around.guest.length).replace(/^\//, "");
  const open = (): Node => openAt(around.node, below === "" ? "." : below, workingDirectory);
  try {
    const here = { guest: ".", node: open() };
    return around.guest === "/" ? [{ guest: cwd, node: open() }, here] : [here];
  } catch (cause) {
    const why = fsCode(cause) ?? "it cannot be opened";
    throw new WeftError("FILE_NOT_FOUND", `${id}: the working directory ${cwd} is missing (${why})`, { cause });
  }
}

const workingDirectory: OpenRequest = {
  follow: true,
  create: false,
  exclusive: false,
  truncate: false,
  directory: true,
  read: true,
  write: false,
  kept: 0,
};

function openMount(instance: InstanceContext, files: OpenFiles, mount: InstanceContext["mounts"][number]): SharedFd {
  try {
    return files.open(mount.path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (cause) {
    const why = systemErrorName(cause) ?? "it cannot be opened";
    throw new WeftError(
      "FILE_NOT_FOUND",
      `${instance.id}: the directory mounted at ${mount.guest} is missing (${why})`,
      {
        cause,
      },
    );
  }
}

/** Opens a path below a directory. */
export function openAt(parent: Node, path: string, request: OpenRequest): Node {
  const changes = request.write || request.create || request.truncate;
  if (changes && parent.access.readOnlyMount) throw new FsError("read-only");
  if (request.create && request.directory) throw new FsError("invalid");
  // An exclusive create refuses a link instead of following it.
  const fresh = request.create && request.exclusive;
  using place = locate(requireDirectory(parent), path, request.follow && !fresh);
  // Nobody makes a directory by opening it.
  if (request.create && place.mustBeDirectory) throw new FsError("is-directory");
  const asDirectory = request.directory || place.mustBeDirectory;
  const handle = parent.files.open(place.path, openFlags(request, asDirectory));
  const isDirectory = fstatSync(handle.fd).isDirectory();
  return {
    handle,
    directory: isDirectory ? directoryOf(handle.fd, place.path) : undefined,
    access: {
      read: request.read,
      write: request.write,
      readOnlyMount: parent.access.readOnlyMount,
      kept: request.kept,
    },
    files: parent.files,
  };
}

function openFlags(request: OpenRequest, asDirectory: boolean): number {
  const always = constants.O_NOFOLLOW | neverWaits | request.kept;
  if (asDirectory) return always | constants.O_RDONLY | constants.O_DIRECTORY;
  return (
    always |
    accessMode(request) |
    (request.create ? constants.O_CREAT : 0) |
    // On its own it means nothing.
    (request.create && request.exclusive ? constants.O_EXCL : 0) |
    (request.truncate ? constants.O_TRUNC : 0)
  );
}

// Without O_NONBLOCK, opening a pipe would block the thread until somebody opens its other end. A terminal that is
// opened must not become the one that controls this process.
const neverWaits = constants.O_NONBLOCK | constants.O_NOCTTY;

function accessMode({ read, write }: { readonly read: boolean; readonly write: boolean }): number {
  if (!write) return constants.O_RDONLY;
  return read ? constants.O_RDWR : constants.O_WRONLY;
}

/** The same open file with other flags in force; the node itself where the system cannot open a file once more. */
export function withKept(node: Node, kept: number): Node {
  const handle = reopen(node, accessMode(node.access) | neverWaits | kept);
  if (handle === undefined) return node;
  node.handle.release();
  return { ...node, handle, access: { ...node.access, kept } };
}

/** Opens the node's file once more with other flags, where the system allows it; undefined elsewhere. */
export function reopen(node: Node, flags: number): SharedFd | undefined {
  const path = descriptorPath(node.handle.fd);
  return path === undefined ? undefined : node.files.open(path, flags);
}

/** @throws FsError `not-directory` for a file. */
export function requireDirectory(node: Node): Directory {
  if (node.directory === undefined) throw new FsError("not-directory");
  return node.directory;
}

/** The directory of a node whose content may be changed. @throws FsError `read-only`, `not-directory`. */
export function requireChangeable(node: Node): Directory {
  if (node.access.readOnlyMount) throw new FsError("read-only");
  return requireDirectory(node);
}

/** What the system knows about an open node. */
export function statNode(node: Node): BigIntStats {
  return fstatSync(node.handle.fd, { bigint: true });
}

/** The path of the directory itself, for listing it. */
export function listingPath(node: Node): string {
  return childPath(requireDirectory(node), ".");
}
