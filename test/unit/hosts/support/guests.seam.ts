// Seam for guests: generated glue and exports without types.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { transpileBytes } from "@bytecodealliance/jco-transpile";
import { assemble } from "../../../../src/engine/wasm/assemble.ts";
import { inspectCore } from "../../../../src/engine/wasm/inspect/core.ts";
import { GuestExit } from "../../../../src/core/exit.ts";
import type { InstanceContext } from "../../../../src/hosts/context.ts";
import { bindHosts, hosts } from "../../../../src/hosts/index.ts";
import { bindPreview1 } from "../../../../src/hosts/preview1.ts";
import { linkable } from "./preview1.seam.ts";

const guestsFolder = new URL("../../../guests/", import.meta.url);

function guestBytes(file: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(file, guestsFolder)));
}

/** Runs a preview-1 command to its end and gives its exit status. */
export async function runCommand(file: string, instance: InstanceContext): Promise<number> {
  return runModule(guestBytes(file), instance);
}

export async function runModule(bytes: Uint8Array<ArrayBuffer>, instance: InstanceContext): Promise<number> {
  using bound = bindPreview1(instance, inspectCore(bytes).imports);
  const guest = new WebAssembly.Instance(new WebAssembly.Module(bytes), linkable(bound));
  const start = guest.exports["_start"] as () => unknown;
  bound.attach(guest.exports["memory"] as WebAssembly.Memory);
  try {
    await (bound.suspending.size > 0 ? WebAssembly.promising(start)() : start());
    return 0;
  } catch (error) {
    if (error instanceof GuestExit) return error.status;
    throw error;
  }
}

type Exported = (...args: unknown[]) => unknown;

interface Glue {
  instantiate(
    getModule: (file: string) => WebAssembly.Module,
    imports: unknown,
    make: (module: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance,
  ): Promise<Readonly<Record<string, Exported | Readonly<Record<string, Exported>>>>>;
}

/** A component made ready by jco, so that it can be instantiated often. */
export interface TestComponent {
  start(instance: InstanceContext, grants: readonly string[]): Promise<StartedComponent>;
}

export interface StartedComponent extends Disposable {
  /** Calls an export by its camelCase name, `interface.function` for one of an interface. */
  call(name: string, ...args: unknown[]): Promise<unknown>;
}

/** Transpiles a guest; the exports named may wait. */
export async function loadComponent(file: string, suspendingExports: readonly string[]): Promise<TestComponent> {
  return prepareComponent(guestBytes(file), suspendingExports);
}

/** Makes a component of a core module's text and its WIT. */
export async function buildComponent(text: string, wit: string): Promise<Uint8Array> {
  const { componentEmbed, componentNew } = await import("@bytecodealliance/jco");
  const core = await assemble(text, "core.wat");
  return componentNew(await componentEmbed({ binary: core, witSource: wit }));
}

/** The same for a component in memory. */
export async function prepareComponent(
  component: Uint8Array,
  suspendingExports: readonly string[],
): Promise<TestComponent> {
  const asyncImports = hosts.flatMap((host) =>
    Object.entries(host.p2?.interfaces ?? {}).flatMap(([name, each]) =>
      each.suspending.map((func) => `${name}#${func}`),
    ),
  );
  const { files, imports } = await transpileBytes(component, {
    name: "component",
    instantiation: "async",
    nodejsCompat: false,
    emitTypescriptDeclarations: false,
    ...(suspendingExports.length === 0
      ? {}
      : { asyncMode: "jspi" as const, asyncImports, asyncExports: [...suspendingExports] }),
  });
  const folder = mkdtempSync(join(tmpdir(), "weft-component-"));
  const source = join(folder, "component.mjs");
  writeFileSync(source, files["component.js"] ?? "");
  const glue = (await import(pathToFileURL(source).href)) as Glue;
  const modules = new Map(
    Object.entries(files).flatMap(([name, bytes]) =>
      name.endsWith(".wasm") ? [[name, new WebAssembly.Module(bytes)] as const] : [],
    ),
  );
  return {
    async start(instance, grants) {
      const bound = bindHosts(
        instance,
        grants,
        imports.map((name) => ({ interface: name })),
      );
      const exports = await glue.instantiate(
        (name) => modules.get(name) as WebAssembly.Module,
        bound.imports,
        (module, given) => new WebAssembly.Instance(module, given),
      );
      return {
        async call(name, ...args) {
          const [first = "", second] = name.split(".");
          const found = exports[first];
          const func = second === undefined ? found : (found as Readonly<Record<string, Exported>>)[second];
          return (func as Exported)(...args);
        },
        [Symbol.dispose]: () => bound[Symbol.dispose](),
      };
    },
  };
}
