import { basename } from "node:path";
import { formatCoreType } from "../engine/wasm/core/check.ts";
import { preview1Modules } from "../engine/wasm/core/prepare.ts";
import { sha256 } from "../engine/wasm/hash.ts";
import type { EngineChoice } from "../engine/wasm/component/prepare.ts";
import { isComponent } from "../engine/wasm/binary/preamble.ts";
import { inspectCore } from "../engine/wasm/inspect/core.ts";
import type { CoreFunctionType } from "../engine/wasm/program.ts";
import { isHandlerExport } from "../hosts/http/handler-export.ts";
import { formatFunction } from "../wit/format.ts";
import type { WitFunction } from "../wit/types.ts";

/** What a binary says about itself. */
export interface BinaryDescription {
  readonly type: "core" | "component";
  readonly bytes: number;
  readonly hash: string;
  /** What the program expects of its host, by module or interface. */
  readonly imports: readonly { readonly name: string; readonly functions: readonly string[] }[];
  /** What an entry must list under `imports` to be given them. */
  readonly grants: readonly string[];
  readonly exports: readonly ExportDescription[];
  /** It answers HTTP requests: `wasi:http/incoming-handler` with its version. */
  readonly httpHandler?: string | undefined;
  /** Which engine runs a component, unless its entry says. */
  readonly engine: EngineChoice | undefined;
  /** Who serves the preview 1 that a core module imports; undefined when it imports none. */
  readonly preview1: "own host" | undefined;
  /** Pages of the first memory: at the start, and at most. */
  readonly memory: { readonly min: number; readonly max: number | undefined } | undefined;
}

export interface ExportDescription {
  /** As `method` names it: `name` or `iface#name`. */
  readonly name: string;
  readonly kind: "function" | "memory" | "table" | "global" | "tag";
  /** WIT of a component's function, WebAssembly type of a core function. */
  readonly signature: string | undefined;
  /** The method takes and gives plain numbers of these types. */
  readonly core: CoreFunctionType | undefined;
}

/** Reads a core module or component without running it. @throws InvalidModuleError. */
export async function describeBinary(bytes: Uint8Array): Promise<BinaryDescription> {
  const common = { bytes: bytes.length, hash: `sha256:${sha256(bytes)}` };
  return { ...common, ...(isComponent(bytes) ? await describeComponent(bytes) : describeCore(bytes)) };
}

type Description = Omit<BinaryDescription, "bytes" | "hash">;

function describeCore(bytes: Uint8Array): Description {
  const info = inspectCore(bytes);
  const modules = Map.groupBy(info.imports, (item) => item.module);
  return {
    type: "core",
    imports: [...modules].map(([name, items]) => ({
      name,
      functions: items.map(({ name: item, extern }) =>
        extern.kind === "function" ? `${item}: ${formatCoreType(extern.type)}` : `${item}: ${extern.kind}`,
      ),
    })),
    exports: info.exports.map(({ name, kind, type }) => ({
      name,
      kind,
      signature: type === undefined ? undefined : formatCoreType(type),
      core: type,
    })),
    grants: [],
    engine: undefined,
    preview1: info.imports.some(({ module }) => preview1Modules.includes(module)) ? "own host" : undefined,
    memory: info.memories[0],
  };
}

async function describeComponent(bytes: Uint8Array): Promise<Description> {
  const { inspectComponent } = await import("../engine/wasm/inspect/component.ts");
  const { imports, importedFunctions, exports } = inspectComponent(bytes);
  const { chooseEngine } = await import("../engine/wasm/component/prepare.ts");
  const { hostForInterface, isSuspending } = await import("../hosts/index.ts");
  const called = imports.filter(({ functions }) => functions.length > 0);
  const grants = called.map(({ name }) => hostForInterface(name.replace(/@.*$/, ""))?.grants[0]);
  const world = importedFunctions.length === 0 ? [] : [{ name: "(the world)", functions: importedFunctions }];
  return {
    type: "component",
    imports: [...world, ...imports].map(({ name, functions }) => ({ name, functions: functions.map(signatureLine) })),
    exports: exports.map((signature) => ({
      name: signature.name,
      kind: "function",
      signature: formatFunction(signature),
      core: undefined,
    })),
    grants: [...new Set(grants.filter((grant) => grant !== undefined))],
    httpHandler: handlerExport(exports)?.split("#")[0],
    engine: chooseEngine(bytes, isSuspending),
    preview1: undefined,
    memory: undefined,
  };
}

function signatureLine(signature: WitFunction): string {
  return `${signature.name}: ${formatFunction(signature)}`;
}

/** Exports that serve the canonical ABI or the start, not callers. */
const servantExports = /^(?:cabi_|canonical_abi_|_initialize$|__|allocate$|alloc$|deallocate$|free$|malloc$|realloc$)/;

/** The exported functions that someone may want to call. */
export function callableExports({ exports }: BinaryDescription): ExportDescription[] {
  return exports.filter((item) => item.kind === "function" && !servantExports.test(item.name));
}

/** The export that makes a program a command: `_start`, or `wasi:cli/run`. */
export function commandExport({ exports }: BinaryDescription): string | undefined {
  return exports.find(({ name }) => name === "_start" || /^wasi:cli\/run@[^#]*#run$/.test(name))?.name;
}

/** The export by which a component answers HTTP requests. */
function handlerExport(exports: readonly { readonly name: string }[]): string | undefined {
  return exports.find(({ name }) => isHandlerExport(name))?.name;
}

/** An `_index.yaml` entry for a file, ready to paste. */
export function entryYaml(file: string, description: BinaryDescription, method: string | undefined): string {
  const name = basename(file).replace(/\.[^.]*$/, "");
  const command = commandExport(description);
  const handler = handlerExport(description.exports);
  const chosen =
    callableExports(description).find((item) => item.name === (method ?? command ?? handler)) ??
    callableExports(description)[0];
  const wit = chosen?.core === undefined || command !== undefined ? undefined : numericWit(chosen.name, chosen.core);
  const { grants } = description;
  const kind = command === undefined ? "function" : "process";
  const program = file.endsWith(".wat")
    ? [`- name: ${name}`, "  kind: function.wat", `  source: file://${basename(file)}`]
    : [
        "- name: modules",
        "  kind: fs.directory",
        "  directory: . # the folder of the file, from the app's root",
        `- name: ${name}`,
        `  kind: ${kind}.wasm`,
        "  fs: modules",
        `  path: ${basename(file)}`,
        `  hash: ${description.hash}`,
      ];
  const lines = [
    ...program,
    `  method: ${chosen?.name ?? "# it exports no function"}`,
    ...(wit === undefined ? [] : [`  wit: ${JSON.stringify(wit)} # by the WebAssembly types: say what they mean`]),
    ...(grants.length === 0 ? [] : [`  imports: [${grants.map((grant) => JSON.stringify(grant)).join(", ")}]`]),
  ];
  return lines.map((line) => `  ${line}`).join("\n");
}

const witOfCore: Readonly<Record<string, string>> = { i32: "s32", i64: "s64", f32: "f32", f64: "f64" };

/** A signature for a core function over numbers; undefined where WIT has none. */
function numericWit(name: string, { params, results }: CoreFunctionType): string | undefined {
  const types = [...params, ...results].map((kind) => witOfCore[kind]);
  if (results.length > 1 || types.includes(undefined) || !/^[a-zA-Z][\w-]*$/.test(name)) return undefined;
  const args = params.map((kind, index) => `p${index + 1}: ${witOfCore[kind]}`).join(", ");
  return `${name}: func(${args})${results.length === 0 ? "" : ` -> ${types.at(-1)}`};`;
}
