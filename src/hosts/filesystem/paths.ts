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
import { linkContent, locate, type Place } from "./directory.ts";
import { FsError } from "../io/system-errors.ts";
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
  const stats = statPlace(place);
  if (changesNothing(times)) return;
  const { accessed, modified } = resolveTimes(times, stats);
  lutimesSync(place.path, accessed, modified);
}

export function createDirectoryAt({ node, path }: GuestPath): void {
  using place = locate(requireChangeable(node), withoutSlash(path), false);
  if (place.name === ".") throw new FsError("exist");
  mkdirSync(place.path);
}

export function removeDirectoryAt({ node, path }: GuestPath): void {
  using place = locate(requireChangeable(node), withoutSlash(path), false);
  // The directory that a descriptor stands for has no name here that could be removed.
  if (place.name === ".") throw new FsError("invalid");
  rmdirSync(place.path);
}

export function unlinkFileAt({ node, path }: GuestPath): void {
  using place = locate(requireChangeable(node), path, false);
  if (place.name === ".") throw new FsError("is-directory");
  const isDirectory = statPlace(place).isDirectory();
  // macOS reports a directory as EPERM.
  if (isDirectory) throw new FsError("is-directory");
  unlinkSync(place.path);
}

/** Both ends must be changeable: the old name goes away. */
export function renameAt(from: GuestPath, to: GuestPath): void {
  using source = locate(requireChangeable(from.node), withoutSlash(from.path), false);
  using target = locate(requireChangeable(to.node), withoutSlash(to.path), false);
  if (source.name === "." || target.name === ".") throw new FsError("invalid");
  if (from.path.endsWith("/") && !statPlace(source).isDirectory()) throw new FsError("not-directory");
  renameSync(source.path, target.path);
}

/**
 * A second name for a file. Both ends must be changeable, or a guest could write to a file of a read-only mount by its
 * new name.
 */
export function linkAt(from: GuestPath, follow: boolean, to: GuestPath): void {
  using source = locate(requireChangeable(from.node), from.path, follow);
  using target = locate(requireChangeable(to.node), to.path, false);
  if (target.mustBeDirectory) throw new FsError("no-entry");
  linkSync(source.path, target.path);
}

/** @throws FsError `not-permitted` for a link to an absolute path: none can be followed. */
export function symlinkAt(content: string, { node, path }: GuestPath): void {
  if (content.startsWith("/")) throw new FsError("not-permitted");
  if (content === "" || content.includes("\0")) throw new FsError("invalid");
  using place = locate(requireChangeable(node), path, false);
  if (place.mustBeDirectory) throw new FsError("no-entry");
  symlinkSync(content, place.path);
}

/** @throws FsError `not-permitted` for a link to an absolute path, which would tell about the host; `illegal-byte-sequence`. */
export function readlinkAt({ node, path }: GuestPath): string {
  using place = locate(requireDirectory(node), path, false);
  const content = linkContent(place.path);
  if (content.startsWith("/")) throw new FsError("not-permitted");
  return content;
}

function statPlace(place: Place): BigIntStats {
  const stats = lstatSync(place.path, { bigint: true });
  if (place.mustBeDirectory && !stats.isDirectory()) throw new FsError("not-directory");
  return stats;
}

/** A directory may be named with a slash at its end also where a link there must not be followed. */
function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}

/** Flags that stay in force on an open file, by what they promise. */
export const keptFlags = { append: constants.O_APPEND, sync: constants.O_SYNC, dataSync: constants.O_DSYNC } as const;
