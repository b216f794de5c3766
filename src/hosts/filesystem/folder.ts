import { constants, readdirSync } from "node:fs";
import { WeftError } from "../../core/errors.ts";
import { fsCode, FsError, type FsCode } from "../io/system-errors.ts";
import { directoryOf } from "./directory.ts";
import { listingPath, openAt, type Node, type OpenRequest } from "./node.ts";
import type { OpenFiles } from "./open-files.ts";
import { createDirectoryAt, keptFlags, removeDirectoryAt, statAt, unlinkFileAt } from "./paths.ts";
import { typeOf } from "./stats.ts";

/** How a file can be opened, by the words that programs use. */
const modes = {
  r: { read: true },
  w: { write: true, create: true, truncate: true },
  wx: { write: true, create: true, exclusive: true },
  a: { write: true, create: true, kept: keptFlags.append },
  "r+": { read: true, write: true },
  "w+": { read: true, write: true, create: true, truncate: true },
  "a+": { read: true, write: true, create: true, kept: keptFlags.append },
} as const satisfies Record<string, Partial<OpenRequest>>;

const plain: OpenRequest = {
  follow: true,
  create: false,
  exclusive: false,
  truncate: false,
  directory: false,
  read: false,
  write: false,
  kept: 0,
};

/** What is at a path, as programs see it. */
export interface PathInfo {
  readonly name: string;
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Unix time in seconds. */
  readonly modified: number;
  readonly is_dir: boolean;
  readonly type: "file" | "directory";
}

/** A directory that a program works in, with a working directory of its own. Paths are relative to that, or absolute from the root. */
export class Folder {
  readonly #root: Node;
  #cwd: readonly string[] = [];

  constructor(root: Node) {
    this.#root = root;
  }

  /** Opens a real directory; `files` holds its descriptor. */
  static open(files: OpenFiles, path: string): Node {
    const handle = files.open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    const access = { read: true, write: false, readOnlyMount: false, kept: 0 };
    return { handle, directory: directoryOf(handle.fd, path), access, files };
  }

  get cwd(): string {
    return `/${this.#cwd.join("/")}`;
  }

  changeDirectory(path: string): void {
    named(path, () => {
      if (!statAt({ node: this.#root, path: this.#path(path) }, true).isDirectory()) throw new FsError("not-directory");
    });
    this.#cwd = this.#steps(path);
  }

  openFile(path: string, mode: string): Node {
    if (!isMode(mode)) {
      throw new WeftError("INVALID_ARGUMENT", `"${mode}" is no way to open a file: ${Object.keys(modes).join(", ")}`);
    }
    return named(path, () => {
      const node = openAt(this.#root, this.#path(path), { ...plain, ...modes[mode] });
      if (node.directory === undefined) return node;
      node.handle.release();
      throw new FsError("is-directory");
    });
  }

  stat(path: string): PathInfo {
    const info = named(path, () => statAt({ node: this.#root, path: this.#path(path) }, true));
    const isDirectory = info.isDirectory();
    return {
      name: this.#steps(path).at(-1) ?? "/",
      size: Number(info.size),
      mode: Number(info.mode) & 0o7777,
      modified: Math.floor(Number(info.mtimeMs) / 1_000),
      is_dir: isDirectory,
      type: isDirectory ? "directory" : "file",
    };
  }

  /** What is at a path, or undefined when nothing is. */
  find(path: string): PathInfo | undefined {
    try {
      return this.stat(path);
    } catch (error) {
      if (error instanceof WeftError && error.code === "FILE_NOT_FOUND") return undefined;
      throw error;
    }
  }

  makeDirectory(path: string): void {
    named(path, () => createDirectoryAt({ node: this.#root, path: this.#path(path) }));
  }

  /** Removes a file, or a directory that is empty. */
  remove(path: string): void {
    named(path, () => {
      const at = { node: this.#root, path: this.#path(path) };
      if (statAt(at, false).isDirectory()) removeDirectoryAt(at);
      else unlinkFileAt(at);
    });
  }

  /** What a directory holds, by name. */
  list(path: string): readonly { readonly name: string; readonly type: "file" | "directory" }[] {
    return named(path, () => {
      const node = openAt(this.#root, this.#path(path), { ...plain, directory: true, read: true });
      try {
        return readdirSync(listingPath(node), { withFileTypes: true })
          .map((item) => ({ name: item.name, type: typeOf(item) === "directory" ? "directory" : "file" }) as const)
          .toSorted((a, b) => (a.name < b.name ? -1 : 1));
      } finally {
        node.handle.release();
      }
    });
  }

  /** The path from the root, for the host. */
  #path(path: string): string {
    const steps = this.#steps(path);
    return steps.length === 0 ? "." : `${steps.join("/")}${path.endsWith("/") ? "/" : ""}`;
  }

  #steps(path: string): readonly string[] {
    if (path === "") throw new WeftError("INVALID_ARGUMENT", "a path is required");
    const steps: string[] = path.startsWith("/") ? [] : [...this.#cwd];
    for (const step of path.split("/")) {
      if (step === "" || step === ".") continue;
      if (step !== "..") steps.push(step);
      else if (steps.pop() === undefined) throw fileError(new FsError("not-permitted"), path);
    }
    return steps;
  }
}

function isMode(text: string): text is keyof typeof modes {
  return Object.hasOwn(modes, text);
}

/** Runs an operation on a path; what fails says so with the program's own path. */
function named<Result>(path: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw fileError(error, path);
  }
}

const denied: readonly FsCode[] = ["access", "not-permitted", "read-only"];
const temporary: readonly FsCode[] = ["busy", "insufficient-space", "quota", "would-block"];

/** The failure that programs are told of; bugs stay what they are. */
export function fileError(error: unknown, path: string): unknown {
  const code = error instanceof WeftError ? undefined : fsCode(error);
  if (code === undefined) return error;
  const message = `${path}: ${explanations[code] ?? code}`;
  const details = { path, reason: code };
  if (code === "no-entry") return new WeftError("FILE_NOT_FOUND", message, { details, cause: error });
  if (code === "exist") return new WeftError("FILE_EXISTS", message, { details, cause: error });
  if (denied.includes(code)) return new WeftError("PATH_DENIED", message, { details, cause: error });
  const kind = temporary.includes(code) ? "Unavailable" : code === "io" ? "Internal" : "Invalid";
  return new WeftError("FILE_UNUSABLE", message, { kind, details, cause: error });
}

const explanations: Partial<Record<FsCode, string>> = {
  "no-entry": "file not found",
  exist: "it exists already",
  "not-permitted": "not allowed: a path may not leave its filesystem",
  access: "not allowed by the operating system",
  "read-only": "the filesystem is read-only",
  "is-directory": "it is a directory",
  "not-directory": "it is not a directory",
  "not-empty": "the directory is not empty",
  quota: "too many files are open",
  "insufficient-space": "the disk is full",
};
