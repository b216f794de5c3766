import type { z } from "zod";
import type { Diagnostic } from "./diagnostic.ts";
import type { Entry } from "./entry.ts";
import { explainIssue, flattenIssues, pathOf, valueAt, type Issue } from "./fields/issues.ts";
import type { CheckedSpec, CheckWorld, Kind } from "./kind.ts";
import { relaxed, withMappings } from "./fields/shape.ts";

/** What a kind states about itself. */
export interface KindDefinition<Spec> {
  readonly name: string;
  readonly summary: string;
  /** A strict object; every field `.describe()`d. */
  readonly schema: z.ZodType<Spec>;
  /** More rules, for whatever can be read of an entry: their problems are reported together with those of the schema. */
  readonly rules?: readonly ((entry: Entry, world: CheckWorld) => readonly Diagnostic[])[];
  /** Makes something of fields that are right, or says what else is wrong with them. */
  build(spec: Spec, entry: Entry, world: CheckWorld): CheckedSpec | readonly Diagnostic[];
  /** Looks at all entries of the kind that have no problem, in the order of their files. */
  readonly checkTogether?: NonNullable<Kind["checkTogether"]>;
}

/** Makes a kind: its schema and rules check the fields first, every problem becomes a diagnostic where it stands. */
export function defineKind<Spec>(definition: KindDefinition<Spec>): Kind {
  const { name, summary, schema, rules = [], checkTogether } = definition;
  return {
    name,
    summary,
    schema,
    ...(checkTogether === undefined ? {} : { checkTogether }),
    check(written, world) {
      const named = world.compat === "wippy" ? { ...written, data: relaxed(schema, written.data) } : written;
      const entry = written.isMade === true ? { ...named, data: withMappings(schema, named.data) } : named;
      const { spec, problems } = parse(schema, entry, world);
      const found = [...problems, ...rules.flatMap((rule) => rule(entry, world))];
      if (spec === undefined) return found;
      // What is unknown or wrong by a rule leaves the rest readable: its references are followed in the same run.
      const built = definition.build(spec, entry, world);
      return isDiagnostics(built) ? [...found, ...built] : { ...built, warnings: [...found, ...built.warnings] };
    },
  };
}

/** True for the answer of a check that found problems. */
export function isDiagnostics(checked: CheckedSpec | readonly Diagnostic[]): checked is readonly Diagnostic[] {
  return Array.isArray(checked);
}

interface Parsed<Spec> {
  /** Undefined when something is wrong with what is known. */
  readonly spec: Spec | undefined;
  readonly problems: readonly Diagnostic[];
}

function parse<Spec>(schema: z.ZodType<Spec>, entry: Entry, world: CheckWorld): Parsed<Spec> {
  const { data } = entry;
  const first = schema.safeParse(data);
  if (first.success) return { spec: first.data, problems: [] };
  const issues = flattenIssues(first.error.issues);
  const problems = issues.flatMap((issue) => explainIssue(issue, { entry, schema, data, world }));
  if (!issues.every(({ code }) => code === "unrecognized_keys")) return { spec: undefined, problems };
  const second = schema.safeParse(withoutUnknown(data, issues));
  if (second.success) return { spec: second.data, problems };
  const more = flattenIssues(second.error.issues).flatMap((issue) =>
    explainIssue(issue, { entry, schema, data, world }),
  );
  return { spec: undefined, problems: [...problems, ...more] };
}

/** The data without the fields that nobody knows. */
function withoutUnknown(data: unknown, issues: readonly Issue[]): unknown {
  const copy: unknown = structuredClone(data);
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") continue;
    const holder = valueAt(copy, pathOf(issue));
    if (typeof holder !== "object" || holder === null) continue;
    for (const key of issue.keys) Reflect.deleteProperty(holder, key);
  }
  return copy;
}
