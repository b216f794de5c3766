import { Fd } from "@bjorn3/browser_wasi_shim";
import type { ByteReader } from "./byte-reader.ts";
import type { SinkFlow } from "./output-stream.ts";
import { FsError } from "./system-errors.ts";

/** Output that is written no more than it has room for. */
export interface FdOutput extends SinkFlow {
  write(bytes: Uint8Array): void;
  isFlushed(): boolean;
}

/**
 * A preview-1 descriptor of ours. Where the shim's interface has no room for what real files need (renaming between
 * directories, waiting input), it has methods of its own. Methods throw; the binder turns that into error numbers.
 */
export class HostFd extends Fd {
  /** Set for input that may have to be waited for. */
  get input(): ByteReader | undefined {
    return undefined;
  }

  /** Set for output that can be full. */
  get output(): FdOutput | undefined {
    return undefined;
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

  override fd_fdstat_set_rights(): number {
    return 0;
  }
}
