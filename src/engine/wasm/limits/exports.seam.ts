// Seam for what a rewritten module exports: its names and kinds are ours, but arrive without types, and may come from
// another realm, whose classes are not these.
import type { Counter, ModulePlan } from "./plan.ts";

/** A global that counts. Fuel and the sizes of 64-bit memories are bigints. */
export interface CounterGlobal {
  value: number | bigint;
}

/** A counter's global; undefined when the module has none. */
export function counterOf(plan: ModulePlan, exports: WebAssembly.Exports, name: Counter): CounterGlobal | undefined {
  return plan.counters.includes(name) ? (exports[plan.prefix + name] as unknown as CounterGlobal) : undefined;
}

/** The global that is a virtual memory's size. */
export function sizeOf(plan: ModulePlan, exports: WebAssembly.Exports, index: number): CounterGlobal {
  return exports[`${plan.prefix}size${index}`] as unknown as CounterGlobal;
}

/** The globals that its calls may change; undefined when that is not all. */
export function resettableOf(plan: ModulePlan, exports: WebAssembly.Exports): readonly CounterGlobal[] | undefined {
  return plan.resettable?.map((index) => exports[`${plan.prefix}global${index}`] as unknown as CounterGlobal);
}

/** A memory that the module kept for its own. */
export function memoryOf(plan: ModulePlan, exports: WebAssembly.Exports, index: number): WebAssembly.Memory {
  return exports[`${plan.prefix}memory${index}`] as WebAssembly.Memory;
}

/** The table that hooks are put into. */
export function hooksOf(plan: ModulePlan, exports: WebAssembly.Exports): WebAssembly.Table | undefined {
  return plan.hooks ? (exports[`${plan.prefix}hooks`] as WebAssembly.Table) : undefined;
}

/** The start function. */
export function startOf(plan: ModulePlan, exports: WebAssembly.Exports): (() => void) | undefined {
  return plan.start ? (exports[`${plan.prefix}start`] as () => void) : undefined;
}
