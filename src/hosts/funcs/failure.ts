import type { WeftError } from "../../core/errors.ts";
import type { Value } from "../../core/values.ts";
import { rawNumber } from "../../core/raw-json.seam.ts";
import { toKebab } from "../../wit/spellings.ts";
import type { WitType } from "../../wit/types.ts";

/** Tells a failure as the `err` of a WIT result; undefined when the type has no place for it. */
export type TellFailure = (error: WeftError) => Value | undefined;

/** What a record may say about a failure, by the names of its fields. */
const parts: Readonly<Record<string, (error: WeftError) => Value>> = {
  code: (error) => error.code,
  kind: (error) => error.kind,
  message: (error) => error.message,
  msg: (error) => error.message,
  text: (error) => error.message,
  reason: (error) => error.message,
  description: (error) => error.message,
  retryable: (error) => error.retryable,
  details: detailsJson,
};

/** Cases that mean any failure, the likeliest first. */
const anyFailure = ["other", "failed", "failure", "error", "internal", "unknown", "unexpected"];

/** The details of a failure as JSON, or null when there are none. */
export function detailsJson({ details }: WeftError): string | null {
  if (Object.keys(details).length === 0) return null;
  try {
    return JSON.stringify(details, (_key, part: unknown) => (typeof part === "bigint" ? rawNumber(part) : part));
  } catch {
    return null;
  }
}

/**
 * How failures of a callee are told in the `err` type of an import: as the message in a `string`; in a record whose fields
 * are the parts of an error; in the case of a variant or enum that is called like the failure's kind (`not-found`) or
 * means any failure (`other`). Undefined when the type can hold none.
 */
export function failureTeller(type: WitType | undefined): TellFailure | undefined {
  if (type === undefined) return () => true;
  switch (type.kind) {
    case "string":
      return (error) => error.message;
    case "record":
      return recordTeller(type);
    case "enum":
      return caseTeller(new Map(type.cases.map((name) => [name, undefined])));
    case "variant":
      return caseTeller(new Map(type.cases.map((item) => [item.name, item.type ?? undefined])));
    default:
      return undefined;
  }
}

type Tell = (error: WeftError) => Value;

function recordTeller({ fields }: Extract<WitType, { kind: "record" }>): TellFailure | undefined {
  const tellers = fields.map(({ name, type }) => [name, fieldTeller(name, type)] as const);
  const known = tellers.flatMap(([name, tell]) => (tell === undefined ? [] : [[name, tell] as const]));
  if (known.length < tellers.length || known.length === 0) return undefined;
  return (error) => Object.fromEntries(known.map(([name, tell]) => [name, tell(error)]));
}

function fieldTeller(name: string, type: WitType): Tell | undefined {
  const part = parts[toKebab(name)];
  const inner = type.kind === "option" ? type.some : type;
  const wanted = name === "retryable" ? "bool" : "string";
  if (part === undefined || inner.kind !== wanted) return type.kind === "option" ? () => null : undefined;
  if (type.kind === "option") return part;
  return (error) => part(error) ?? (wanted === "bool" ? false : "");
}

function caseTeller(cases: ReadonlyMap<string, WitType | undefined>): TellFailure | undefined {
  const tellers = new Map<string, TellFailure>();
  for (const [name, type] of cases) {
    const tell = type === undefined ? undefined : failureTeller(type);
    if (type === undefined) tellers.set(name, () => name);
    else if (tell !== undefined) tellers.set(name, (error) => tagged(name, tell(error)));
  }
  const fallback = anyFailure.map((name) => tellers.get(name)).find((tell) => tell !== undefined);
  const kinds = new Set(["not-found", "already-exists", "invalid", "permission-denied", "unavailable", "timeout"]);
  if (fallback === undefined && ![...tellers.keys()].some((name) => kinds.has(name))) return undefined;
  return (error) => (tellers.get(toKebab(error.kind)) ?? fallback)?.(error);
}

function tagged(name: string, payload: Value | undefined): Value | undefined {
  return payload === undefined ? undefined : { [name]: payload };
}
