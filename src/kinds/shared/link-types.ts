import { formatCoreType } from "../../engine/wasm/core/check.ts";
import type { CoreFunctionType } from "../../engine/wasm/program.ts";
import { commonTypes, type CalleeTypes } from "../../hosts/funcs/link-types.ts";
import { formatFunction } from "../../wit/format.ts";
import { findType } from "../../wit/same.ts";
import type { WitFunction, WitType } from "../../wit/types.ts";
import type { Callee } from "./link-callee.ts";

const numbers = ["u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64"];

/** Why a function's values cannot leave its component; undefined when they can. */
export function crossProblem(func: WitFunction): string | undefined {
  const bound = ["own", "borrow", "stream", "future", "error-context"];
  const found = findType(func, ({ kind }) => bound.includes(kind));
  if (found === undefined)
    return func.name.startsWith("[") ? "is about a resource, which cannot cross entries" : undefined;
  const isHandle = found.kind === "own" || found.kind === "borrow";
  return isHandle
    ? `has a handle to the resource ${found.resource}: resources cannot cross entries`
    : `has a ${found.kind}, which cannot cross entries`;
}

/** What can be relied on of a callee's types, or why they are not those of the import. */
export function calleeTypes(wanted: WitFunction, callee: Callee): CalleeTypes | { readonly message: string } {
  const { signature, coreType, id } = callee;
  if (signature === undefined) {
    if (coreType === undefined || fitsNumbers(wanted, coreType)) return "untyped";
    const shown = `${formatFunction(wanted)}, but ${id}, which has no \`wit\`, has the WebAssembly type ${formatCoreType(coreType)}`;
    return { message: `${wanted.name} is imported as ${shown}` };
  }
  const common = commonTypes(wanted, signature);
  if (common !== undefined) return common;
  return {
    message: `${wanted.name} is imported as ${formatFunction(wanted)}, but ${id} is ${formatFunction(signature)}${moreOf(wanted, signature)}`,
  };
}

/** When both read alike, because named types differ inside, says so. */
function moreOf(wanted: WitFunction, signature: WitFunction): string {
  if (formatFunction(wanted) !== formatFunction(signature)) return "";
  return ": types of the same name have other parts";
}

function fitsNumbers({ params, result }: WitFunction, type: CoreFunctionType): boolean {
  const isNumber = (each: WitType): boolean => numbers.includes(each.kind);
  if (params.length !== type.params.length || !params.every((param) => isNumber(param.type))) return false;
  if (type.results.length > 1) return false;
  return type.results.length === 0 ? result === undefined : result !== undefined && isNumber(result);
}

/** Why a callee cannot serve the import of a core module. */
export function takesNumbers(wanted: CoreFunctionType, { id, signature, coreType }: Callee): string | undefined {
  const shown = `is imported as ${formatCoreType(wanted)}`;
  if (wanted.results.length > 1) return `${shown}; a function of another entry gives one result at most`;
  const odd = [...wanted.params, ...wanted.results].find((kind) => !["i32", "i64", "f32", "f64"].includes(kind));
  if (odd !== undefined) return `${shown}; a value of type ${odd} cannot cross entries`;
  const gives = wanted.results.length;
  if (coreType !== undefined && signature === undefined) {
    const fits = coreType.params.length === wanted.params.length && coreType.results.length === gives;
    return fits ? undefined : `${shown}, but ${id} has the WebAssembly type ${formatCoreType(coreType)}`;
  }
  if (signature === undefined) return undefined;
  const isPlain = (type: WitType): boolean => numbers.includes(type.kind);
  const { result } = signature;
  const resultFits = gives === 0 || (result !== undefined && (isPlain(result) || result.kind === "bool"));
  const fits =
    signature.params.length === wanted.params.length && signature.params.every((param) => isPlain(param.type));
  return fits && resultFits ? undefined : `${shown}, but ${id} is ${formatFunction(signature)}`;
}
