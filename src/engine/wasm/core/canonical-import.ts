import type { Value } from "../../../core/values.ts";
import type { WitFunction } from "../../../wit/types.ts";
import { generateImport } from "../canonical/generate.seam.ts";
import { GuestMemory } from "../canonical/guest-memory.ts";
import type { CoreProgram, WasmRealm } from "../program.ts";
import { partsOf } from "./guest-parts.ts";
import type { CoreExports } from "./imports.seam.ts";

/** Given for a core module's import: a function of canonical values, which the module calls by the canonical ABI. */
export class CanonicalImport {
  readonly signature: WitFunction;
  readonly call: (args: readonly Value[]) => Value | Promise<Value>;

  constructor(signature: WitFunction, call: CanonicalImport["call"]) {
    this.signature = signature;
    this.call = call;
  }
}

/** The instance that an import is for. Its exports are asked for when the import is first called. */
export interface Importing {
  readonly program: CoreProgram;
  readonly exports: () => CoreExports;
  readonly realm: WasmRealm;
  readonly suspending: boolean;
}

/** The core function that a module calls: lifts its arguments out of the module, and puts the result there. */
export function bindImport(
  { signature, call }: CanonicalImport,
  importing: Importing,
): (...args: unknown[]) => unknown {
  const { program, exports, realm, suspending } = importing;
  let bound: ((...args: unknown[]) => unknown) | undefined;
  return (...args) => {
    if (bound === undefined) {
      // What is put into a guest as a result belongs to it.
      const parts = { ...partsOf(program, exports(), undefined), free: undefined, postReturn: undefined };
      bound = generateImport(signature, { suspending })(new GuestMemory(parts), call, realm);
    }
    return bound(...args);
  };
}
