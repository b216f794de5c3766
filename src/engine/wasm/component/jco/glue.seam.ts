// Seam for jco's glue: generated JavaScript, whose imports, exports and values have no types.
import type { ComponentProgram } from "../../program.ts";
import { camelCase, parseFunctionName, parseLiftedName, pascalCase } from "../names.ts";

/** What jco's glue exports: makes an instance, at once when everything it needs is there. */
export type Instantiate = (
  getCoreModule: (name: string) => WebAssembly.Module,
  imports: object,
  instantiateCore: (module: WebAssembly.Module, imports?: WebAssembly.Imports) => WebAssembly.Instance,
) => object | Promise<object>;

/** A function of a jco instance. */
export type JcoFunction = (args: readonly unknown[]) => unknown;

/** The glue reports what it throws on the console, too. */
const silence = { debug() {}, log() {}, warn() {}, error() {} };

/** Runs glue that `prepareGlue` made into a function body. */
export function evaluateGlue(source: string): Instantiate {
  return new Function("console", source)(silence) as Instantiate;
}

type Members = Readonly<Record<string, unknown>>;
type AnyFunction = (...args: unknown[]) => unknown;
type AnyClass = (new (...args: unknown[]) => unknown) & Members;

/** The function behind a program's method: a plain one, or one of a resource, which then is its first argument. */
export function findExport(program: ComponentProgram, exports: object): JcoFunction {
  const lifted = parseLiftedName(program.method);
  const root = exports as Members;
  const scope = lifted.interface === undefined ? root : (root[lifted.interface] ?? root[camelCase(lifted.interface)]);
  const members = (scope ?? {}) as Members;
  const name = parseFunctionName(lifted.function);
  if (name.kind === "function") {
    const found = members[camelCase(name.name)] as AnyFunction;
    return (args) => found(...args);
  }
  const resource = members[pascalCase(name.resource)] as AnyClass;
  if (name.kind === "constructor") return (args) => new resource(...args);
  const key = camelCase(name.name);
  if (name.kind === "static") return (args) => (resource[key] as AnyFunction)(...args);
  return ([self, ...args]) => (self as Record<string, AnyFunction>)[key]?.(...args);
}

/** The payload of an `err` that jco threw; undefined for anything else. */
export function errorPayload(thrown: unknown): { readonly payload: unknown } | undefined {
  if (!(thrown instanceof Error) || thrown.constructor.name !== "ComponentError" || !("payload" in thrown))
    return undefined;
  return { payload: thrown.payload };
}
