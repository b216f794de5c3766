import { hookSlots } from "./rewrite/additions.ts";

/** What the host does for rewritten modules that share an instance. Neither may throw: a guest could catch it. */
export interface Hooks {
  /** Spreads what fuel is left. */
  readonly refuel: () => void;
  /** True when the instance's memories may have so many pages more. */
  readonly approve: (pages: bigint) => number;
}

/**
 * Re-exports two functions that it imports: `(module (import "" "r" (func)) (import "" "a" (func (param i64) (result i32)))
 * (export "r" (func 0)) (export "a" (func 1)))`. Tables take functions of WebAssembly only.
 */
const bytes = Buffer.from(
  "0061736d01000000" +
    "010902600000" +
    "60017e017f" +
    "020b02" +
    "0001720000" +
    "0001610001" +
    "070902" +
    "01720000" +
    "01610001",
  "hex",
);

let compiled: WebAssembly.Module | undefined;

/** How often modules of this thread were refused to grow something: who has seen none of it need not look at counters. */
export const refusals = { count: 0 };

/** Tells of a refusal; the same for all modules. */
let told: WebAssembly.ExportValue | undefined;

/** Lets a module tell when it is refused to grow something. */
export function tellRefusals(table: WebAssembly.Table): void {
  told ??= instantiateHooks({ refuel: () => (refusals.count += 1), approve: () => 0 })["r"];
  table.set(hookSlots.refused, told);
}

function instantiateHooks({ refuel, approve }: Hooks): WebAssembly.Exports {
  compiled ??= new WebAssembly.Module(bytes);
  return new WebAssembly.Instance(compiled, { "": { r: refuel, a: approve } }).exports;
}

/** Puts hooks into the tables that modules export for them. */
export class HookFiller {
  readonly #exports: WebAssembly.Exports;

  constructor(hooks: Hooks) {
    this.#exports = instantiateHooks(hooks);
  }

  fill(table: WebAssembly.Table): void {
    table.set(hookSlots.refuel, this.#exports["r"]);
    table.set(hookSlots.approve, this.#exports["a"]);
  }
}
