// Seam for guests' exports, which tests call by name without a link in between.
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { cardsOf } from "../../../../../src/engine/wasm/limits/cards.ts";
import { Meter } from "../../../../../src/engine/wasm/limits/meter.ts";
import type { ModulePlan, WasmLimits } from "../../../../../src/engine/wasm/limits/plan.ts";
import { limitModule } from "../../../../../src/engine/wasm/limits/prepare.ts";
import { rewriteModule } from "../../../../../src/engine/wasm/limits/rewrite/rewrite.ts";
import { translateTrap } from "../../../../../src/engine/wasm/traps.ts";
import { WeftError } from "../../../../../src/core/errors.ts";

export const name = "test:guest";

/** A metered instance of one module. */
export interface Metered {
  readonly meter: Meter;
  readonly exports: WebAssembly.Exports;
  /** Calls an export as an engine does. @throws what the meter makes of a trap. */
  readonly call: (method: string, ...args: readonly unknown[]) => unknown;
}

export function callExport(exports: WebAssembly.Exports, method: string, args: readonly unknown[]): unknown {
  return Reflect.apply(exports[method] as () => unknown, undefined, args);
}

/** Sets an exported global, and gives what it was. */
export function setGlobal(exports: WebAssembly.Exports, name: string, value: number): unknown {
  const found = exports[name] as unknown as { value: unknown };
  const before = found.value;
  found.value = value;
  return before;
}

export function memoryOf(exports: WebAssembly.Exports): WebAssembly.Memory {
  return exports["memory"] as WebAssembly.Memory;
}

/** The failure of a call, by its code; undefined when it has none. */
export function codeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof WeftError) return thrown.code;
    throw thrown;
  }
  return undefined;
}

export async function metered(
  module: Uint8Array | string,
  limits: WasmLimits = {},
  imports: WebAssembly.Imports = {},
): Promise<Metered> {
  const bytes = typeof module === "string" ? await assemble(module, name) : module;
  return instantiate(bytes, limits, imports);
}

export function instantiate(bytes: Uint8Array, limits: WasmLimits, imports: WebAssembly.Imports = {}): Metered {
  return instantiateLimited(limitModule(bytes, { name, limits }), limits, imports);
}

/** An instance that marks what it writes to; undefined for a module that cannot do that. */
export function instantiateMarking(bytes: Uint8Array, limits: WasmLimits = {}): Metered | undefined {
  if (rewriteModule(bytes, { name, limits }).writes === "unmarkable") return undefined;
  const marking = rewriteModule(bytes, { name, limits, marks: true });
  return instantiateLimited({ module: new WebAssembly.Module(marking.bytes), plan: marking.plan }, limits, {});
}

function instantiateLimited(
  { module, plan }: { readonly module: WebAssembly.Module; readonly plan: ModulePlan },
  limits: WasmLimits,
  imports: WebAssembly.Imports,
): Metered {
  const meter = new Meter({ name, limits });
  const { exports } = new WebAssembly.Instance(module, meter.imports(plan, imports));
  const explained = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      throw meter.explain(translateTrap(thrown, { name }));
    }
  };
  explained(() => meter.attach(plan, exports));
  return {
    meter,
    exports,
    call: (method, ...args) =>
      explained(() => {
        meter.enter();
        const result = callExport(exports, method, args);
        meter.leave();
        return result;
      }),
  };
}

/** Where a memory that began with zeros, or with `before`, holds something else and nothing is marked. Takes all marks off. */
export function unmarked(memory: WebAssembly.Memory, before?: Uint8Array): number[] {
  const bytes = new Uint8Array(memory.buffer);
  const stretches = cardsOf(memory)?.take(bytes.length) ?? [];
  const places: number[] = [];
  let next = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === (before?.[at] ?? 0)) continue;
    while (at >= (stretches[next]?.to ?? Infinity)) next += 1;
    if (at < (stretches[next]?.from ?? Infinity)) places.push(at);
  }
  return places;
}
