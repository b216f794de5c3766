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

/** Puts hooks into the tables that modules export for them. */
export class HookFiller {
  readonly #exports: WebAssembly.Exports;

  constructor({ refuel, approve }: Hooks) {
    compiled ??= new WebAssembly.Module(bytes);
    this.#exports = new WebAssembly.Instance(compiled, { "": { r: refuel, a: approve } }).exports;
  }

  fill(table: WebAssembly.Table): void {
    table.set(hookSlots.refuel, this.#exports["r"]);
    table.set(hookSlots.approve, this.#exports["a"]);
  }
}
