import { z } from "zod";
import { nearestNames } from "../core/nearest.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Entry, FieldPath } from "./entry.ts";
import type { CheckedSpec, CheckWorld, Kind } from "./kind.ts";
import { problem } from "./problem.ts";

/** What a kind states about itself. */
export interface KindDefinition<Spec> {
  readonly name: string;
  readonly summary: string;
  /** A strict object; every field `.describe()`d. */
  readonly schema: z.ZodType<Spec>;
  /** Makes something of fields that are right, or says what else is wrong with them. */
  build(spec: Spec, entry: Entry, world: CheckWorld): CheckedSpec | readonly Diagnostic[];
}

/** Makes a kind: its schema checks the fields first, every problem becomes a diagnostic where it stands. */
export function defineKind<Spec>(definition: KindDefinition<Spec>): Kind {
  const { name, summary, schema } = definition;
  return {
    name,
    summary,
    schema,
    check(entry, world) {
      const fields = fieldNames(schema);
      const data = world.compat === "wippy" ? withFieldCase(entry.data, fields) : entry.data;
      const first = schema.safeParse(data);
      if (first.success) return definition.build(first.data, entry, world);
      const diagnostics = first.error.issues.flatMap((issue) => explainIssue(entry, data, issue, { fields, world }));
      const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
      if (errors.length > 0) return diagnostics;
      // Only unknown fields stood in the way, and they are but warnings here.
      const second = schema.safeParse(withoutUnknown(data, first.error.issues));
      if (!second.success) return diagnostics;
      const built = definition.build(second.data, entry, world);
      return isDiagnostics(built)
        ? [...diagnostics, ...built]
        : { ...built, warnings: [...diagnostics, ...built.warnings] };
    },
  };
}

/** True for the answer of a check that found problems. */
export function isDiagnostics(checked: CheckedSpec | readonly Diagnostic[]): checked is readonly Diagnostic[] {
  return Array.isArray(checked);
}

interface IssueContext {
  readonly fields: readonly string[];
  readonly world: CheckWorld;
}

type Issue = z.core.$ZodIssue;

function explainIssue(entry: Entry, data: unknown, issue: Issue, context: IssueContext): Diagnostic[] {
  const path: FieldPath = issue.path.filter((step) => typeof step !== "symbol");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownField(entry, [...path, key], context));
  }
  if (issue.code === "invalid_union") {
    const closest = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a))[0] ?? [];
    if (closest.some((inner) => inner.path.length > 0)) {
      return closest.flatMap((inner) =>
        explainIssue(entry, data, { ...inner, path: [...issue.path, ...inner.path] }, context),
      );
    }
  }
  const value = valueAt(data, path);
  const name = fieldText(path);
  if (value === undefined && issue.code !== "custom") {
    const message = `${entry.kind} needs the field ${name}`;
    return [problem(entry, path, { code: "missing-field", message, hint: expectation(issue) })];
  }
  const message = `${name}: ${issue.code === "custom" ? issue.message : `${describeIssue(issue)}, got ${describeValue(value)}`}`;
  return [problem(entry, path, { code: "invalid-field", message, hint: valueHint(issue, value) })];
}

function unknownField(entry: Entry, path: FieldPath, { fields, world }: IssueContext): Diagnostic {
  const key = String(path.at(-1));
  const near = path.length === 1 ? nearestNames(key, fields) : [];
  return problem(entry, path, {
    code: "unknown-field",
    message: `${entry.kind} has no field ${fieldText(path)}`,
    hint: near.length > 0 ? `did you mean ${near.join(" or ")}?` : fieldsHint(fields, path),
    severity: world.compat === "wippy" ? "warning" : "error",
    part: "key",
  });
}

function fieldsHint(fields: readonly string[], path: FieldPath): string | undefined {
  return path.length === 1 && fields.length > 0 ? `its fields are ${fields.join(", ")}` : undefined;
}

function describeIssue(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${issue.expected === "int" ? "a whole number" : article(issue.expected)}`;
    case "invalid_value":
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "too_small":
      return issue.minimum === 1 && issue.origin === "string"
        ? "must not be empty"
        : `must be at least ${issue.minimum}`;
    case "too_big":
      return `must be at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function expectation(issue: Issue): string | undefined {
  return issue.code === "invalid_type" || issue.code === "invalid_value" ? describeIssue(issue) : undefined;
}

function valueHint(issue: Issue, value: unknown): string | undefined {
  if (issue.code !== "invalid_value" || typeof value !== "string") return undefined;
  const near = nearestNames(
    value,
    issue.values.filter((known) => typeof known === "string"),
  );
  return near.length === 0 ? undefined : `did you mean ${near.join(" or ")}?`;
}

function article(type: string): string {
  const names: Readonly<Record<string, string>> = { array: "a list", object: "a mapping", record: "a mapping" };
  return names[type] ?? (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);
}

/** The value as a message shows it: its type, and what it is when that is short. */
export function describeValue(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = JSON.stringify(value) ?? typeof value;
  return `${typeof value} ${text.length > 40 ? `${text.slice(0, 39)}…` : text}`;
}

/** A path as authors write it: `wasi.mounts[1].guest`. */
export function fieldText(path: FieldPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

function valueAt(data: unknown, path: FieldPath): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

function depthOf(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

/** Top-level field names of an object schema. */
export function fieldNames(schema: z.ZodType): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** The other format matches keys in any case: fields that differ only by case take the schema's spelling. */
function withFieldCase(data: Entry["data"], fields: readonly string[]): Entry["data"] {
  const byLower = new Map(fields.map((field) => [field.toLowerCase(), field]));
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [byLower.get(key.toLowerCase()) ?? key, value]));
}

/** The data without the fields that nobody knows. */
function withoutUnknown(data: unknown, issues: readonly Issue[]): unknown {
  const copy: unknown = structuredClone(data);
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") continue;
    const holder = valueAt(
      copy,
      issue.path.filter((step) => typeof step !== "symbol"),
    );
    if (typeof holder !== "object" || holder === null) continue;
    for (const key of issue.keys) Reflect.deleteProperty(holder, key);
  }
  return copy;
}
