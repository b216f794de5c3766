import { formatCoreType } from "../../engine/wasm/core/check.ts";
import { importNeedsOf, importShapeOf } from "../../engine/wasm/canonical/layout.ts";
import type { CoreFunctionType, CoreProgram } from "../../engine/wasm/program.ts";
import type { LinkType } from "../../hosts/funcs/link.ts";
import { problemInText } from "../../registry/problem.ts";
import { formatFunction } from "../../wit/format.ts";
import { WitError } from "../../wit/parse/error.ts";
import { findFunction, parseWit } from "../../wit/parse/parse.ts";
import type { WitFunction } from "../../wit/types.ts";
import { functionOf, type Callee } from "./link-callee.ts";
import { calleeTypes, crossProblem, takesNumbers } from "./link-types.ts";
import { complain, notImported, type Complaint, type Linking } from "./linking.ts";
import type { FunctionRequest, LinkRequest } from "./links.ts";

/** Ties one import of a core module to the entry that serves it. */
export function linkCoreImport(linking: Linking, program: CoreProgram, request: LinkRequest): void {
  const { path } = request;
  if (request.kind === "interface") {
    const message = "interfaces are for components, and this is a core module";
    return complain(linking, [...path, "interface"], { message, hint: "write `{module: …, function: …, from: …}`" });
  }
  const { name, module = "env" } = request;
  const functions = program.imports.filter((item) => item.extern.kind === "function");
  const wanted = functions.find((item) => item.module === module && item.name === name)?.extern;
  if (wanted?.kind !== "function") {
    const names = functions.map((item) => `${item.module}.${item.name}`);
    return complain(linking, [...path, "function"], notImported(`${module}.${name}`, "function", names));
  }
  const callee = functionOf(linking.tools.placement(request.target));
  if (callee === undefined) return;
  const type = passing(linking, { program, request, wanted: wanted.type }, callee);
  if (type !== undefined) linking.links.push({ from: module, name, target: callee.id, type });
}

interface CoreWanted {
  readonly program: CoreProgram;
  readonly request: FunctionRequest;
  readonly wanted: CoreFunctionType;
}

/** What passes: numbers as they are, or values by the signature that the author wrote or the callee has. */
function passing(linking: Linking, { program, request, wanted }: CoreWanted, callee: Callee): LinkType | undefined {
  const { path, name, wit } = request;
  const mistake = takesNumbers(wanted, callee);
  if (wit === undefined && mistake === undefined) return { core: wanted };
  const signature = wit === undefined ? callee.signature : readSignature(linking, request, wit);
  if (signature === undefined) {
    if (wit === undefined) complain(linking, [...path, "from"], mismatch(`${name}: ${mistake}`));
    return undefined;
  }
  const where = [...path, wit === undefined ? "from" : "wit"];
  const needs = importShapeOf(signature);
  if (formatCoreType(needs) !== formatCoreType(wanted)) {
    const shown = `${name} is imported as ${formatCoreType(wanted)}, but ${formatFunction(signature)} needs ${formatCoreType(needs)}`;
    complain(linking, where, mismatch(wit === undefined ? `${name}: ${mistake}` : shown));
    return undefined;
  }
  const problem = crossProblem(signature) ?? lacking(program, signature);
  if (problem !== undefined) {
    complain(linking, where, { code: "unsupported-link", message: `${name} ${problem}` });
    return undefined;
  }
  const types = calleeTypes({ ...signature, name }, callee);
  if (typeof types === "string") return { lowered: signature, callee: types };
  complain(linking, [...path, "from"], mismatch(types.message));
  return undefined;
}

function mismatch(message: string): Complaint {
  return { code: "signature-mismatch", message };
}

/** What a module lacks to be given and to take such values. */
function lacking({ abi, imports }: CoreProgram, signature: WitFunction): string | undefined {
  const needs = importNeedsOf(signature);
  const memory = abi.memory ?? imports.find(({ extern }) => extern.kind === "memory")?.name;
  if (needs.memory && memory === undefined) return "passes values through memory, but the module exports none";
  if (!needs.allocator || abi.realloc !== undefined) return undefined;
  return "gives values that need room in the guest, but the module exports no allocator: cabi_realloc, allocate or alloc";
}

function readSignature(
  { entry, problems }: Linking,
  { path, name }: FunctionRequest,
  wit: string,
): WitFunction | undefined {
  try {
    const document = parseWit(wit);
    const found = findFunction(document, name);
    if (found.kind === "match") return found.function;
    const [only, ...others] = document.functions;
    if (only !== undefined && others.length === 0) return only;
    complain({ entry, problems }, [...path, "wit"], { code: "wit-method", message: `wit has no function "${name}"` });
  } catch (error) {
    if (!(error instanceof WitError)) throw error;
    const message = `expected ${error.expected}, found ${error.found}`;
    problems.push(problemInText(entry, [...path, "wit"], error, { code: "wit-text", message, hint: error.hint }));
  }
  return undefined;
}
