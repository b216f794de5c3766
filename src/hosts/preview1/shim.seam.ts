// Seam for browser_wasi_shim, whose functions are untyped and whose memory is set from outside.
import { type Fd, WASI } from "@bjorn3/browser_wasi_shim";

/** A function of preview 1 as WebAssembly calls it: every number already unsigned. */
export type Preview1Function = (...args: never[]) => number | void | Promise<number>;

/** What the shim is opened with. */
export interface ShimParts {
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** Shared with the shim: a number without a descriptor has none for either. */
  readonly fds: (Fd | undefined)[];
  /** Asked for at each call; throws while there is none. */
  readonly memory: () => WebAssembly.Memory;
}

/** Makes the shim's functions by name for one instance, without its debug log. */
export function openShim({ args, env, fds, memory }: ShimParts): Readonly<Record<string, Preview1Function>> {
  const shim = new WASI([...args], [...env], fds as Fd[], { debug: false });
  shim.inst = {
    exports: {
      get memory() {
        return memory();
      },
    },
  };
  return shim.wasiImport as Record<string, Preview1Function>;
}

/** Calls a function with the numbers that WebAssembly gave it: i32 arrives signed, and everything here is unsigned. */
export function callUnsigned(
  func: Preview1Function,
  args: readonly (number | bigint)[],
): number | void | Promise<number> {
  return func(...(args.map((arg) => (typeof arg === "number" ? arg >>> 0 : arg)) as never[]));
}
