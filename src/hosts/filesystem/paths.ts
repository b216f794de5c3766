import {
  type BigIntStats,
  constants,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { type Directory, linkContent, locate, type Place } from "./directory.ts";
import { type FsCode, FsError } from "../io/system-errors.ts";
import { type Node, requireChangeable, requireDirectory } from "./node.ts";
import { changesNothing, type NewTimes, resolveTimes } from "./times.ts";

/** A path as a guest gives it: relative to one of its open directories. */
export interface GuestPath {
  readonly node: Node;
  readonly path: string;
}

/** What is at a path. */
export function statAt({ node, path }: GuestPath, follow: boolean): BigIntStats {
  using place = locate(requireDirectory(node), path, follow);
  return statPlace(place);
}

/** Sets access and modification time of what is at a path. */
export function setTimesAt({ node, path }: GuestPath, follow: boolean, times: NewTimes): void {
  using place = locate(requireChangeable(node), path, follow);
  statPlace(place);
  if (changesNothing(times)) return;
  const { accessed, modified } = resolveTimes(times);
  lutimesSync(place.path, accessed, modified);
}

export function createDirectoryAt({ node, path }: GuestPath): void {
  using place = locateName(requireChangeable(node), path, "exist");
  mkdirSync(place.path);
}

export function removeDirectoryAt({ node, path }: GuestPath): void {
  // The directory that a descriptor stands for has no name here that could be removed.
  using place = locateName(requireChangeable(node), path, "invalid");
  rmdirSync(place.path);
}

export function unlinkFileAt({ node, path }: GuestPath): void {
  using place = locateName(requireChangeable(node), path, "is-directory");
  // macOS reports a directory as EPERM.
  if (lstatSync(place.path).isDirectory()) throw new FsError("is-directory");
  if (place.mustBeDirectory) throw new FsError("not-directory");
  unlinkSync(place.path);
}

/** Both ends must be changeable: the old name goes away. */
export function renameAt(from: GuestPath, to: GuestPath): void {
  using source = locateName(requireChangeable(from.node), from.path, "busy");
  using target = locateName(requireChangeable(to.node), to.path, "busy");
  const asksDirectory = source.mustBeDirectory || target.mustBeDirectory;
  if (asksDirectory && !lstatSync(source.path).isDirectory()) throw new FsError("not-directory");
  renameSync(source.path, target.path);
}

/**
 * A second name for a file. Both ends must be changeable, or a guest could write to a file of a read-only mount by its
 * new name.
 */
export function linkAt(from: GuestPath, follow: boolean, to: GuestPath): void {
  using source = locate(requireChangeable(from.node), from.path, follow);
  statPlace(source);
  using target = locateName(requireChangeable(to.node), to.path, "exist");
  requireNewFile(target);
  linkSync(source.path, target.path);
}

/** @throws FsError `not-permitted` for a link to an absolute path: none can be followed. */
export function symlinkAt(content: string, { node, path }: GuestPath): void {
  if (content.startsWith("/")) throw new FsError("not-permitted");
  if (content === "" || content.includes("\0")) throw new FsError("invalid");
  using place = locateName(requireChangeable(node), path, "exist");
  requireNewFile(place);
  symlinkSync(content, place.path);
}

/** @throws FsError `not-permitted` for a link to an absolute path, which would tell about the host; `illegal-byte-sequence`. */
export function readlinkAt({ node, path }: GuestPath): string {
  using place = locate(requireDirectory(node), path, false);
  if (place.mustBeDirectory) statPlace(place);
  const content = linkContent(place.path);
  if (content.startsWith("/")) throw new FsError("not-permitted");
  return content;
}

function statPlace(place: Place): BigIntStats {
  const stats = lstatSync(place.path, { bigint: true });
  if (place.mustBeDirectory && !stats.isDirectory()) throw new FsError("not-directory");
  return stats;
}

/**
 * The place of a name that is to be made or taken away: a link there is not followed, even with a slash behind it.
 * @throws FsError `ofDot` for `.` and `..`, which are no such names.
 */
function locateName(directory: Directory, path: string, ofDot: FsCode): Place {
  const bare = path.replace(/(?<=[^/])\/+$/, "");
  if (/(?:^|\/)\.\.?$/.test(bare)) {
    using place = locate(directory, path, true);
    statPlace(place);
    throw new FsError(ofDot);
  }
  return Object.assign(locate(directory, bare, false), { mustBeDirectory: bare !== path });
}

/** Neither a link nor a second name of a file can be made where a slash asks for a directory. */
function requireNewFile(target: Place): void {
  if (!target.mustBeDirectory) return;
  const exists = lstatSync(target.path, { throwIfNoEntry: false }) !== undefined;
  throw new FsError(exists ? "exist" : "no-entry");
}

/** Flags that stay in force on an open file, by what they promise. */
export const keptFlags = { append: constants.O_APPEND, sync: constants.O_SYNC, dataSync: constants.O_DSYNC } as const;
