import { WeftError } from "../core/errors.ts";
import type { EntryId } from "../core/ids.ts";
import { nearestNames } from "../core/nearest.ts";
import type { Value } from "../core/values.ts";
import type { EntryView } from "../hosts/ports.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { compileFilter } from "./finder.ts";
import type { LoadedEntry } from "./loaded-entry.ts";

/** Every entry of an app, checked, in the order in which they need each other. */
export class LoadedRegistry {
  readonly entries: readonly LoadedEntry[];
  /** Ids level by level: each level needs only those before it. */
  readonly levels: readonly (readonly EntryId[])[];
  readonly diagnostics: readonly Diagnostic[];
  readonly #byId: ReadonlyMap<EntryId, LoadedEntry>;

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
    const near = nearestNames(id, this.#byId.keys());
    const hint = near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`;
    throw new WeftError("ENTRY_NOT_FOUND", `not found: there is no entry ${id}${hint}`, { details: { target: id } });
  }

  /**
   * Entries that match every key of a filter, in the order of their ids.
   * @throws WeftError `INVALID_ARGUMENT` for a malformed pattern.
   */
  find(filter: Readonly<Record<string, Value>>): readonly EntryView[] {
    const matches = compileFilter(filter);
    return this.entries
      .map(viewOf)
      .filter(matches)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }
}

function viewOf({ entry }: LoadedEntry): EntryView {
  return { id: entry.id, kind: entry.kind, meta: entry.meta, data: entry.data };
}
