import type { EntryId } from "../core/ids.ts";

/** Which entries each entry needs. */
export type Needs = ReadonlyMap<EntryId, ReadonlySet<EntryId>>;

/**
 * Ids level by level: each level needs only those before it, and inside a level the order is that of the ids. Needs that
 * lead nowhere are ignored; entries in a circle, and those that need them, form a last level.
 */
export function orderByNeeds(needs: Needs): EntryId[][] {
  const open = new Map<EntryId, number>();
  const neededBy = new Map<EntryId, EntryId[]>();
  for (const [id, targets] of needs) {
    const own = [...targets].filter((target) => target !== id && needs.has(target));
    open.set(id, own.length);
    for (const target of own) {
      const waiting = neededBy.get(target);
      if (waiting === undefined) neededBy.set(target, [id]);
      else waiting.push(id);
    }
  }
  const levels: EntryId[][] = [];
  let ready = [...open.keys()].filter((id) => open.get(id) === 0);
  while (ready.length > 0) {
    levels.push(ready.toSorted());
    const next: EntryId[] = [];
    for (const id of ready) {
      open.delete(id);
      for (const waiting of neededBy.get(id) ?? []) {
        const left = (open.get(waiting) ?? 0) - 1;
        open.set(waiting, left);
        if (left === 0) next.push(waiting);
      }
    }
    ready = next;
  }
  if (open.size > 0) levels.push([...open.keys()].toSorted());
  return levels;
}

/** Circles of entries that need each other, each as a path that ends where it began. */
export function findCycles(needs: Needs): EntryId[][] {
  const cycles: EntryId[][] = [];
  const done = new Set<EntryId>();
  for (const start of [...needs.keys()].toSorted()) if (!done.has(start)) walk(start, { needs, done, cycles });
  return cycles;
}

interface Walk {
  readonly needs: Needs;
  readonly done: Set<EntryId>;
  readonly cycles: EntryId[][];
}

/** Walks depth first, without recursion: a chain of imports may be longer than the stack is deep. */
function walk(start: EntryId, { needs, done, cycles }: Walk): void {
  const targetsOf = (id: EntryId): EntryId[] =>
    [...(needs.get(id) ?? [])]
      .filter((target) => needs.has(target))
      .toSorted()
      .toReversed();
  const trail = [{ id: start, left: targetsOf(start) }];
  const open = new Set([start]);
  for (let step = trail.at(-1); step !== undefined; step = trail.at(-1)) {
    const target = step.left.pop();
    if (target === undefined) {
      open.delete(step.id);
      done.add(step.id);
      trail.pop();
    } else if (open.has(target)) {
      const ids = trail.map(({ id }) => id);
      cycles.push([...ids.slice(ids.indexOf(target)), target]);
    } else if (!done.has(target)) {
      open.add(target);
      trail.push({ id: target, left: targetsOf(target) });
    }
  }
}
