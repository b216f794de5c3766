import type { z } from "zod";
import { didYouMean, nearestNames } from "../../core/nearest.ts";
import { describeValue } from "./describe-value.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { Entry, FieldPath } from "../entry.ts";
import { fieldText } from "./field-text.ts";
import type { CheckWorld } from "../kind.ts";
import { problem, severityOf } from "../problem.ts";
import { fieldNames } from "./shape.ts";

/** What a schema has against some data. */
export type Issue = z.core.$ZodIssue;

/** What is needed to explain an issue. */
export interface IssueContext {
  readonly entry: Entry;
  readonly schema: z.core.$ZodType;
  readonly data: unknown;
  readonly world: CheckWorld;
}

/**
 * Issues without those of unions whose author's choice is plain: they become the issues of that choice. A union stays
 * where the value is of no type that it takes.
 */
export function flattenIssues(issues: readonly Issue[]): Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== "invalid_union") return [issue];
    const fitting = issue.errors.filter((branch) => !branch.some(isWrongType));
    const [closest] = fitting.toSorted((a, b) => depthOf(b) - depthOf(a));
    if (closest === undefined) return [issue];
    return flattenIssues(closest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })));
  });
}

/** The value itself is of another type, so that this choice was never meant. */
function isWrongType({ code, path }: Issue): boolean {
  return code === "invalid_type" && path.length === 0;
}

function depthOf(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

/** An issue as diagnostics, where it stands and in the words of authors. Unions are flattened before. */
export function explainIssue(issue: Issue, context: IssueContext): Diagnostic[] {
  const { entry, data } = context;
  const path = pathOf(issue);
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownField([...path, key], context));
  const value = valueAt(data, path);
  const name = fieldText(path);
  if (value === undefined && issue.code !== "custom") {
    const message = `${entry.kind} needs the field ${name}`;
    return [problem(entry, path, { code: "missing-field", message, hint: expectation(issue) })];
  }
  const what = issue.code === "custom" ? issue.message : `${describeIssue(issue)}, got ${describeValue(value)}`;
  return [problem(entry, path, { code: "invalid-field", message: `${name}: ${what}`, hint: valueHint(issue, value) })];
}

/** Where an issue is. */
export function pathOf(issue: Issue): FieldPath {
  return issue.path.filter((step) => typeof step !== "symbol");
}

function unknownField(path: FieldPath, { entry, schema, world }: IssueContext): Diagnostic {
  const fields = fieldNames(schema, path.slice(0, -1));
  const near = nearestNames(String(path.at(-1)), fields);
  const all = fields.length === 0 ? undefined : `its fields are ${fields.join(", ")}`;
  return problem(entry, path, {
    code: "unknown-field",
    message: `${entry.kind} has no field ${fieldText(path)}`,
    hint: didYouMean(near) ?? all,
    severity: severityOf(world),
    part: "key",
  });
}

function describeIssue(issue: Issue): string {
  const wanted = wantedBy(issue);
  if (wanted !== undefined) return `expected ${wanted}`;
  if (issue.code === "too_small") {
    return issue.minimum === 1 && issue.origin === "string" ? "must not be empty" : `must be at least ${issue.minimum}`;
  }
  return issue.code === "too_big" ? `must be at most ${issue.maximum}` : issue.message;
}

/** What a schema would rather have, when the value is of the wrong type or none of those listed. */
function wantedBy(issue: Issue): string | undefined {
  if (issue.code === "invalid_type") return typeName(issue.expected);
  if (issue.code === "invalid_value") return issue.values.map((value) => JSON.stringify(value)).join(", ");
  if (issue.code !== "invalid_union") return undefined;
  const wanted = issue.errors.flatMap((branch) => branch.filter(({ path }) => path.length === 0).map(wantedBy));
  const known = wanted.filter((text) => text !== undefined);
  return known.length === 0 ? undefined : [...new Set(known)].join(" or ");
}

function expectation(issue: Issue): string | undefined {
  const wanted = wantedBy(issue);
  return wanted === undefined ? undefined : `expected ${wanted}`;
}

function valueHint(issue: Issue, value: unknown): string | undefined {
  if (issue.code === "invalid_type") return quotesHint(issue.expected, value);
  if (issue.code !== "invalid_value" || typeof value !== "string") return undefined;
  const near = nearestNames(
    value,
    issue.values.filter((known) => typeof known === "string"),
  );
  return didYouMean(near);
}

/** YAML takes `0600` for a number and `"4"` for a text. */
function quotesHint(expected: string, value: unknown): string | undefined {
  if (expected === "string" && ["number", "boolean"].includes(typeof value)) return "write it in quotes";
  const isPlain = typeof value === "string" && value.trim() !== "";
  if (isPlain && ["number", "int"].includes(expected) && Number.isFinite(Number(value)))
    return "write it without quotes";
  return isPlain && expected === "boolean" && /^(?:true|false)$/.test(value) ? "write it without quotes" : undefined;
}

function typeName(type: string): string {
  switch (type) {
    case "int":
      return "a whole number";
    case "array":
      return "a list";
    case "object":
    case "record":
      return "a mapping";
    default:
      return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
  }
}

/** The value that a path leads to. */
export function valueAt(data: unknown, path: FieldPath): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}
