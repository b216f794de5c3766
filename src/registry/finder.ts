import { RE2JS } from "re2js";
import { WeftError } from "../core/errors.ts";
import { parseId } from "../core/ids.ts";
import type { Value } from "../core/values.ts";
import type { EntryView } from "../hosts/ports.ts";

type Matcher = (entry: EntryView) => boolean;

/** How an operator compares a field with what is wanted. */
type Compare = (found: Value | undefined, wanted: Value) => boolean;

/** Operators by the sign in front of the key; `spec/surface.md` §1.7. */
const operators = new Map<string, Compare>([
  [
    "*",
    (found, wanted) =>
      Array.isArray(found) ? found.includes(wanted) : typeof found === "string" && found.includes(textOf(wanted)),
  ],
  ["^", (found, wanted) => typeof found === "string" && found.startsWith(textOf(wanted))],
  ["$", (found, wanted) => typeof found === "string" && found.endsWith(textOf(wanted))],
]);

/** Short names of the header fields; any other bare name, such as `type`, is one of `meta`. */
const aliases = new Map([
  ["kind", ".kind"],
  ["name", ".name"],
  ["ns", ".ns"],
  ["id", ".id"],
]);

/**
 * Turns a filter into a test of entries; all keys must hold. Keys are `.kind`, `.name`, `.ns`, `.id` (with one `*` as
 * wildcard), `meta.path` or a bare name of a field of `meta`, with `~` (regular expression), `*` (contains), `^` (prefix), `$` (suffix) in front.
 * @throws WeftError `INVALID_ARGUMENT` for an unknown key or a malformed expression.
 */
export function compileFilter(filter: Readonly<Record<string, Value>>): Matcher {
  const matchers = Object.entries(filter).map(([key, wanted]) => compileKey(key, wanted));
  return (entry) => matchers.every((matches) => matches(entry));
}

function compileKey(key: string, wanted: Value): Matcher {
  const sign = /^[~*^$]/.exec(key)?.[0] ?? "";
  const plain = key.slice(sign.length);
  const target = aliases.get(plain) ?? (/^\w+$/.test(plain) ? `meta.${plain}` : plain);
  const read = readerOf(target, key);
  if (sign === "~") {
    const expression = compileExpression(textOf(wanted), key);
    return (entry) => {
      const found = read(entry);
      return typeof found === "string" && expression.matcher(found).find();
    };
  }
  const compare = operators.get(sign) ?? (target.startsWith(".") ? matchesGlob : equals);
  return (entry) => compare(read(entry), wanted);
}

function readerOf(target: string, key: string): (entry: EntryView) => Value | undefined {
  if (target.startsWith("meta.")) {
    const path = target.split(".").slice(1);
    return (entry) => readPath(entry.meta, path);
  }
  switch (target) {
    case ".kind":
      return (entry) => entry.kind;
    case ".id":
      return (entry) => entry.id;
    case ".name":
      return (entry) => parseId(entry.id).name;
    case ".ns":
      return (entry) => parseId(entry.id).namespace;
    default:
      throw new WeftError("INVALID_ARGUMENT", `filter key "${key}": use .kind, .name, .ns, .id or meta.FIELD`);
  }
}

function readPath(data: Value, path: readonly string[]): Value | undefined {
  let found: Value | undefined = data;
  for (const step of path) {
    if (typeof found !== "object" || found === null || Array.isArray(found)) return undefined;
    found = Object.hasOwn(found, step) ? Object.entries(found).find(([name]) => name === step)?.[1] : undefined;
  }
  return found;
}

/** Equal; a list as what is wanted means that the field's list holds all of it. */
function equals(found: Value | undefined, wanted: Value): boolean {
  if (!Array.isArray(wanted)) return found === wanted;
  return Array.isArray(found) && wanted.every((item: Value) => found.includes(item));
}

function matchesGlob(found: Value | undefined, wanted: Value): boolean {
  if (typeof found !== "string" || typeof wanted !== "string") return false;
  const star = wanted.indexOf("*");
  if (star < 0) return found === wanted;
  const [start, end] = [wanted.slice(0, star), wanted.slice(star + 1)];
  return found.length >= start.length + end.length && found.startsWith(start) && found.endsWith(end);
}

function textOf(wanted: Value): string {
  if (typeof wanted === "string") return wanted;
  if (typeof wanted === "number" || typeof wanted === "boolean") return `${wanted}`;
  throw new WeftError("INVALID_ARGUMENT", "a filter compares with texts, numbers and booleans");
}

function compileExpression(text: string, key: string): RE2JS {
  try {
    return RE2JS.compile(text);
  } catch (cause) {
    throw new WeftError("INVALID_ARGUMENT", `filter key "${key}": "${text}" is not a regular expression`, { cause });
  }
}
