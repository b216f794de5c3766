import { defineKind, type KindDefinition } from "../../registry/define.ts";
import type { Kind } from "../../registry/kind.ts";
import { readMeta } from "./meta.ts";

/** Makes a kind whose entries run: `meta.options` and the like are checked as well. */
export function defineProgramKind<Spec>(definition: KindDefinition<Spec>): Kind {
  const { rules = [] } = definition;
  return defineKind({ ...definition, rules: [(entry) => readMeta(entry).problems, ...rules] });
}
