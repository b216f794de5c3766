// Seam for jco's glue: generated JavaScript, whose imports, exports and values have no types.
import { plainRealm, type ComponentProgram, type WasmRealm } from "../../program.ts";
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

/** Glue that was evaluated once, for all instances. */
export interface Glue {
  readonly instantiate: Instantiate;
  /** Says in which realm the glue makes and calls guests from now on, until it is said again. */
  enter(realm: WasmRealm): void;
}

interface MadeGlue {
  readonly instantiate: Instantiate;
  readonly startCall: () => void;
}

/** Runs glue that `prepareGlue` made into a function body. It finds its `WebAssembly` in the realm that was entered. */
export function evaluateGlue(source: string): Glue {
  let realm = plainRealm;
  const members = {
    Suspending: { get: () => realm.Suspending },
    Instance: { get: () => realm.Instance },
    promising: {
      value: (guest: AnyFunction) => {
        const call = realm.promising(guest);
        return async (...args: unknown[]) => await call(...args);
      },
    },
  };
  const shadow: unknown = Object.create(WebAssembly, members);
  const made = new Function("console", "WebAssembly", source)(silence, shadow) as MadeGlue;
  return {
    instantiate: made.instantiate,
    enter(entered) {
      realm = entered;
      made.startCall();
    },
  };
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
    const found = functionOf(members, camelCase(name.name), program);
    return (args) => found(...args);
  }
  const resource = functionOf(members, pascalCase(name.resource), program) as unknown as AnyClass;
  if (name.kind === "constructor") return (args) => new resource(...args);
  const key = camelCase(name.name);
  if (name.kind === "static") return (args) => functionOf(resource, key, program).apply(resource, [...args]);
  return ([self, ...args]) => functionOf(self as Members, key, program).apply(self, args);
}

function functionOf(members: Members, key: string, program: ComponentProgram): AnyFunction {
  const found = members[key];
  if (typeof found === "function") return found as AnyFunction;
  throw new Error(`${program.name}: the glue has no ${key} for ${program.method}`);
}

/** The payload of an `err` that jco threw; undefined for anything else. */
export function errorPayload(thrown: unknown): { readonly payload: unknown } | undefined {
  if (!(thrown instanceof Error) || thrown.constructor.name !== "ComponentError" || !("payload" in thrown))
    return undefined;
  return { payload: thrown.payload };
}
