import { closeSync, openSync } from "node:fs";
import { tooManyFiles } from "../io/system-errors.ts";

/** Open files of one instance. Far above what programs use, far below what a process may hold. */
const filesPerInstance = 512;
/** Permissions of new files and directories, narrowed by the process's umask. */
export const newFileMode = 0o666;

/** A descriptor of the operating system, closed when its last holder lets go. */
export interface SharedFd {
  readonly fd: number;
  retain(): SharedFd;
  release(): void;
}

/** Every descriptor that an instance holds open; disposing closes them all. */
export class OpenFiles implements Disposable {
  readonly #open = new Set<number>();

  /** @throws FsError `quota` when the instance holds too many. */
  open(path: string, flags: number): SharedFd {
    if (this.#open.size >= filesPerInstance) throw tooManyFiles();
    const fd = openSync(path, flags, newFileMode);
    this.#open.add(fd);
    return this.#share(fd);
  }

  [Symbol.dispose](): void {
    for (const fd of this.#open) closeSync(fd);
    this.#open.clear();
  }

  #share(fd: number): SharedFd {
    let holders = 1;
    const shared: SharedFd = {
      fd,
      retain() {
        holders += 1;
        return shared;
      },
      release: () => {
        holders -= 1;
        // After the instance has ended the number may belong to somebody else.
        if (holders === 0 && this.#open.delete(fd)) closeSync(fd);
      },
    };
    return shared;
  }
}
