import type { WitFunction, WitType } from "./types.ts";

/** A type as WIT text. Named types appear by their name, so the text stays short enough for a message. */
export function formatType(type: WitType): string {
  switch (type.kind) {
    case "list":
      return `list<${formatType(type.element)}${type.length === undefined ? "" : `, ${type.length}`}>`;
    case "tuple":
      return `tuple<${type.items.map(formatType).join(", ")}>`;
    case "option":
      return `option<${formatType(type.some)}>`;
    case "result":
      return formatResult(type.ok, type.err);
    case "own":
      return type.resource;
    case "borrow":
      return `borrow<${type.resource}>`;
    case "stream":
    case "future":
      return type.element === undefined ? type.kind : `${type.kind}<${formatType(type.element)}>`;
    case "record":
    case "variant":
    case "enum":
    case "flags":
      return type.name ?? `${type.kind} ${formatBody(type)}`;
    default:
      return type.kind;
  }
}

/** A signature as WIT text, without its name: `func(users: list<user-record>) -> list<user-output>`. */
export function formatFunction(signature: WitFunction): string {
  const params = signature.params.map(({ name, type }) =>
    name === "" ? formatType(type) : `${formatName(name)}: ${formatType(type)}`,
  );
  const result = signature.result === undefined ? "" : ` -> ${formatType(signature.result)}`;
  return `func(${params.join(", ")})${result}`;
}

/** Functions with the definitions of every named type they use: text that `parseWit` reads back. */
export function formatDocument(functions: readonly WitFunction[]): string {
  const definitions = new Map<string, string>();
  for (const signature of functions) {
    for (const param of signature.params) collectDefinitions(param.type, definitions);
    if (signature.result !== undefined) collectDefinitions(signature.result, definitions);
  }
  const lines = functions.map((signature) => `${formatName(signature.name)}: ${formatFunction(signature)};`);
  return [...definitions.values(), ...lines].join("\n");
}

/** The words that WIT reserves; as names they are written with `%`. */
const keywords = new Set(
  (
    "as async bool borrow char constructor enum export f32 f64 flags from func future import include interface list " +
    "option own package record resource result s16 s32 s64 s8 static stream string tuple type u16 u32 u64 u8 use " +
    "variant with world"
  ).split(" "),
);

function formatName(name: string): string {
  return keywords.has(name) ? `%${name}` : name;
}

function formatResult(ok: WitType | undefined, err: WitType | undefined): string {
  if (err === undefined) return ok === undefined ? "result" : `result<${formatType(ok)}>`;
  return `result<${ok === undefined ? "_" : formatType(ok)}, ${formatType(err)}>`;
}

type Named = Extract<WitType, { kind: "record" | "variant" | "enum" | "flags" }>;

function formatBody(type: Named): string {
  return `{ ${bodyParts(type).join(", ")} }`;
}

function bodyParts(type: Named): string[] {
  switch (type.kind) {
    case "record":
      return type.fields.map((field) => `${formatName(field.name)}: ${formatType(field.type)}`);
    case "variant":
      return type.cases.map((item) =>
        item.type === undefined ? formatName(item.name) : `${formatName(item.name)}(${formatType(item.type)})`,
      );
    case "enum":
      return type.cases.map(formatName);
    case "flags":
      return type.flags.map(formatName);
  }
}

/** Adds the definition of every named type in `type`, the innermost first. */
function collectDefinitions(type: WitType, into: Map<string, string>): void {
  for (const part of partsOf(type)) collectDefinitions(part, into);
  if ((type.kind === "own" || type.kind === "borrow") && !into.has(type.resource)) {
    into.set(type.resource, `resource ${formatName(type.resource)};`);
  }
  const isNamed = type.kind === "record" || type.kind === "variant" || type.kind === "enum" || type.kind === "flags";
  if (isNamed && type.name !== undefined && !into.has(type.name)) {
    into.set(type.name, `${type.kind} ${formatName(type.name)} ${formatBody(type)}`);
  }
}

/** The types directly inside a type. */
export function partsOf(type: WitType): readonly WitType[] {
  switch (type.kind) {
    case "list":
      return [type.element];
    case "tuple":
      return type.items;
    case "option":
      return [type.some];
    case "result":
      return [type.ok, type.err].filter((part) => part !== undefined);
    case "record":
      return type.fields.map((field) => field.type);
    case "variant":
      return type.cases.map((item) => item.type).filter((part) => part !== undefined);
    case "stream":
    case "future":
      return type.element === undefined ? [] : [type.element];
    default:
      return [];
  }
}
