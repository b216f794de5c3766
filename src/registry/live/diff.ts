import { isDeepStrictEqual } from "node:util";
import type { EntryId } from "../../core/ids.ts";
import type { EntryView } from "../../hosts/ports.ts";
import type { Entry } from "../entry.ts";
import type { ReadEntry } from "../reading/read-entries.ts";
import type { Change } from "./change.ts";

/** True for entries that are the same, wherever they are written. */
export function isSameEntry(a: EntryView, b: EntryView): boolean {
  return a.kind === b.kind && isDeepStrictEqual(a.meta, b.meta) && isDeepStrictEqual(a.data, b.data);
}

/** The changes that lead from some entries to others: deletions first, then the rest by id. */
export function diffEntries(from: ReadonlyMap<EntryId, EntryView>, to: ReadonlyMap<EntryId, EntryView>): Change[] {
  const deleted = [...from.keys()].filter((id) => !to.has(id)).toSorted();
  const written = [...to.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return [
    ...deleted.map((id): Change => ({ op: "delete", id })),
    ...written.flatMap((entry): Change[] => {
      const before = from.get(entry.id);
      if (before === undefined) return [{ op: "create", entry }];
      return isSameEntry(before, entry) ? [] : [{ op: "update", entry }];
    }),
  ];
}

/** What files hold now, against what they held. */
export interface Reread {
  /** The entries as they are now; those that did not change at all are the old ones. */
  readonly entries: readonly ReadEntry[];
  /** Entries that were made, deleted, or say something else than before. */
  readonly changed: ReadonlySet<EntryId>;
  /** Entries that say the same at another place. */
  readonly moved: ReadonlySet<EntryId>;
}

/** Compares entries that were read again with those before. */
export function reread(before: readonly ReadEntry[], now: readonly ReadEntry[]): Reread {
  const old = new Map(before.map((read) => [read.entry.id, read]));
  const changed = new Set<EntryId>();
  const moved = new Set<EntryId>();
  const entries = now.map((read) => {
    const { id } = read.entry;
    const known = old.get(id);
    old.delete(id);
    if (known === undefined || !isSameRead(known, read)) changed.add(id);
    else if (isInPlace(known.entry, read.entry)) {
      // Or else every entry would keep the parsed file of the reading that it came with.
      if (read.entry.places !== undefined) known.entry.places?.follow(read.entry.places);
      return known;
    } else moved.add(id);
    return read;
  });
  for (const id of old.keys()) changed.add(id);
  return { entries, changed, moved };
}

function isSameRead(a: ReadEntry, b: ReadEntry): boolean {
  return a.problems.length === b.problems.length && a.entry.root === b.entry.root && isSameEntry(a.entry, b.entry);
}

function isInPlace(a: Entry, b: Entry): boolean {
  return isDeepStrictEqual(placesOf(a), placesOf(b));
}

/** Where an entry and its fields stand. */
function placesOf(entry: Entry): readonly unknown[] {
  return [entry.position, ...Object.keys(entry.data).map((field) => entry.locateText([field], 1, 1))];
}
