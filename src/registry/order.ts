import type { EntryId } from "../core/ids.ts";

/** Entries level by level: each level needs only those before it. Inside a level the order is that of the ids. */
export interface Order {
  readonly levels: readonly (readonly EntryId[])[];
  /** Circles of entries that need each other, each as a path that ends where it began. */
  readonly cycles: readonly (readonly EntryId[])[];
}

/** Sorts entries by what they need. Needs that lead nowhere are ignored; entries in a circle form a last level. */
export function orderByNeeds(needs: ReadonlyMap<EntryId, ReadonlySet<EntryId>>): Order {
  const waiting = new Map<EntryId, Set<EntryId>>();
  for (const [id, targets] of needs) {
    waiting.set(id, new Set([...targets].filter((target) => target !== id && needs.has(target))));
  }
  const levels: EntryId[][] = [];
  while (waiting.size > 0) {
    const ready = [...waiting].filter(([, targets]) => targets.size === 0).map(([id]) => id);
    if (ready.length === 0) {
      levels.push([...waiting.keys()].toSorted());
      break;
    }
    for (const id of ready) waiting.delete(id);
    for (const targets of waiting.values()) for (const id of ready) targets.delete(id);
    levels.push(ready.toSorted());
  }
  return { levels, cycles: findCycles(needs) };
}

/** One path around each circle, found by walking depth first. */
export function findCycles(needs: ReadonlyMap<EntryId, ReadonlySet<EntryId>>): EntryId[][] {
  const cycles: EntryId[][] = [];
  const done = new Set<EntryId>();
  const path: EntryId[] = [];
  const visit = (id: EntryId): void => {
    const at = path.indexOf(id);
    if (at >= 0) {
      cycles.push([...path.slice(at), id]);
      return;
    }
    if (done.has(id)) return;
    path.push(id);
    for (const target of [...(needs.get(id) ?? [])].toSorted()) if (needs.has(target)) visit(target);
    path.pop();
    done.add(id);
  };
  for (const id of [...needs.keys()].toSorted()) visit(id);
  return cycles;
}
