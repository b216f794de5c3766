/** The guests of the benchmarks in each form that is compared: our engine, jco, core module by WIT, the bare module. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../src/core/log.ts";
import type { Value } from "../src/core/values.ts";
import { assemble } from "../src/engine/wasm/assemble.ts";
import { camelCase } from "../src/engine/wasm/component/names.ts";
import { linkComponent } from "../src/engine/wasm/component/link.ts";
import { prepareComponent } from "../src/engine/wasm/component/prepare.ts";
import { linkCore } from "../src/engine/wasm/core/link.ts";
import { prepareCore } from "../src/engine/wasm/core/prepare.ts";
import { inspectComponent } from "../src/engine/wasm/inspect/component.ts";
import { readComponent } from "../src/engine/wasm/inspect/component/read.ts";
import type { WasmLimits } from "../src/engine/wasm/limits/plan.ts";
import type { LinkedWasm } from "../src/engine/wasm/program.ts";
import { parseWit } from "../src/wit/parse/parse.ts";
import type { WitFunction } from "../src/wit/types.ts";
import { jcoCall } from "./jco.seam.ts";

/** A call of a warm instance. */
export type Call = (args: readonly Value[]) => unknown;
type Engine = "direct" | "jco";

const guests = new URL("../test/guests/", import.meta.url);

/** A committed guest, by its path under test/guests. */
export function guestBytes(path: string): Buffer<ArrayBuffer> {
  return readFileSync(new URL(path, guests));
}

/** The component of the value tables, in Rust. */
export const shapes = guestBytes("rust/shapes/shapes.wasm");

/** A folder for what jco makes; removed when disposed. */
export function temporaryCache(): { readonly cacheDir: string } & Disposable {
  const cacheDir = mkdtempSync(join(tmpdir(), "weft-bench-"));
  return { cacheDir, [Symbol.dispose]: () => rmSync(cacheDir, { recursive: true, force: true }) };
}

/** How a component is made ready. */
export interface ComponentWish {
  readonly method: string;
  readonly engine: Engine;
  readonly cacheDir: string;
  readonly suspending?: (interfaceName: string, functionName: string) => boolean;
}

/** A component linked by one of the engines. */
export async function linkedComponent(bytes: Uint8Array, wish: ComponentWish): Promise<LinkedWasm> {
  return linkComponent(
    await prepareComponent(bytes, { name: "bench", suspending: () => false, log: silentLog, ...wish }),
  );
}

/** A warm instance of the shapes component, through our engine or jco as it comes. */
export async function shapesCall(method: string, engine: Engine, cacheDir: string): Promise<Call> {
  if (engine === "jco") {
    const [inside, name = method] = method.split("#");
    const isInside = name !== method || method.includes("#");
    return await jcoCall(shapes, camelCase(isInside ? name : method), {
      cacheDir,
      ...(isInside && inside !== undefined ? { interface: inside } : {}),
    });
  }
  const linked = await linkedComponent(shapes, { method, engine, cacheDir });
  const instance = await linked.instantiate({});
  return (args) => instance.call(args);
}

/** The one core module inside the shapes component: what its bindings export follows the canonical ABI. */
export function shapesModule(): Uint8Array<ArrayBuffer> {
  const inner = readComponent(shapes).items.find((item) => item.kind === "core module");
  if (inner === undefined) throw new Error("no core module inside");
  return shapes.subarray(inner.start, inner.end);
}

export function shapesSignature(method: string): WitFunction {
  const signature = inspectComponent(shapes).exports.find(({ name }) => name === method);
  if (signature === undefined) throw new Error(`shapes has no ${method}`);
  return signature;
}

/** A function of the shapes component, called as a core module with its WIT signature. */
export async function shapesCoreCall(method: string): Promise<Call> {
  return await warmCore(shapesModule(), shapesSignature(method));
}

/** A core module linked with its WIT signature, the only function of the text or the one of this name. */
export async function coreCall(source: Uint8Array | string, wit: string, method?: string): Promise<Call> {
  const signature = parseWit(wit).functions.find(({ name }) => method === undefined || name === method);
  if (signature === undefined) throw new Error(`the WIT text has no function ${method ?? ""}`);
  return await warmCore(typeof source === "string" ? await assemble(source, "bench") : source, signature);
}

async function warmCore(bytes: Uint8Array, signature: WitFunction): Promise<Call> {
  const instance = await linkedCore(bytes, { signature }).instantiate({});
  return (args) => instance.call(args);
}

/** A core module by its WIT signature, or plain numbers without one. */
export function linkedCore(
  bytes: Uint8Array,
  { signature, method, limits = {} }: { signature?: WitFunction; method?: string; limits?: WasmLimits },
): LinkedWasm {
  return linkCore(prepareCore(bytes, { name: "bench", method: method ?? signature?.name ?? "", signature, limits }));
}

/** The exports of a bare module that needs no imports. */
export function rawExports(bytes: Uint8Array): WebAssembly.Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes))).exports;
}

/** An exported function, taking and giving numbers. */
export function rawFunction(exports: WebAssembly.Exports, name: string): (...args: number[]) => number {
  const found = exports[name];
  if (typeof found !== "function") throw new Error(`the module exports no ${name}`);
  return (...args) => Number(found(...args));
}

export function rawMemory({ memory }: WebAssembly.Exports): WebAssembly.Memory {
  if (!(memory instanceof WebAssembly.Memory)) throw new Error("the module exports no memory");
  return memory;
}
