import type { GuestParts } from "../canonical/guest-memory.ts";
import type { CoreProgram, WasmRealm } from "../program.ts";
import type { CoreExports } from "./imports.seam.ts";

type Guest = (...args: never[]) => unknown;

/**
 * What lowering and lifting take of a module. `waits` is the realm of a guest that may suspend: what it cleans up with is
 * called as its method is, where a watch over it sees that.
 */
export function partsOf(program: CoreProgram, exports: CoreExports, waits: WasmRealm | undefined): GuestParts {
  const { abi } = program;
  const cleaner = (name: string | undefined): ((...args: unknown[]) => unknown) | undefined => {
    const found = name === undefined ? undefined : exports.function(name);
    if (found === undefined) return undefined;
    return waits === undefined ? (...args) => Reflect.apply(found, undefined, args) : waits.promising(found);
  };
  return {
    memory: exports.memory(abi.memory),
    realloc: abi.realloc === undefined ? undefined : allocator(exports.function(abi.realloc.name), abi.realloc.style),
    free: cleaner(abi.free),
    postReturn: cleaner(abi.postReturn),
  };
}

function allocator(found: Guest | undefined, style: "realloc" | "alloc"): GuestParts["realloc"] {
  if (found === undefined) return undefined;
  const run = (...args: number[]) => Number(Reflect.apply(found, undefined, args));
  return style === "realloc" ? run : (_old, _oldSize, _align, size) => run(size);
}
