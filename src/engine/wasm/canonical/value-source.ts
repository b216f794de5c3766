import type { WitType } from "../../../wit/types.ts";

type Kind<K extends WitType["kind"]> = Extract<WitType, { kind: K }>;

/**
 * How written code gets at the parts of a value that it lowers: all answers are JavaScript expressions. Canonical
 * values are read as they are; other values are read through the functions of their backend.
 */
export interface ValueSource {
  /** The canonical value of a type that is lowered as a whole; undefined for one that is walked. */
  whole(type: WitType, value: string): string | undefined;
  /** What `length` and `item` work on. */
  list(type: Kind<"list" | "tuple">, value: string): string;
  length(list: string): string;
  item(list: string, index: string): string;
  /** What `field` works on. */
  record(type: Kind<"record">, value: string): string;
  field(record: string, type: Kind<"record">, index: number): string;
  isNone(value: string): string;
  /** What an option holds that is not none. */
  some(type: Kind<"option">, value: string): string;
  /** The name of a case, or something that is none. */
  caseOf(type: Kind<"variant" | "result">, value: string): string;
  payload(value: string, name: string): string;
}

/** Canonical values. */
export const canonicalSource: ValueSource = {
  whole: (_, value) => value,
  list: (_, value) => value,
  length: (list) => `${list}.length`,
  item: (list, index) => `${list}[${index}]`,
  record: (_, value) => value,
  field: (record, type, index) => member(record, type.fields[index]?.name ?? ""),
  isNone: (value) => `${value} === null || ${value} === undefined`,
  // An option inside an option is a box, `{some: v}` or `{none: true}`: its own null test needs null or the payload.
  some: (type, value) => (type.some.kind === "option" ? `${value}.some` : value),
  caseOf: (_, value) => `rt.caseOf(${value})`,
  payload: member,
};

function member(value: string, name: string): string {
  return `${value}[${JSON.stringify(name)}]`;
}

/** How written code makes a value that it lifted: all answers are JavaScript expressions. */
export interface ValueBuilder {
  /** A value of a type that is lifted as a whole, from its canonical value; undefined for one that is put together. */
  whole(type: WitType, value: string): string | undefined;
  /** From an array of values. */
  list(items: string): string;
  record(type: Kind<"record">, values: readonly string[]): string;
  /** A case, with its payload if it has one. */
  caseOf(type: Kind<"variant" | "option" | "result">, index: number, payload: string | undefined): string;
}
