import { closeSync, constants, existsSync, openSync, readlinkSync } from "node:fs";
import { FsError, systemErrorName } from "../io/system-errors.ts";
import { decodeName } from "./names.ts";

/**
 * An open directory and how to name what is in it. On Linux that is through its descriptor (`/proc/self/fd/N/name`, the
 * `openat` that Node lacks): a directory that is moved or replaced by a link meanwhile changes nothing. Elsewhere it is
 * by path, and a guest that races another program on the same mount is not held as tightly.
 */
export interface Directory {
  readonly fd: number;
  readonly base: string;
}

const byDescriptor = existsSync("/proc/self/fd");
/** Linux's O_PATH, which Node does not name: enough to walk through a directory that may not be listed. */
const openToWalk = byDescriptor ? 0o10000000 : constants.O_RDONLY;
/** As many links as Linux follows in one path. */
const linksPerPath = 40;
/** PATH_MAX of Linux. */
const pathLength = 4096;

/** The directory of an open descriptor. */
export function directoryOf(fd: number, path: string): Directory {
  return { fd, base: descriptorPath(fd) ?? path };
}

/** A path that means an open descriptor, where the system has one. */
export function descriptorPath(fd: number): string | undefined {
  return byDescriptor ? `/proc/self/fd/${fd}` : undefined;
}

/** The path of a name in a directory, for the operating system. The name must be one component. */
export function childPath(directory: Directory, name: string): string {
  return `${directory.base}/${name}`;
}

/** Where a guest's path leads: a name in an open directory, `.` for the directory itself. */
export interface Place extends Disposable {
  readonly path: string;
  readonly name: string;
  /** The path asked for a directory by ending in a slash. */
  readonly mustBeDirectory: boolean;
}

/**
 * Walks a path component by component from `base`, opening each directory without following links, and following links
 * itself. Never leaves `base`: `..` goes back the way it came, and not further.
 * @throws FsError `not-permitted` for a path, or a link in it, that leads out or is absolute.
 */
export function locate(base: Directory, path: string, follow: boolean): Place {
  const walk = new Walk(base);
  try {
    return walk.to(path, follow);
  } catch (error) {
    walk[Symbol.dispose]();
    throw error;
  }
}

class Walk implements Disposable {
  readonly #base: Directory;
  readonly #entered: Directory[] = [];
  /** Components still to go, the next one last. */
  readonly #ahead: string[] = [];
  #links = 0;
  #mustBeDirectory = false;

  constructor(base: Directory) {
    this.#base = base;
  }

  to(path: string, follow: boolean): Place {
    if (path === "") throw new FsError("no-entry");
    this.#prepend(path);
    for (;;) {
      const name = this.#ahead.pop();
      if (name === undefined) return this.#place(".");
      if (name === "..") this.#leave();
      else if (this.#ahead.length > 0) this.#enter(name);
      else {
        const target = follow || this.#mustBeDirectory ? readLink(childPath(this.#here(), name)) : undefined;
        if (target === undefined) return this.#place(name);
        this.#followLink(target);
      }
    }
  }

  [Symbol.dispose](): void {
    for (const directory of this.#entered.splice(0)) closeSync(directory.fd);
  }

  #here(): Directory {
    return this.#entered.at(-1) ?? this.#base;
  }

  #place(name: string): Place {
    return {
      path: childPath(this.#here(), name),
      name,
      mustBeDirectory: this.#mustBeDirectory,
      [Symbol.dispose]: () => this[Symbol.dispose](),
    };
  }

  #prepend(path: string): void {
    if (path.startsWith("/")) throw new FsError("not-permitted");
    if (path.length > pathLength) throw new FsError("name-too-long");
    if (path.includes("\0")) throw new FsError("invalid");
    const parts = path.split("/");
    const end = parts.at(-1);
    if (this.#ahead.length === 0 && (end === "" || end === "." || end === "..")) this.#mustBeDirectory = true;
    this.#ahead.push(...parts.filter((part) => part !== "" && part !== ".").toReversed());
  }

  #leave(): void {
    const directory = this.#entered.pop();
    if (directory === undefined) throw new FsError("not-permitted");
    closeSync(directory.fd);
  }

  #enter(name: string): void {
    const path = childPath(this.#here(), name);
    try {
      const fd = openSync(path, openToWalk | constants.O_DIRECTORY | constants.O_NOFOLLOW);
      this.#entered.push(directoryOf(fd, path));
    } catch (error) {
      const target = isMaybeLink(error) ? readLink(path) : undefined;
      if (target === undefined) throw error;
      this.#followLink(target);
    }
  }

  #followLink(target: string): void {
    this.#links += 1;
    if (this.#links > linksPerPath) throw new FsError("loop");
    this.#prepend(target);
  }
}

/** What a symbolic link says. @throws FsError `illegal-byte-sequence` when that is not UTF-8. */
export function linkContent(path: string): string {
  const content = decodeName(readlinkSync(path, "buffer"));
  if (content === undefined) throw new FsError("illegal-byte-sequence");
  return content;
}

function isMaybeLink(error: unknown): boolean {
  const name = systemErrorName(error);
  return name === "ENOTDIR" || name === "ELOOP";
}

/** Where a symbolic link points; undefined when there is none at the path. */
function readLink(path: string): string | undefined {
  try {
    return linkContent(path);
  } catch (error) {
    const name = systemErrorName(error);
    // EINVAL: it is something else than a link.
    if (name === "EINVAL" || name === "ENOENT") return undefined;
    throw error;
  }
}
