import { nearestNames } from "../../core/nearest.ts";
import { spellingIndex } from "../spellings.ts";
import type { WitField, WitFunction, WitType } from "../types.ts";
import type { AnyReader } from "./backend.ts";
import { expectedText, shorten } from "./expected.ts";

/**
 * A value that does not fit its type. Thrown by generated code and given its path on the way out, one segment a
 * level, so that the way in carries none. Not an Error: nobody needs the stack of generated code.
 */
export class Mismatch {
  path = "";
  problem: string;
  /** The value was nil: in a record, its field is missing. */
  readonly nil: boolean;

  constructor(problem: string, nil: boolean) {
    this.problem = problem;
    this.nil = nil;
  }
}

/** The named types, whose names a message can compare. */
type Cased = Extract<WitType, { kind: "variant" | "enum" | "flags" | "result" | "option" }>;

/** What the generated readers of one backend call when something is wrong, or rare. */
export interface ReadHelpers {
  wrong(type: WitType, value: unknown): unknown;
  atItem(thrown: unknown, index: number): unknown;
  atField(thrown: unknown, fields: readonly WitField[], index: number, table: unknown): unknown;
  atCase(thrown: unknown, name: string): unknown;
  atArgument(thrown: unknown, signature: WitFunction, index: number): unknown;
  wrongCount(signature: WitFunction, count: number): unknown;
  char(value: unknown): string | undefined;
  flags(type: Extract<WitType, { kind: "flags" }>, index: ReadonlyMap<string, number>, value: unknown): unknown;
}

/** The helpers over a backend. */
export function readHelpers(reader: AnyReader): ReadHelpers {
  const wrong = (type: WitType, value: unknown) =>
    new Mismatch(
      `expected ${expectedText(type)}, got ${reader.describe(value)}${caseHint(reader, type, value)}`,
      reader.isNil(value),
    );
  const at = (thrown: unknown, segment: string) => {
    if (thrown instanceof Mismatch) thrown.path = segment + thrown.path;
    return thrown;
  };
  return {
    wrong,
    atItem: (thrown, index) => at(thrown, `[${index + reader.indexBase}]`),
    atCase: (thrown, name) => at(thrown, `.${name}`),
    atField(thrown, fields, index, table) {
      const isMissing = thrown instanceof Mismatch && thrown.nil && thrown.path === "";
      return isMissing ? missingFields(reader, fields, table) : at(thrown, `.${fields[index]?.name ?? index}`);
    },
    atArgument(thrown, signature, index) {
      const name = signature.params[index]?.name ?? "";
      return at(thrown, `argument ${index + 1}${name === "" ? "" : ` "${name}"`}`);
    },
    wrongCount: (signature, count) => new Mismatch(countProblem(signature, count), false),
    char: (value) => readChar(reader, value),
    flags: (type, index, value) => readFlags({ reader, wrong, at }, { type, index }, value),
  };
}

function missingFields(reader: AnyReader, fields: readonly WitField[], table: unknown): Mismatch {
  const missing = fields.filter(
    ({ name, type }) =>
      type.kind !== "option" && reader.isNil(reader.field(table, reader.key(fieldNames(fields, name)))),
  );
  const names = missing.map((field) => `"${field.name}" (${expectedText(field.type)})`);
  const accepted = spellingIndex(fields.map((field) => field.name));
  const strangers = reader.names(table).filter((name) => !accepted.has(name));
  const close = missing.flatMap((field) => nearestNames(field.name, strangers, 1));
  const hint = close.length === 0 ? "" : `; found ${close.map((name) => `"${name}"`).join(", ")} instead`;
  return new Mismatch(`missing field${missing.length === 1 ? "" : "s"} ${shorten(names)}${hint}`, false);
}

function fieldNames(fields: readonly WitField[], name: string): string[] {
  const index = spellingIndex(fields.map((field) => field.name));
  const position = fields.findIndex((field) => field.name === name);
  return [...index].filter(([, at]) => at === position).map(([spelling]) => spelling);
}

function caseHint(reader: AnyReader, type: WitType, value: unknown): string {
  if (type.kind !== "variant" && type.kind !== "enum") return "";
  const wanted = reader.caseName(value);
  if (wanted === undefined) return "";
  const [nearest] = nearestNames(wanted, caseNames(type), 1);
  return nearest === undefined ? "" : ` (did you mean "${nearest}"?)`;
}

/** The names of a type's cases, in the order of their discriminants. */
export function caseNames(type: Cased): readonly string[] {
  switch (type.kind) {
    case "variant":
      return type.cases.map((item) => item.name);
    case "enum":
      return type.cases;
    case "flags":
      return type.flags;
    case "result":
      return ["ok", "err"];
    case "option":
      return ["some", "none"];
  }
}

/** How many arguments must be given: trailing options may be left out. */
export function requiredCount(signature: WitFunction): number {
  return signature.params.findLastIndex((param) => param.type.kind !== "option") + 1;
}

function countProblem(signature: WitFunction, count: number): string {
  const most = signature.params.length;
  const least = requiredCount(signature);
  const wanted = least === most ? String(most) : `${least} to ${most}`;
  return `expected ${wanted} argument${wanted === "1" ? "" : "s"}, got ${count}`;
}

function readChar(reader: AnyReader, value: unknown): string | undefined {
  const text = reader.text(value);
  if (text !== undefined) {
    const code = text.codePointAt(0);
    return code !== undefined && text.length === (code > 0xffff ? 2 : 1) ? text : undefined;
  }
  const code = reader.integer(value);
  if (typeof code !== "number" || code < 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
  return String.fromCodePoint(code);
}

type FlagsType = Extract<WitType, { kind: "flags" }>;

interface FlagsReader {
  readonly reader: AnyReader;
  readonly wrong: (type: WitType, value: unknown) => Mismatch;
  readonly at: (thrown: unknown, segment: string) => unknown;
}

interface FlagsNames {
  readonly type: FlagsType;
  readonly index: ReadonlyMap<string, number>;
}

/** Flags as a bit mask, a list of names, or a table of booleans; read at run time, for they are small and rare. */
function readFlags({ reader, wrong, at }: FlagsReader, { type, index }: FlagsNames, value: unknown): unknown {
  const mask = reader.integer(value);
  if (mask !== undefined) {
    const bits = BigInt(mask);
    if (bits < 0n || bits >> BigInt(type.flags.length) !== 0n) throw wrong(type, value);
    return flagRecord(type, (position) => ((bits >> BigInt(position)) & 1n) === 1n);
  }
  const set = new Set<number>();
  const list = reader.list(value);
  if (list !== undefined) {
    for (let i = 0; i < reader.length(list); i++) {
      const item = reader.item(list, i);
      const position = index.get(reader.text(item) ?? "");
      if (position === undefined) throw at(wrong(type, item), `[${i + reader.indexBase}]`);
      set.add(position);
    }
    return flagRecord(type, (position) => set.has(position));
  }
  const table = reader.table(value);
  if (table === undefined) throw wrong(type, value);
  for (const name of reader.names(table)) {
    const position = index.get(name);
    if (position === undefined) throw unknownFlag(type, name);
    const item = reader.field(table, reader.key([name]));
    if (reader.isNil(item)) continue;
    const isSet = reader.bool(item);
    if (isSet === undefined) throw at(wrong({ kind: "bool" }, item), `.${type.flags[position] ?? name}`);
    if (isSet) set.add(position);
  }
  return flagRecord(type, (position) => set.has(position));
}

function unknownFlag(type: FlagsType, name: string): Mismatch {
  const [nearest] = nearestNames(name, type.flags, 1);
  const hint = nearest === undefined ? "" : ` (did you mean "${nearest}"?)`;
  return new Mismatch(
    `expected ${expectedText(type)}, got the name ${JSON.stringify(name.slice(0, 40))}${hint}`,
    false,
  );
}

function flagRecord(type: FlagsType, isSet: (position: number) => boolean): Readonly<Record<string, true>> {
  return Object.fromEntries(type.flags.filter((_, position) => isSet(position)).map((name) => [name, true]));
}
