import { between, known } from "./atoms.ts";
import type { Atom } from "./formula.ts";
import type { ConditionSpec } from "./spec.ts";
import { fieldAt } from "./subject.ts";

/** What is judged by nobody. */
export const nonsense: Atom = { is: "atom", key: "unknown", judge: () => "unknown", isOfActor: true };

/** Compiles a condition. One that was not checked, and makes no sense, is `unknown` always. */
export function compileCondition({ field: path, operator, value, valueFrom }: ConditionSpec): Atom {
  const field = fieldAt(path);
  if (field === undefined) return nonsense;
  if (valueFrom === undefined) return known(field, operator, value);
  const other = fieldAt(valueFrom);
  return other === undefined ? nonsense : between(field, operator, other);
}
