import { nearestNames } from "../../../core/nearest.ts";
import { WeftError } from "../../../core/errors.ts";
import { matchName } from "../../../wit/names.ts";
import type { WitFunction } from "../../../wit/types.ts";
import { inspectCore, type CoreInfo } from "../inspect/core.ts";
import type { CoreFunctionType, CoreProgram } from "../program.ts";
import { findAbi } from "./abi.ts";
import { checkPlain, checkSignature } from "./check.ts";
import { compileModule } from "./compile.ts";

/** What a core module is prepared for. */
export interface PrepareCoreOptions {
  /** The entry's id. */
  readonly name: string;
  /** The export to call, as the author wrote it. */
  readonly method: string;
  /** From the entry's `wit:` text; without one, arguments and results are numbers. */
  readonly signature?: WitFunction | undefined;
}

/** Modules whose functions Weft's preview-1 host provides. */
const preview1Modules = ["wasi_snapshot_preview1", "wasi_unstable"];

/**
 * Compiles a core module and finds what calling it takes.
 * @throws InvalidModuleError for malformed bytes.
 * @throws WeftError `METHOD_NOT_FOUND`, or `SIGNATURE_MISMATCH` when the signature does not fit the export.
 */
export function prepareCore(bytes: Uint8Array, options: PrepareCoreOptions): CoreProgram {
  const info = inspectCore(bytes);
  const { name, method, type } = findMethod(info, options);
  const abi = findAbi(info, method);
  if (options.signature === undefined) checkPlain(type, { name, method });
  else checkSignature(options.signature, { name, method, type, abi, info });
  return {
    type: "core",
    name,
    module: compileModule(bytes),
    method,
    coreType: type,
    signature: options.signature,
    abi,
    reactor: info.exports.some((item) => item.kind === "function" && item.name === "_initialize"),
    usesPreview1: info.imports.some((item) => preview1Modules.includes(item.module)),
    foreignImports: info.imports
      .filter((item) => item.extern.kind === "function" && !preview1Modules.includes(item.module))
      .map((item) => ({ module: item.module, name: item.name })),
    imports: info.imports,
    functionNames: Object.fromEntries(
      info.exports.filter((item) => item.kind === "function").map((item) => [item.index, item.name]),
    ),
  };
}

/** More exports than these make a message unreadable. */
const listedExports = 20;

function findMethod(
  info: CoreInfo,
  options: PrepareCoreOptions,
): { name: string; method: string; type: CoreFunctionType } {
  const { name, method } = options;
  const functions = new Map(info.exports.flatMap((item) => (item.type === undefined ? [] : [[item.name, item.type]])));
  const found = matchName(method, functions.keys());
  if (found.kind === "match") {
    const type = functions.get(found.name);
    if (type !== undefined) return { name, method: found.name, type };
  }
  if (found.kind === "ambiguous") {
    const message = `${name}: method "${method}" could be ${found.names.map((item) => `"${item}"`).join(" or ")}`;
    throw new WeftError("METHOD_NOT_FOUND", message, { details: { method, exports: found.names } });
  }
  throw methodNotFound(options, [...functions.keys()]);
}

/** The error for a method that is not among the exports: it lists them, and the nearest. */
export function methodNotFound(
  { name, method }: { readonly name: string; readonly method: string },
  exports: readonly string[],
): WeftError {
  const open = exports.filter((item) => !/^(cabi_|canonical_abi_|_initialize$|__)/.test(item));
  const found = matchName(method, open);
  const nearest = found.kind === "none" ? found.nearest : nearestNames(method, open);
  const hint = nearest.length === 0 ? "" : `; did you mean ${nearest.map((item) => `"${item}"`).join(" or ")}?`;
  const more = open.length > listedExports ? `, and ${open.length - listedExports} more` : "";
  const list =
    open.length === 0 ? "it exports no functions" : `it exports ${open.slice(0, listedExports).join(", ")}${more}`;
  return new WeftError("METHOD_NOT_FOUND", `${name}: there is no export "${method}"${hint} (${list})`, {
    details: { method, exports: open, nearest },
  });
}
