import { WeftError } from "../core/errors.ts";
import type { EntryId } from "../core/ids.ts";
import { nearestSuffix } from "../core/nearest.ts";
import type { Value } from "../core/values.ts";
import type { EntryView } from "../hosts/ports.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { compileFilter } from "./finder.ts";
import type { LoadedEntry } from "./loaded-entry.ts";

/** Results that are kept for filters that are asked again: programs look for the same entries on every call. */
const keptResults = 1_000;
/** A filter longer than this is none that is asked again. */
const keyLength = 1_000;

/** A filter as a text; undefined for one that has none, which then finds nothing or fails. */
function keyOf(filter: Readonly<Record<string, Value>>): string | undefined {
  const parts = Object.entries(filter).map(([name, wanted]) => {
    const isPlain = typeof wanted !== "object" && typeof wanted !== "bigint";
    return isPlain || (Array.isArray(wanted) && wanted.every((each) => typeof each === "string"))
      ? JSON.stringify([name, wanted])
      : undefined;
  });
  const key = parts.join();
  return parts.includes(undefined) || key.length > keyLength ? undefined : key;
}

/** Every entry of an app, checked, in the order in which they need each other. */
export class LoadedRegistry {
  readonly entries: readonly LoadedEntry[];
  /** Ids level by level: each level needs only those before it. */
  readonly levels: readonly (readonly EntryId[])[];
  readonly diagnostics: readonly Diagnostic[];
  readonly #byId: ReadonlyMap<EntryId, LoadedEntry>;
  /** What was found, by the filter: a registry never changes, a change makes another. What was asked for last stands last. */
  readonly #found = new Map<string, readonly EntryView[]>();
  /** The entries as programs see them, by their ids; made when somebody looks for some. */
  #sorted: readonly EntryView[] | undefined;

  constructor(parts: Pick<LoadedRegistry, "entries" | "levels" | "diagnostics">) {
    this.entries = parts.entries;
    this.levels = parts.levels;
    this.diagnostics = parts.diagnostics;
    this.#byId = new Map(parts.entries.map((loaded) => [loaded.entry.id, loaded]));
  }

  get(id: EntryId): LoadedEntry | undefined {
    return this.#byId.get(id);
  }

  /** An entry as programs see it. @throws WeftError `ENTRY_NOT_FOUND` with the nearest ids. */
  view(id: EntryId): EntryView {
    const loaded = this.#byId.get(id);
    if (loaded !== undefined) return viewOf(loaded);
    const hint = nearestSuffix(id, this.#byId.keys());
    throw new WeftError("ENTRY_NOT_FOUND", `not found: there is no entry ${id}${hint}`, { details: { target: id } });
  }

  /**
   * Entries that match every key of a filter, in the order of their ids.
   * @throws WeftError `INVALID_ARGUMENT` for a malformed pattern.
   */
  find(filter: Readonly<Record<string, Value>>): readonly EntryView[] {
    const key = keyOf(filter);
    const known = key === undefined ? undefined : this.#found.get(key);
    this.#sorted ??= this.entries.map(viewOf).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const found = known ?? this.#sorted.filter(compileFilter(filter));
    if (key === undefined) return found;
    this.#found.delete(key);
    this.#found.set(key, found);
    const [oldest] = this.#found.keys();
    if (this.#found.size > keptResults && oldest !== undefined) this.#found.delete(oldest);
    return found;
  }
}

function viewOf({ entry }: LoadedEntry): EntryView {
  return { id: entry.id, kind: entry.kind, meta: entry.meta, data: entry.data };
}
