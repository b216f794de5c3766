// Seam for generated code: `new Function` gives functions without types. Their source is written by call-source.ts
// from our own model of types; names from WIT or binaries enter it only as quoted strings.
import type { Value } from "../../../core/values.ts";
import type { WitFunction } from "../../../wit/types.ts";
import { callSource, type CallOptions } from "./call-source.ts";
import type { WasmRealm } from "../program.ts";
import type { GuestMemory } from "./guest-memory.ts";
import { importSource } from "./import-source.ts";
import { numbers } from "./numbers.ts";
import { uncatchable } from "../uncatchable.ts";

/** A guest's function with canonical values. A promise only when it was bound as suspending. */
export type CanonicalCall = (args: readonly Value[]) => Value | Promise<Value>;
/** Binds a core function of one instance. */
export type BindCall = (memory: GuestMemory, guest: (...args: never[]) => unknown) => CanonicalCall;

/** Binds a function of canonical values for one instance, which gives what a core module may import. */
export type BindImport = (
  memory: GuestMemory,
  call: CanonicalCall,
  realm: WasmRealm,
) => (...args: unknown[]) => unknown;

/** What generated imports call under the name `rt`. */
const importRuntime = { ...numbers, uncatchable };

const knownImports = {
  direct: new WeakMap<WitFunction, BindImport>(),
  suspending: new WeakMap<WitFunction, BindImport>(),
};

/** The code for an import of one signature, generated once. */
export function generateImport(signature: WitFunction, options: { readonly suspending: boolean }): BindImport {
  const cache = knownImports[options.suspending ? "suspending" : "direct"];
  let bind = cache.get(signature);
  if (bind === undefined) {
    const source = importSource(signature, options.suspending);
    const make = new Function("m", "host", "WebAssembly", "rt", source) as (
      ...parts: unknown[]
    ) => ReturnType<BindImport>;
    bind = (memory, call, realm) => make(memory, call, realm, importRuntime);
    cache.set(signature, bind);
  }
  return bind;
}

const known = new WeakMap<WitFunction, Map<string, BindCall>>();

/** The code for calls of one signature, generated once. */
export function generateCall(signature: WitFunction, options: CallOptions): BindCall {
  let forms = known.get(signature);
  if (forms === undefined) known.set(signature, (forms = new Map()));
  const form = `${options.suspending} ${options.cleansUp}`;
  let bind = forms.get(form);
  if (bind === undefined) {
    const make = new Function("m", "guest", "rt", callSource(signature, options)) as (
      ...parts: unknown[]
    ) => CanonicalCall;
    bind = (memory, guest) => make(memory, guest, numbers);
    forms.set(form, bind);
  }
  return bind;
}
