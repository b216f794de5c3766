import { WeftError } from "../../core/errors.ts";
import { isComponent } from "../../engine/wasm/binary/preamble.ts";
import { prepareComponent } from "../../engine/wasm/component/prepare.ts";
import { prepareCore } from "../../engine/wasm/core/prepare.ts";
import { stackSizes } from "../../engine/wasm/limits/plan.ts";
import type { WasmProgram } from "../../engine/wasm/program.ts";
import { handlerMethod, isHandlerExport } from "../../hosts/http/handler-export.ts";
import { isSuspending, isSuspendingAlong, suspendsAlways } from "../../hosts/index.ts";
import { DiagnosticError, type Diagnostic } from "../../registry/diagnostic.ts";
import type { DiagnosticCode } from "../../registry/diagnostic-codes.ts";
import type { Entry, FieldPath } from "../../registry/entry.ts";
import type { PlaceTools } from "../../registry/kind.ts";
import type { Placement, PoolSpec } from "../../registry/placement.ts";
import { problem, problemInText } from "../../registry/problem.ts";
import { WitError } from "../../wit/parse/error.ts";
import { findFunction, parseWit } from "../../wit/parse/parse.ts";
import type { WitFunction } from "../../wit/types.ts";
import { capabilityOf, coreImportProblems } from "./imports.ts";
import { isLinked, linkRequests } from "./links.ts";
import { tightest, type Limits } from "../../core/limits.ts";
import { resolveLimits } from "./limits.ts";
import { readMeta } from "./meta.ts";
import { resultForm, transportOf, type WasmFields } from "./wasm-fields.ts";
import { resolveWasi } from "./wasi.ts";

/** An entry that is to be placed. */
export interface WasmEntry {
  readonly entry: Entry;
  readonly spec: WasmFields;
  readonly role: Placement["role"];
  readonly pool: PoolSpec;
  /** As the author wrote it, or what it is when nothing was written, by the sort of the binary. */
  readonly method: string | { readonly core: string; readonly component: string };
}

/** The bytes of an entry; undefined when they could not be had. Problems found on the way are in the list. */
export interface WasmBytes {
  readonly bytes: Uint8Array | undefined;
  /** The field that the bytes come from: problems with them are reported there. */
  readonly field: "source" | "path";
  readonly problems: readonly Diagnostic[];
}

/** Makes a placement of an entry's bytes. @throws DiagnosticError with every problem found. */
export async function placeWasm(wanted: WasmEntry, binary: WasmBytes, tools: PlaceTools): Promise<Placement> {
  const { entry, spec, role, pool } = wanted;
  const problems = [...binary.problems];
  const wasi = resolveWasi(entry, spec.wasi, { tools, problems });
  const program = await prepare(wanted, binary, { tools, problems });
  if (program !== undefined) problems.push(...stackProblems(wanted, program));
  if (program === undefined || problems.length > 0) throw new DiagnosticError(problems);
  const { options, defaultHost } = readMeta(entry);
  return {
    id: entry.id,
    kind: entry.kind,
    role,
    program,
    signature: signatureFor(program, tools),
    resultForm: resultForm(spec, tools),
    imports: (spec.imports ?? []).flatMap((item) => capabilityOf(item) ?? []),
    wasi: { ...wasi, wordsAlone: tools.compat === "wippy" && program.type === "component" },
    ...(role === "function" ? transportFor(program, spec) : {}),
    limits: limitsOf(spec, tools),
    pool,
    options,
    defaultHost,
  };
}

/** Results with which the other format's functions without parameters take any arguments, and ignore them. */
const scalars: ReadonlySet<string> = new Set(["bool", "u32", "s32", "u64", "s64"]);

function signatureFor({ signature }: WasmProgram, { compat }: PlaceTools): WitFunction | undefined {
  if (compat !== "wippy" || signature === undefined || signature.params.length > 0) return signature;
  return scalars.has(signature.result?.kind ?? "") ? { ...signature, ignoresSurplus: true } : signature;
}

function transportFor({ method }: WasmProgram, { transport }: WasmFields): Pick<Placement, "transport"> {
  if (isHandlerExport(method)) return { transport: "incoming-handler" };
  return transportOf(transport) === "wasi-http" ? { transport: "wasi-http" } : {};
}

/** A limit that can never be reached would promise a stack that nobody has. */
function stackProblems({ entry, spec }: WasmEntry, program: WasmProgram): Diagnostic[] {
  const wanted = spec.limits?.max_stack_bytes ?? 0;
  const suspends = program.type === "component" ? program.artefact.suspending : suspendsAlways(program.imports);
  const largest = suspends ? stackSizes.suspending : stackSizes.thread;
  if (wanted <= largest) return [];
  const reason = suspends
    ? "it imports functions that may wait, and such a guest has a stack of its own"
    : "so large is the stack of an isolate";
  const message = `max_stack_bytes of ${wanted} is more than the ${largest} that this program can have: ${reason}`;
  return [
    problem(entry, ["limits", "max_stack_bytes"], { code: "over-limit", message, hint: `write ${largest} at most` }),
  ];
}

interface Preparing {
  readonly tools: PlaceTools;
  readonly problems: Diagnostic[];
}

async function prepare(
  wanted: WasmEntry,
  { bytes, field }: WasmBytes,
  { tools, problems }: Preparing,
): Promise<WasmProgram | undefined> {
  if (bytes === undefined) return undefined;
  try {
    if (isComponent(bytes)) return await prepareAsComponent(wanted, bytes, tools);
    problems.push(...coreImportProblems(wanted.entry, wanted.spec.imports ?? []));
    return prepareAsCore(wanted, bytes, { tools, problems });
  } catch (error) {
    problems.push(explain(wanted, field, error));
    return undefined;
  }
}

async function prepareAsComponent(wanted: WasmEntry, bytes: Uint8Array, tools: PlaceTools): Promise<WasmProgram> {
  const { entry, spec, method } = wanted;
  const linked = isLinked(linkRequests(entry, spec.imports));
  return await prepareComponent(bytes, {
    name: entry.id,
    method: typeof method === "string" ? method : method.component,
    cacheDir: tools.cacheDir,
    // Whoever serves a link may wait, be on another thread, or have no free slot.
    suspending: (name, func) => linked(name, func) || isSuspending(name, func),
    suspendingAlong: isSuspendingAlong,
    limits: limitsOf(spec, tools),
    pristine: isPristine(wanted),
    log: tools.log,
    ...(spec.engine === undefined ? {} : { engine: spec.engine }),
  });
}

/** Whether each call of it finds an instance that nobody has used. */
function isPristine({ role, pool }: Pick<WasmEntry, "role" | "pool">): boolean {
  return role === "function" && pool.state !== "kept";
}

function limitsOf(spec: WasmFields, tools: PlaceTools): Limits {
  return tightest(resolveLimits(spec.limits), tools.limits);
}

function prepareAsCore(
  { entry, spec, method, role, pool }: WasmEntry,
  bytes: Uint8Array,
  preparing: Preparing,
): WasmProgram {
  const { tools, problems } = preparing;
  const limits = limitsOf(spec, tools);
  const cache = { cacheDir: tools.cacheDir, log: tools.log };
  const name = typeof method === "string" ? method : method.core;
  const pristine = isPristine({ role, pool });
  const signature = spec.wit === undefined || spec.wit.trim() === "" ? undefined : readSignature(entry, spec.wit, name);
  if (signature === undefined || "params" in signature) {
    return prepareCore(bytes, {
      name: entry.id,
      method: name,
      signature,
      limits,
      pristine,
      cache,
      commandsStart: true,
    });
  }
  problems.push(signature);
  // Without its signature the method is looked up all the same, so that a wrong name is reported in the same run.
  return prepareCore(bytes, { name: entry.id, method: name, limits, cache });
}

function readSignature(entry: Entry, wit: string, method: string): WitFunction | Diagnostic {
  try {
    const document = parseWit(wit);
    const found = findFunction(document, method);
    if (found.kind === "match") return found.function;
    const names = document.functions.map((item) => item.name);
    const hint =
      found.kind === "ambiguous" ? `write one of ${found.names.join(", ")}` : didYouMean(found.nearest, names);
    const message =
      found.kind === "ambiguous" ? `"${method}" means several functions of wit` : `wit has no function "${method}"`;
    return problem(entry, ["wit"], { code: "wit-method", message, hint });
  } catch (error) {
    if (!(error instanceof WitError)) throw error;
    const message = `expected ${error.expected}, found ${error.found}`;
    return problemInText(entry, ["wit"], error, { code: "wit-text", message, hint: error.hint });
  }
}

function didYouMean(nearest: readonly string[], names: readonly string[]): string | undefined {
  if (nearest.length > 0) return `did you mean ${nearest.join(" or ")}?`;
  return names.length === 0 ? "write it as `name: func(argument: type) -> type;`" : `it has ${names.join(", ")}`;
}

/** Where failures of the engine are reported, and as what. */
function explain({ entry, spec, method }: WasmEntry, bytesField: WasmBytes["field"], error: unknown): Diagnostic {
  const at = (path: FieldPath, code: DiagnosticCode): Diagnostic => {
    const text = error instanceof Error ? error.message : String(error);
    const own = text.startsWith(`${entry.id}: `) ? text.slice(entry.id.length + 2) : text;
    const message = own.replaceAll(/\s*\n\s*(Caused by:\s*)?/g, ": ");
    const hint = error instanceof WeftError ? nearestHint(error) : undefined;
    return problem(entry, path, { code, message, hint });
  };
  if (!(error instanceof WeftError)) return at([bytesField], "invalid-module");
  if (error.code === "METHOD_NOT_FOUND" && typeof method !== "string" && entry.kind === "function.wasm") {
    const message = `method: is required, because it does not export ${handlerMethod.replace("#handle", "")}`;
    return problem(entry, [], { code: "missing-field", message, hint: nearestHint(error) ?? exportsHint(error) });
  }
  if (error.code === "METHOD_NOT_FOUND") return at(["method"], "method-not-found");
  if (error.code === "SIGNATURE_MISMATCH") return at([spec.wit === undefined ? "method" : "wit"], "signature-mismatch");
  if (error.code === "MEMORY_EXCEEDED") return at([spec.limits === undefined ? bytesField : "limits"], "over-limit");
  return at([bytesField], "unsupported-module");
}

function nearestHint({ details }: WeftError): string | undefined {
  const { nearest } = details;
  return Array.isArray(nearest) && nearest.length > 0 ? `did you mean ${nearest.join(" or ")}?` : undefined;
}

/** More exports than these make a hint unreadable. */
const hintedExports = 10;

function exportsHint({ details }: WeftError): string | undefined {
  const { exports } = details;
  if (!Array.isArray(exports) || exports.length === 0) return undefined;
  const more = exports.length > hintedExports ? " or others" : "";
  return `it exports ${exports.slice(0, hintedExports).join(", ")}${more}`;
}
