import type { EntryId } from "../../core/ids.ts";
import type { EntryView } from "../../hosts/ports.ts";

/** An entry as versions keep it: what it is, without where it was written. */
export interface StoredEntry extends EntryView {
  /** The app root or module folder it came with. */
  readonly root: string;
}

/** An entry as somebody wants it to be. */
export interface EntryInput {
  /** `namespace:name`. */
  readonly id: EntryId;
  readonly kind: string;
  readonly meta?: EntryView["meta"];
  readonly data?: EntryView["data"];
}

/** One wish of a changeset. */
export type Change =
  | { readonly op: "create" | "update"; readonly entry: EntryInput }
  | { readonly op: "delete"; readonly id: EntryId };

/** What became of one entry between two versions: absent before is a creation, absent after a deletion. */
export interface Step {
  readonly id: EntryId;
  readonly before: StoredEntry | undefined;
  readonly after: StoredEntry | undefined;
}

/** What a step does. */
export function opOf({ before, after }: Step): "create" | "update" | "delete" {
  if (before === undefined) return "create";
  return after === undefined ? "delete" : "update";
}

/** The steps that lead back. */
export function invert(steps: readonly Step[]): readonly Step[] {
  return steps.map(({ id, before, after }) => ({ id, before: after, after: before })).toReversed();
}

/** Many steps as at most one for each entry; what ends where it began is left out. */
export function squash(steps: readonly Step[]): readonly Step[] {
  const merged = new Map<EntryId, Step>();
  for (const step of steps) {
    const earlier = merged.get(step.id);
    merged.set(step.id, earlier === undefined ? step : { ...step, before: earlier.before });
  }
  return [...merged.values()].filter(({ before, after }) => before !== after);
}
