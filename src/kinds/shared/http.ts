import { z } from "zod";
import { didYouMean, nearestNames } from "../../core/nearest.ts";
import { parseId, resolveId, type EntryId } from "../../core/ids.ts";
import { knownOptions, middlewares, optionProblem } from "../../gateway/middleware/index.ts";
import type { MiddlewareList } from "../../hosts/http/routes.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry } from "../../registry/entry.ts";
import type { Reference } from "../../registry/kind.ts";
import { problem } from "../../registry/problem.ts";

/** Names of middleware, in the order in which they see a request. */
export const middlewareSchema = (description: string) =>
  z.array(z.string().min(1).describe("Name of a middleware.")).optional().describe(description);

/** Options of middleware, under dotted names. */
export const middlewareOptionsSchema = (description: string) =>
  z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe(description);

/** What other runtimes have and this one lacks: named without harm. */
const notYet = ["otel"];

/** A chain of middleware as its fields say. */
export function middlewareList(
  names: readonly string[] = [],
  options: Readonly<Record<string, string | number | boolean>> = {},
): MiddlewareList {
  return {
    names,
    options: Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)])),
  };
}

/** The fields of a chain of middleware, and what they say. */
interface ChainFields {
  readonly field: string;
  readonly optionsField: string;
  readonly list: MiddlewareList;
}

/** What is wrong with a chain: names that are none, options that cannot be read. */
export function middlewareProblems(entry: Entry, { field, optionsField, list }: ChainFields): readonly Diagnostic[] {
  const known = middlewares.map(({ name }) => name);
  const unheard = unknownOptions(entry, { field, optionsField, list });
  return list.names
    .flatMap((name, index): readonly Diagnostic[] => {
      if (known.includes(name)) {
        const wrong = optionProblem(name, list.options);
        if (wrong === undefined) return [];
        return [problem(entry, [optionsField], { code: "invalid-field", message: `${optionsField}: ${wrong}` })];
      }
      if (notYet.includes(name)) {
        const message = `${field}: ${name} has no effect yet`;
        return [problem(entry, [field, index], { code: "no-effect", severity: "warning", message })];
      }
      const near = nearestNames(name, known);
      const hint = didYouMean(near) ?? `there are ${known.join(", ")}`;
      return [
        problem(entry, [field, index], { code: "invalid-field", message: `${field}: no middleware ${name}`, hint }),
      ];
    })
    .concat(unheard);
}

/** Options that no middleware of the chain knows: most likely misspelt. */
function unknownOptions(entry: Entry, { optionsField, list }: ChainFields): readonly Diagnostic[] {
  const known = knownOptions(list.names);
  const taken = new Set(known.flat());
  return Object.keys(list.options).flatMap((name) => {
    if (taken.has(name) || notYet.some((each) => name.startsWith(`${each}.`))) return [];
    const message = `${optionsField}: no middleware of ${list.names.join(", ") || "this chain"} has an option ${name}`;
    const hint = didYouMean(
      nearestNames(
        name,
        known.map(([written = ""]) => written),
      ),
    );
    return [
      problem(entry, [optionsField, name], { code: "no-effect", severity: "warning", message, ...(hint && { hint }) }),
    ];
  });
}

/** The entry that `meta` names: a router's server, an endpoint's router. */
export function metaReference(
  entry: Entry,
  field: string,
  kind: string,
): { readonly id: EntryId; readonly reference: Reference } | Diagnostic {
  const value = entry.meta[field] ?? null;
  if (typeof value === "string" && parseId(value).name.trim() !== "") {
    const id = resolveId(value, entry.namespace);
    return { id, reference: { path: ["meta", field], id, kinds: [kind], required: true, acyclic: false } };
  }
  if (value !== null) {
    return problem(entry, ["meta", field], {
      code: "invalid-field",
      message: `meta.${field}: expected the id of an ${kind}`,
    });
  }
  return problem(entry, [], {
    code: "missing-field",
    message: `meta.${field} is missing: the id of an ${kind}`,
    hint: `add  meta: { ${field}: ID }`,
  });
}

/** True for a problem in place of what was asked for. */
export function isProblem(found: object): found is Diagnostic {
  return "severity" in found;
}
