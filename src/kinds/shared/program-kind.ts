import { defineKind, isDiagnostics, type KindDefinition } from "../../registry/define.ts";
import type { Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry } from "../../registry/entry.ts";
import type { Kind } from "../../registry/kind.ts";
import { readMeta } from "./meta.ts";

/** What a kind of programs states about itself. */
export interface ProgramKindDefinition<Spec> extends KindDefinition<Spec> {
  /** More rules, for whatever can be read of the fields: their problems are reported together with those of the schema. */
  readonly rules: readonly ((entry: Entry) => readonly Diagnostic[])[];
}

/** Makes a kind whose entries run: `meta.options` and the like are checked as well. */
export function defineProgramKind<Spec>({ rules, ...definition }: ProgramKindDefinition<Spec>): Kind {
  const kind = defineKind(definition);
  return {
    ...kind,
    check(entry, world) {
      const checked = kind.check(entry, world);
      const more = [...readMeta(entry).problems, ...rules.flatMap((rule) => rule(entry))];
      if (isDiagnostics(checked)) return [...checked, ...more];
      if (more.some((diagnostic) => diagnostic.severity === "error")) return [...checked.warnings, ...more];
      return { ...checked, warnings: [...checked.warnings, ...more] };
    },
  };
}
