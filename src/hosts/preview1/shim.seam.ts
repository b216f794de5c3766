// Seam for browser_wasi_shim, whose functions are untyped and whose memory is set from outside.
import { type Fd, WASI } from "@bjorn3/browser_wasi_shim";

/** A function of preview 1 as WebAssembly calls it: every number already unsigned. */
export type Preview1Function = (...args: never[]) => number | void | Promise<number>;

/** The shim's functions by name, over descriptors that may be changed from outside. */
export interface Shim {
  readonly functions: Readonly<Record<string, Preview1Function>>;
  readonly fds: (Fd | undefined)[];
  attach(memory: WebAssembly.Memory): void;
}

/** Makes the shim's functions for one instance, without its debug log. */
export function openShim(args: readonly string[], env: readonly string[], fds: Fd[]): Shim {
  const shim = new WASI([...args], [...env], fds, { debug: false });
  return {
    functions: shim.wasiImport as Record<string, Preview1Function>,
    fds: shim.fds,
    attach(memory) {
      shim.inst = { exports: { memory } };
    },
  };
}

/** Calls a function with the numbers that WebAssembly gave it: i32 arrives signed, and everything here is unsigned. */
export function callUnsigned(
  func: Preview1Function,
  args: readonly (number | bigint)[],
): number | void | Promise<number> {
  return func(...(args.map((arg) => (typeof arg === "number" ? arg >>> 0 : arg)) as never[]));
}
