import type { Formula } from "./formula.ts";
import { fieldAt } from "./subject.ts";

/** Says whether a text matches one of the patterns it was made of. */
export type Matcher = (text: string) => boolean;

/**
 * Compiles patterns of actions or resources: an exact text, `*`, or `prefix*`. `prefix.*` is everything that begins with
 * `prefix`, as the format has it. A `*` anywhere else is itself.
 */
export function compilePatterns(patterns: readonly string[]): Matcher {
  if (patterns.includes("*")) return () => true;
  const { points, prefixes } = partsOf(patterns);
  const exact = new Set(points);
  const [only = ""] = points;
  if (prefixes.length === 0) return exact.size === 1 ? (text) => text === only : (text) => exact.has(text);
  const [prefix = ""] = prefixes;
  if (exact.size === 0 && prefixes.length === 1) return (text) => text.startsWith(prefix);
  return (text) => {
    if (exact.has(text)) return true;
    for (const prefix of prefixes) if (text.startsWith(prefix)) return true;
    return false;
  };
}

/** What must hold of the resource. */
export function compileResources(patterns: readonly string[]): Formula {
  const field = fieldAt("resource");
  if (patterns.includes("*") || field === undefined) return { is: "always", holds: true };
  const fits = compilePatterns(patterns);
  return {
    is: "atom",
    key: JSON.stringify(["resource", "fits", patterns]),
    judge: (_actor, _action, resource) => fits(resource),
    field,
    isOfActor: false,
    test: (resource) => typeof resource === "string" && fits(resource),
    range: { ...partsOf(patterns), hit: true, absent: false, otherwise: false },
  };
}

function partsOf(patterns: readonly string[]): {
  readonly points: readonly string[];
  readonly prefixes: readonly string[];
} {
  return {
    points: patterns.filter((pattern) => !pattern.endsWith("*")),
    prefixes: patterns.filter((pattern) => pattern.endsWith("*")).map(prefixOf),
  };
}

function prefixOf(pattern: string): string {
  return pattern.endsWith(".*") ? pattern.slice(0, -2) : pattern.slice(0, -1);
}
