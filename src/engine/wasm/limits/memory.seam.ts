// Seam for WebAssembly.Memory: Node's types know neither 64-bit addresses nor whose buffer may be viewed.
import type { CoreLimits } from "../program.ts";

type AnyMemory = new (descriptor: object) => WebAssembly.Memory;

/** A memory of zeros. @throws RangeError when the system has no room for it. */
export function makeMemory({ min, max, shared, wide }: CoreLimits): WebAssembly.Memory {
  const size = (pages: number) => (wide ? BigInt(pages) : pages);
  return new (WebAssembly.Memory as AnyMemory)({
    initial: size(min),
    ...(max === undefined ? {} : { maximum: size(max) }),
    ...(shared ? { shared } : {}),
    ...(wide ? { address: "i64" } : {}),
  });
}
