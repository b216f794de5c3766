import { type Fd, wasi } from "@bjorn3/browser_wasi_shim";
import type { InstanceContext } from "../context.ts";
import { HostFd } from "../io/host-fd.ts";
import { FsError } from "../io/system-errors.ts";
import type { Preview1Parts } from "./parts.ts";

/** A preview-1 guest as its host functions see it: its memory and its descriptors. */
export class Guest {
  readonly instance: InstanceContext;
  readonly parts: Preview1Parts;
  readonly fds: (Fd | undefined)[];
  #memory: WebAssembly.Memory | undefined;

  constructor(instance: InstanceContext, parts: Preview1Parts, fds: (Fd | undefined)[]) {
    this.instance = instance;
    this.parts = parts;
    this.fds = fds;
  }

  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  /** A view of the memory as it is now; gone when it grows. */
  view(): DataView {
    return new DataView(this.#buffer());
  }

  /** @throws RangeError when it is not inside the memory. */
  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#buffer(), at, length);
  }

  /** @throws FsError `illegal-byte-sequence` when it is not UTF-8. */
  text(at: number, length: number): string {
    const bytes = this.bytes(at, length);
    try {
      return utf8.decode(bytes);
    } catch {
      throw new FsError("illegal-byte-sequence");
    }
  }

  /** @throws FsError `bad-descriptor` when there is none of that number. */
  fd(number: number): HostFd {
    const fd = this.fds[number];
    if (!(fd instanceof HostFd)) throw new FsError("bad-descriptor");
    return fd;
  }

  /** Gives a descriptor the lowest number that is free. */
  addFd(fd: Fd): number {
    const free = this.fds.findIndex((each, number) => number > wasi.FD_STDERR && each === undefined);
    const number = free < 0 ? this.fds.length : free;
    this.fds[number] = fd;
    return number;
  }

  #buffer(): ArrayBuffer {
    if (this.#memory === undefined)
      throw new Error("a preview-1 function was called before the module's memory is known");
    return this.#memory.buffer;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
