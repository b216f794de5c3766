// Seam for what jco makes of a component: JavaScript without types. As it comes, unlike the engine of ours that builds on it.
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { SuspendingFunctions } from "../src/engine/wasm/component/jco/tool.ts";
import { toolchain } from "../src/engine/wasm/component/jco/toolchain.ts";

/** An instance's functions by jco's names: `add`, `echoString`. */
export type JcoExports = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

interface Glue {
  instantiate(
    getCoreModule: (name: string) => WebAssembly.Module,
    imports: object,
    instantiateCore: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance,
  ): Promise<object> | object;
}

/** What an instance is to be made of. */
export interface JcoWish {
  /** Where the glue is written. */
  readonly cacheDir: string;
  readonly suspending?: SuspendingFunctions;
  /** An interface whose functions are wanted; without one, those of the world. */
  readonly interface?: string;
  readonly imports?: object;
}

/** Transpiles a component with jco, and gives what makes instances of it. */
export async function jcoInstances(bytes: Uint8Array, wish: JcoWish): Promise<() => Promise<JcoExports>> {
  const files = await toolchain.run({ kind: "transpile", bytes, suspending: wish.suspending });
  const folder = mkdtempSync(join(wish.cacheDir, "jco-"));
  const path = join(folder, "component.mjs");
  writeFileSync(path, files["component.js"] ?? "");
  const glue = (await import(pathToFileURL(path).href)) as Glue;
  const modules = new Map(
    Object.entries(files)
      .filter(([name]) => name.endsWith(".wasm"))
      .map(([name, content]) => [name, new WebAssembly.Module(Uint8Array.from(content))]),
  );
  const moduleOf = (name: string): WebAssembly.Module => {
    const module = modules.get(name);
    if (module === undefined) throw new Error(`jco made no ${name}`);
    return module;
  };
  const make = (module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance =>
    new WebAssembly.Instance(module, imports);
  return async () => {
    const exports = (await glue.instantiate(moduleOf, wish.imports ?? {}, make)) as Record<string, unknown>;
    return (wish.interface === undefined ? exports : exports[wish.interface]) as JcoExports;
  };
}

/** A function of a new instance, called with a list of arguments. */
export async function jcoCall(
  bytes: Uint8Array,
  name: string,
  wish: JcoWish,
): Promise<(args: readonly unknown[]) => unknown> {
  const make = await jcoInstances(bytes, wish);
  const found = (await make())[name];
  if (found === undefined) throw new Error(`jco's instance has no ${name}`);
  return (args) => found(...args);
}
