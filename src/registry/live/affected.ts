import type { EntryId } from "../../core/ids.ts";
import type { LoadedRegistry } from "../registry.ts";

/** Entries that changed, and those that name one of these, however far away, before the change or after it. */
export function affectedBy(changed: Iterable<EntryId>, registries: readonly LoadedRegistry[]): Set<EntryId> {
  const users = new Map<EntryId, EntryId[]>();
  for (const { entry, checked } of registries.flatMap((registry) => registry.entries)) {
    for (const { id } of checked?.references ?? []) {
      const known = users.get(id);
      if (known === undefined) users.set(id, [entry.id]);
      else known.push(entry.id);
    }
  }
  const affected = new Set(changed);
  // The set grows while it is walked.
  for (const id of affected) for (const user of users.get(id) ?? []) affected.add(user);
  return affected;
}

/** Entries that can be used in one registry and not in the other, although nobody changed them. */
export function turned(before: LoadedRegistry, after: LoadedRegistry): readonly EntryId[] {
  return after.entries
    .filter(({ entry, state }) => (before.get(entry.id)?.state ?? state) !== state)
    .map(({ entry }) => entry.id);
}
