import { partsOf } from "./format.ts";
import type { WitField, WitFunction, WitType } from "./types.ts";

/** Whether two types have the same values. Names of types do not matter; those of fields, cases and flags do. */
export function isSameType(a: WitType | undefined, b: WitType | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.kind !== b.kind) return false;
  const as = partsOf(a);
  const bs = partsOf(b);
  return labels(a) === labels(b) && as.length === bs.length && as.every((part, index) => isSameType(part, bs[index]));
}

/** Whether two functions take the same values in the same order; the names of parameters do not matter. */
export function takesTheSame(a: WitFunction, b: WitFunction): boolean {
  const isSame = (param: WitField, index: number): boolean => isSameType(param.type, b.params[index]?.type);
  return a.params.length === b.params.length && a.params.every(isSame);
}

/** Whether two functions take and give the same values. */
export function isSameFunction(a: WitFunction, b: WitFunction): boolean {
  return takesTheSame(a, b) && isSameType(a.result, b.result);
}

/** The first type in a function, however deep, of which a rule is true. */
export function findType(func: WitFunction, rule: (type: WitType) => boolean): WitType | undefined {
  const open = [...func.params.map((param) => param.type), ...(func.result === undefined ? [] : [func.result])];
  for (const type of open) {
    if (rule(type)) return type;
    open.push(...partsOf(type));
  }
  return undefined;
}

/** What tells types of one kind apart beside their parts, as text. */
function labels(type: WitType): string {
  switch (type.kind) {
    case "record":
      return JSON.stringify(type.fields.map((field) => field.name));
    case "variant":
      return JSON.stringify(type.cases.map((item) => [item.name, item.type !== undefined]));
    case "enum":
      return JSON.stringify(type.cases);
    case "flags":
      return JSON.stringify(type.flags);
    case "result":
      return `${type.ok !== undefined} ${type.err !== undefined}`;
    case "list":
      return String(type.length);
    case "own":
    case "borrow":
      return type.resource;
    default:
      return "";
  }
}
