import type { WitFunction } from "../../../wit/types.ts";
import { inspectCore, type CoreInfo } from "../inspect/core.ts";
import type { CoreFunctionType, CoreProgram, Opening } from "../program.ts";
import { findAbi } from "./abi.ts";
import { findPacked, isTextual } from "./packed.ts";
import { checkPlain, checkSignature } from "./check.ts";
import type { WasmLimits } from "../limits/plan.ts";
import type { ModuleCache } from "../limits/cache.ts";
import { limitModule } from "../limits/prepare.ts";
import { findMethod } from "../method.ts";

/** What a core module is prepared for. */
export interface PrepareCoreOptions {
  /** The entry's id. */
  readonly name: string;
  /** The export to call, as the author wrote it. */
  readonly method: string;
  /** From the entry's `wit:` text; without one, arguments and results are numbers. */
  readonly signature?: WitFunction | undefined;
  /** What its instances are held to. */
  readonly limits?: WasmLimits;
  /** Its instances are put back after their calls. */
  readonly pristine?: boolean;
  /** Whether a command's `_start` runs before another method of it. A reactor's `_initialize` always does. */
  readonly commandsStart?: boolean;
  /** Where rewritten modules are kept; nowhere without it. */
  readonly cache?: ModuleCache | undefined;
}

interface Found {
  readonly name: string;
  readonly method: string;
  readonly type: CoreFunctionType;
}

/** Modules whose functions Weft's preview-1 host provides. */
export const preview1Modules: readonly string[] = ["wasi_snapshot_preview1", "wasi_unstable"];

/**
 * Compiles a core module and finds what calling it takes.
 * @throws InvalidModuleError for malformed bytes.
 * @throws WeftError `METHOD_NOT_FOUND`, `SIGNATURE_MISMATCH` when the signature does not fit the export, or
 * `MEMORY_EXCEEDED` for a module that begins with more memory than it may have.
 */
export function prepareCore(bytes: Uint8Array, options: PrepareCoreOptions): CoreProgram {
  return openCore(bytes, options).program(options);
}

/** A core module of which several exports are called. */
export interface OpenedCore {
  readonly info: CoreInfo;
  /** Finds what calling one export takes. @throws WeftError `METHOD_NOT_FOUND`, `SIGNATURE_MISMATCH`. */
  program(wanted: Pick<PrepareCoreOptions, "name" | "method" | "signature">): CoreProgram;
}

/** Reads a core module, which is compiled once, with its first export. @throws InvalidModuleError. */
export function openCore(
  bytes: Uint8Array,
  { name, limits = {}, cache, pristine, commandsStart = false }: Omit<PrepareCoreOptions, "method">,
): OpenedCore {
  const info = inspectCore(bytes);
  let limited: ReturnType<typeof limitModule> | undefined;
  return {
    info,
    program: (wanted) => {
      const called = calledExport(info, wanted);
      limited ??= limitModule(bytes, { name, limits, pristine, cache });
      return {
        ...called,
        ...limited,
        limits,
        ...surroundings(info),
        opening: openingOf(info, called.method, commandsStart),
      };
    },
  };
}

type Called = Pick<CoreProgram, "type" | "name" | "method" | "coreType" | "signature" | "abi" | "packed">;

function calledExport(info: CoreInfo, options: PrepareCoreOptions): Called {
  const { signature } = options;
  const { name, method, type } = findExport(info, options);
  const abi = findAbi(info, method);
  const packed = signature !== undefined && isTextual(signature) ? findPacked(info, type) : undefined;
  if (signature === undefined) checkPlain(type, { name, method });
  else if (packed === undefined) checkSignature(signature, { name, method, type, abi, info });
  return { type: "core", name, method, coreType: type, signature, abi, packed };
}

function openingOf(info: CoreInfo, method: string, commandsStart: boolean): Opening | undefined {
  const has = (name: Opening): boolean =>
    info.exports.some((item) => item.name === name && item.type?.params.length === 0 && item.type.results.length === 0);
  if (has("_initialize")) return method === "_initialize" ? undefined : "_initialize";
  return commandsStart && method !== "_start" && has("_start") ? "_start" : undefined;
}

function surroundings(
  info: CoreInfo,
): Pick<CoreProgram, "usesPreview1" | "foreignImports" | "imports" | "stateless" | "functionNames"> {
  return {
    usesPreview1: info.imports.some((item) => preview1Modules.includes(item.module)),
    foreignImports: info.imports
      .filter((item) => item.extern.kind === "function" && !preview1Modules.includes(item.module))
      .map((item) => ({ module: item.module, name: item.name })),
    imports: info.imports,
    stateless: info.stateless,
    functionNames: Object.fromEntries(
      info.exports.filter((item) => item.kind === "function").map((item) => [item.index, item.name]),
    ),
  };
}

function findExport(info: CoreInfo, options: PrepareCoreOptions): Found {
  const functions = new Map(info.exports.flatMap((item) => (item.type === undefined ? [] : [[item.name, item.type]])));
  const method = findMethod(options, [...functions.keys()]);
  const type = functions.get(method);
  if (type === undefined) throw new Error(`the export ${method} vanished`);
  return { name: options.name, method, type };
}
