import { parse } from "yaml";
import { RE2JS } from "re2js";
import { WeftError } from "../core/errors.ts";
import { parseId, type EntryId } from "../core/ids.ts";
import { nearestSuffix } from "../core/nearest.ts";
import { toValue, type Value } from "../core/values.ts";
import type { ReadRegistry } from "../registry/check-entries.ts";
import type { Entry } from "../registry/entry.ts";
import type { ReadEntry } from "../registry/reading/read-entries.ts";
import { fieldsOf, withValue } from "../registry/with-value.ts";

/** A value that stands in for what an entry says. */
export interface Override {
  readonly id: EntryId;
  /** Steps from `kind`, `meta` or `data`. */
  readonly path: readonly [part: "kind" | "meta" | "data", ...steps: string[]];
  readonly value: Value;
}

/** Which entries are left out. */
export interface DisableRules {
  readonly namespaces: readonly string[];
  readonly entries: readonly string[];
  /** Entries whose meta has one of these values. */
  readonly meta: Readonly<Record<string, Value>>;
}

/** Reads `namespace:entry:path=value`, as the command line has it. @throws WeftError `INVALID_ARGUMENT`. */
export function parseOverride(text: string): Override {
  const at = text.indexOf("=");
  if (at < 0) throw new WeftError("INVALID_ARGUMENT", `"${text}" is no override: write namespace:entry:path=value`);
  return readOverride(text.slice(0, at), parseScalar(text.slice(at + 1)));
}

/** A value on the command line, as YAML reads it. */
export function parseScalar(text: string): unknown {
  try {
    const value: unknown = parse(text);
    return value ?? (text.trim() === "" ? "" : null);
  } catch {
    return text;
  }
}

/** Reads an override by its key, `namespace:entry:path`. @throws WeftError `INVALID_ARGUMENT`. */
export function readOverride(key: string, value: unknown): Override {
  const [namespace = "", name = "", ...rest] = key.split(":");
  const steps = rest.join(":").split(".");
  const [first = ""] = steps;
  if (namespace === "" || name === "" || steps.includes("")) {
    throw new WeftError("INVALID_ARGUMENT", `"${key}" names no field of an entry: write namespace:entry:path`);
  }
  const id = `${namespace}:${name}`;
  const checked = toValue(value, key);
  if (first === "kind" && steps.length === 1) return { id, path: ["kind"], value: checked };
  if (first === "meta" || first === "data") return { id, path: [first, ...steps.slice(1)], value: checked };
  return { id, path: ["data", ...steps], value: checked };
}

/** What the configuration makes of the entries that were read. @throws WeftError for overrides of entries that do not exist. */
export function adjustEntries(
  read: ReadRegistry,
  { overrides, disable }: { readonly overrides: readonly Override[]; readonly disable: DisableRules },
): ReadRegistry {
  const known = new Set(read.entries.map(({ entry }) => entry.id));
  for (const { id } of overrides) if (!known.has(id)) throw unknownOverride(id, known);
  const isDisabled = compileDisable(disable);
  const byId = Map.groupBy(overrides, ({ id }) => id);
  const adjust = (each: ReadEntry): ReadEntry[] => {
    const own = byId.get(each.entry.id);
    const entry = own === undefined ? each.entry : overridden(each.entry, own);
    if (isDisabled(entry)) return [];
    return [own === undefined ? each : { ...each, entry }];
  };
  return {
    ...read,
    entries: read.entries.flatMap(adjust),
    duplicates: read.duplicates.filter(({ entry }) => !isDisabled(entry)),
  };
}

function unknownOverride(id: EntryId, known: ReadonlySet<EntryId>): WeftError {
  const hint = nearestSuffix(id, known);
  return new WeftError("ENTRY_NOT_FOUND", `an override names ${id}, which is no entry${hint}`, {
    details: { target: id },
  });
}

function overridden(entry: Entry, overrides: readonly Override[]): Entry {
  let { kind } = entry;
  let parts: Value = { meta: entry.meta, data: entry.data };
  for (const { path, value } of overrides) {
    if (path[0] === "kind" && typeof value === "string") kind = value;
    else parts = withValue(parts, path, value);
  }
  const { meta, data } = fieldsOf(parts);
  return { ...entry, kind, meta: fieldsOf(meta ?? {}), data: fieldsOf(data ?? {}) };
}

function compileDisable({ namespaces, entries, meta }: DisableRules): (entry: Entry) => boolean {
  const byNamespace = namespaces.map(compilePattern);
  const byId = entries.map(compilePattern);
  const byMeta = Object.entries(meta);
  return (entry) =>
    byNamespace.some((matches) => matches(parseId(entry.id).namespace)) ||
    byId.some((matches) => matches(entry.id)) ||
    byMeta.some(([key, wanted]) => hasValue(entry.meta[key], wanted));
}

function hasValue(found: Value | undefined, wanted: Value): boolean {
  if (Array.isArray(wanted)) return wanted.some((each: Value) => hasValue(found, each));
  return found === wanted || (Array.isArray(found) && found.includes(wanted));
}

/** `*` is one part between dots or colons, `**` any number of parts, `(a|b)` either. */
function compilePattern(pattern: string): (text: string) => boolean {
  const signs: Readonly<Record<string, string>> = { "**": ".*", "*": "[^.:]*" };
  const source = pattern
    .split(/(\*\*|\*|[()|])/)
    .map((part) => signs[part] ?? (/^[()|]$/.test(part) ? part : RE2JS.quote(part)))
    .join("");
  try {
    const expression = RE2JS.compile(`(?:${source})`);
    return (text) => expression.matches(text);
  } catch (cause) {
    throw new WeftError("INVALID_ARGUMENT", `disable: "${pattern}" is no pattern`, { cause });
  }
}
