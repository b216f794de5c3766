// Seam for guests' exports, which tests call by name without a link in between.
import { assemble } from "../../../../../src/engine/wasm/assemble.ts";
import { Meter } from "../../../../../src/engine/wasm/limits/meter.ts";
import type { WasmLimits } from "../../../../../src/engine/wasm/limits/plan.ts";
import { limitModule } from "../../../../../src/engine/wasm/limits/prepare.ts";
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
  const { module, plan } = limitModule(bytes, { name, limits });
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
