import { defineKind, type KindDefinition } from "../../registry/define.ts";
import type { Kind } from "../../registry/kind.ts";
import { readMeta } from "./meta.ts";
import { notYetWarnings } from "./not-yet.ts";

/** Makes a kind whose entries run: `meta.options` and the like are checked as well, and fields without effect are named. */
export function defineProgramKind<Spec>(definition: KindDefinition<Spec>): Kind {
  const { rules = [] } = definition;
  return defineKind({ ...definition, rules: [(entry) => readMeta(entry).problems, ...rules, notYetWarnings] });
}
