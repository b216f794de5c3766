import type { CoreExport, CoreInfo } from "../inspect/core.ts";
import type { CoreAbi } from "../program.ts";

/** In the order they are looked for. */
const canonicalAllocators = ["cabi_realloc", "canonical_abi_realloc"];
const plainAllocators = ["allocate", "alloc"];

/**
 * Finds memory and heap functions by name. Memory that a canonical allocator gave belongs to the guest once the call
 * is made, as the component model has it, so only an explicit `cabi_free` is called for it: a `free` beside it is the
 * guest's own, and would free twice. What `allocate` or `alloc` gave is taken back by `deallocate` or `free`.
 */
export function findAbi(info: CoreInfo, method: string): CoreAbi {
  const functions = new Map(info.exports.flatMap((item) => (item.type === undefined ? [] : [[item.name, item]])));
  const realloc = [...canonicalAllocators, ...plainAllocators]
    .map((name) => functions.get(name))
    .find((item) => item !== undefined && isAllocator(item));
  const isPlain = realloc !== undefined && plainAllocators.includes(realloc.name);
  const free = (isPlain ? ["cabi_free", "deallocate", "free"] : ["cabi_free"])
    .map((name) => functions.get(name))
    .find((item) => item !== undefined && takesOnly32(item));
  const postReturn = `cabi_post_${method}`;
  return {
    memory: info.exports.find((item) => item.kind === "memory")?.name,
    realloc:
      realloc === undefined ? undefined : { name: realloc.name, style: paramCount(realloc) < 4 ? "alloc" : "realloc" },
    free: free?.name,
    postReturn: functions.has(postReturn) ? postReturn : undefined,
  };
}

function isAllocator(item: CoreExport): boolean {
  return takesOnly32(item) && paramCount(item) > 0 && item.type?.results.length === 1 && item.type.results[0] === "i32";
}

function takesOnly32(item: CoreExport): boolean {
  return item.type?.params.every((param) => param === "i32") ?? false;
}

function paramCount(item: CoreExport): number {
  return item.type?.params.length ?? 0;
}
