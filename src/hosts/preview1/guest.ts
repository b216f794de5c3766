import { type Fd, wasi } from "@bjorn3/browser_wasi_shim";
import { WeftError } from "../../core/errors.ts";
import type { InstanceContext } from "../context.ts";
import { HostFd } from "../io/host-fd.ts";
import { FsError } from "../io/system-errors.ts";
import type { Preview1Parts } from "./parts.ts";

/** PATH_MAX of Linux. */
const pathBytes = 4_096;

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

  /** @throws WeftError a trap, for a module that has none to write to, or calls before it is known. */
  get memory(): WebAssembly.Memory {
    if (this.#memory === undefined) {
      const problem = "called a function of WASI preview 1 without a memory: export one named memory";
      throw new WeftError("TRAP_MEMORY_OUT_OF_BOUNDS", `${this.instance.id} ${problem}`);
    }
    return this.#memory;
  }

  /** A view of the memory as it is now; gone when it grows. */
  view(): DataView {
    return new DataView(this.memory.buffer);
  }

  /** @throws RangeError when it is not inside the memory. */
  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  /** Bytes for the system to read: a copy if other threads share the memory, which decoders and files refuse. */
  readable(at: number, length: number): Uint8Array {
    const bytes = this.bytes(at, length);
    return bytes.buffer instanceof SharedArrayBuffer ? Uint8Array.from(bytes) : bytes;
  }

  /** @throws FsError `illegal-byte-sequence` when it is not UTF-8, `name-too-long`; RangeError. */
  text(at: number, length: number): string {
    const bytes = this.readable(at, length);
    if (length > pathBytes) throw new FsError("name-too-long");
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

  /** The rights that the guest gave up on a descriptor. */
  withheld(number: number): bigint {
    const fd = this.fds[number];
    return fd instanceof HostFd ? fd.withheld : 0n;
  }

  /** Gives a descriptor the lowest number that is free. */
  addFd(fd: Fd): number {
    const free = this.fds.findIndex((each, number) => number > wasi.FD_STDERR && each === undefined);
    const number = free < 0 ? this.fds.length : free;
    this.fds[number] = fd;
    return number;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
