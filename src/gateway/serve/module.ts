import { WeftError } from "../../core/errors.ts";
import type { EntryId } from "../../core/ids.ts";
import { isComponent } from "../../engine/wasm/binary/preamble.ts";
import { prepareComponent, programForExport } from "../../engine/wasm/component/prepare.ts";
import { formatCoreType } from "../../engine/wasm/core/check.ts";
import { findPacked, isTextual } from "../../engine/wasm/core/packed.ts";
import { openCore } from "../../engine/wasm/core/prepare.ts";
import { inspectComponent } from "../../engine/wasm/inspect/component.ts";
import type { CoreExport } from "../../engine/wasm/inspect/core.ts";
import type { WasmProgram } from "../../engine/wasm/program.ts";
import { isHandlerExport } from "../../hosts/http/handler-export.ts";
import { isSuspending, isSuspendingAlong } from "../../hosts/index.ts";
import type { Placement } from "../../registry/placement.ts";
import { formatFunction } from "../../wit/format.ts";
import { findFunction, parseWit, type WitDocument } from "../../wit/parse/parse.ts";
import type { WitFunction } from "../../wit/types.ts";
import type { ModuleSettings } from "./settings.ts";

/**
 * How a function is called: `typed` by its WIT signature, `numbers` by its WebAssembly type, `text` with a body that it
 * gives back changed, a `command` with a body as its input. `requests` is a component that answers HTTP requests itself.
 */
export type FunctionStyle = "typed" | "numbers" | "text" | "command" | "requests";

/** One function of a served module. */
export interface ServedFunction {
  readonly id: EntryId;
  /** Its export, as the module spells it. */
  readonly name: string;
  readonly style: FunctionStyle;
  /** For people: WIT, or a WebAssembly type. */
  readonly signature: string;
  readonly wit: WitFunction | undefined;
  readonly placement: Placement;
}

/** A file whose functions can be called. */
export interface ServedModule {
  /** Its path below the folder, with slashes. */
  readonly file: string;
  readonly namespace: string;
  readonly type: "core" | "component";
  readonly functions: readonly ServedFunction[];
}

/** A file that was read. */
export interface ModuleSource {
  readonly file: string;
  readonly namespace: string;
  readonly bytes: Uint8Array;
  /** The text of the `.wit` file beside it. */
  readonly wit: string | undefined;
}

/**
 * Compiles a file and finds what of it can be called.
 * @throws InvalidModuleError for malformed bytes.
 * @throws WeftError, WitError for what cannot be run.
 */
export async function prepareModule(source: ModuleSource, settings: ModuleSettings): Promise<ServedModule> {
  const { file, namespace, bytes } = source;
  const type = isComponent(bytes) ? "component" : "core";
  const found = type === "component" ? await componentFunctions(source, settings) : coreFunctions(source, settings);
  if (found.length === 0) throw new WeftError("METHOD_NOT_FOUND", "it exports no function that could be called");
  return { file, namespace, type, functions: found.map((each) => served(each, found, source, settings)) };
}

interface Found {
  readonly name: string;
  readonly style: FunctionStyle;
  readonly signature: string;
  readonly wit: WitFunction | undefined;
  readonly program: WasmProgram;
}

function served(
  { name, style, signature, wit, program }: Found,
  all: readonly Found[],
  { namespace }: ModuleSource,
  settings: ModuleSettings,
): ServedFunction {
  const short = lastPart(name);
  const isUnique = all.filter((other) => idPart(lastPart(other.name)) === idPart(short)).length === 1;
  const whole = idPart(name);
  const twins = isUnique ? [] : all.filter((other) => idPart(other.name) === whole);
  // Names that differ only in what ids cannot hold are told apart by their order.
  const place = twins.findIndex((other) => other.name === name);
  const id = `${namespace}:${isUnique ? idPart(short) : place > 0 ? `${whole}-${place + 1}` : whole}`;
  return { id, name, style, signature, wit, placement: placementOf({ id, style, program }, settings) };
}

function placementOf(
  { id, style, program }: { readonly id: EntryId; readonly style: FunctionStyle; readonly program: WasmProgram },
  { limits, grants, mounts, env, slots, queueLength }: ModuleSettings,
): Placement {
  const isCommand = style === "command";
  return {
    id,
    kind: "function.wasm",
    role: "function",
    program: { ...program, name: id },
    signature: isCommand ? undefined : program.signature,
    resultForm: "pair",
    imports: grants,
    wasi: { args: [], cwd: "/", env, mounts },
    stdio: isCommand ? "captured" : "log",
    ...(style === "requests" && { transport: "incoming-handler" }),
    limits,
    pool: {
      type: "lazy",
      minSlots: 0,
      maxSlots: slots,
      queueLength,
      onFull: "reject",
      workerClass: undefined,
      state: "fresh",
    },
    options: {},
    defaultHost: undefined,
  };
}

/** Exports that serve the canonical ABI or the start, not callers. */
const servants =
  /^(?:cabi_|canonical_abi_|_initialize$|__|allocate$|alloc$|deallocate$|dealloc$|free$|malloc$|realloc$|memory$)/;

const numeric: ReadonlySet<string> = new Set(["i32", "i64", "f32", "f64"]);

function coreFunctions({ file, bytes, wit }: ModuleSource, { limits, cacheDir, log }: ModuleSettings): Found[] {
  const opened = openCore(bytes, { name: file, limits, pristine: true, cache: { cacheDir, log } });
  const document = wit === undefined ? undefined : parseWit(wit);
  return opened.info.exports.flatMap((item): Found[] => {
    const { name, type } = item;
    if (type === undefined || servants.test(name)) return [];
    // What only another module could pass or take is not for requests.
    if (![...type.params, ...type.results].every((kind) => numeric.has(kind))) return [];
    const declared = document && declaredFunction(document, name);
    const isPacked = declared === undefined && findPacked(opened.info, type) !== undefined;
    const signature = declared ?? (isPacked ? textFunction(name) : undefined);
    const style = name === "_start" ? "command" : coreStyle(signature);
    const program = opened.program({
      name: file,
      method: name,
      signature: style === "command" ? undefined : signature,
    });
    return [{ name, style, signature: shown(item, signature), wit: program.signature, program }];
  });
}

function coreStyle(signature: WitFunction | undefined): FunctionStyle {
  if (signature === undefined) return "numbers";
  return isTextual(signature) ? "text" : "typed";
}

function shown({ name, type }: CoreExport, signature: WitFunction | undefined): string {
  if (name === "_start") return "command: stdin -> stdout";
  if (signature !== undefined) return formatFunction(signature);
  return type === undefined ? "" : formatCoreType(type);
}

function declaredFunction(document: WitDocument, name: string): WitFunction | undefined {
  const found = findFunction(document, name);
  return found.kind === "match" ? found.function : undefined;
}

/** What a plugin of the convention takes and gives: bytes, which are a text more often than not. */
function textFunction(name: string): WitFunction {
  const bytes = { kind: "list", element: { kind: "u8" } } as const;
  return { name, params: [{ name: "input", type: bytes }], result: bytes };
}

async function componentFunctions(source: ModuleSource, settings: ModuleSettings): Promise<Found[]> {
  const { file, bytes } = source;
  const exports = inspectComponent(bytes).exports.filter(isCallable);
  const [first] = exports;
  if (first === undefined) return [];
  const { limits, cacheDir, log } = settings;
  const program = await prepareComponent(bytes, {
    name: file,
    method: first.name,
    cacheDir,
    suspending: isSuspending,
    suspendingAlong: isSuspendingAlong,
    limits,
    pristine: true,
    log,
  });
  return exports.map((signature): Found => {
    const { name } = signature;
    const style = componentStyle(signature);
    return {
      name,
      style,
      signature: spokenSignatures[style] ?? formatFunction(signature),
      wit: style === "command" || style === "requests" ? undefined : signature,
      program: name === program.method ? program : programForExport(program, signature),
    };
  });
}

const spokenSignatures: Partial<Readonly<Record<FunctionStyle, string>>> = {
  command: "command: stdin -> stdout",
  requests: "requests: HTTP request -> HTTP response",
};

function componentStyle(signature: WitFunction): FunctionStyle {
  if (/^wasi:cli\/run(@[^#]*)?#run$/.test(signature.name)) return "command";
  if (isHandlerExport(signature.name)) return "requests";
  return isTextual(signature) ? "text" : "typed";
}

/** Functions of resources, and those that take or give one, need a handle that no request has. */
function isCallable({ name, params, result }: WitFunction): boolean {
  if (isHandlerExport(name)) return true;
  const types = [...params.map(({ type }) => type), ...(result === undefined ? [] : [result])];
  return !/\[|^cabi_/.test(name) && !/"kind":"(?:own|borrow|stream|future|error-context)"/.test(JSON.stringify(types));
}

function lastPart(name: string): string {
  if (name === "_start") return "run";
  return name.slice(name.lastIndexOf("#") + 1);
}

function idPart(name: string): string {
  return name.replaceAll(/@[^#]*/g, "").replaceAll(/[^\w.-]+/g, "-") || "_";
}
