import type { EntryId } from "../../core/ids.ts";
import type { Value } from "../../core/values.ts";
import type { EntryView } from "../../hosts/ports.ts";
import { parseId } from "../../core/ids.ts";
import { compileFilter } from "../finder.ts";

/** The registry as it was at one version; later changes do not reach it. */
export class Snapshot {
  readonly version: number;
  readonly #entries: ReadonlyMap<EntryId, EntryView>;

  constructor(version: number, entries: ReadonlyMap<EntryId, EntryView>) {
    this.version = version;
    this.#entries = entries;
  }

  /** Every entry, in the order of their ids. */
  entries(): readonly EntryView[] {
    return [...this.#entries.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  get(id: EntryId): EntryView | undefined {
    return this.#entries.get(id);
  }

  namespace(name: string): readonly EntryView[] {
    return this.entries().filter(({ id }) => parseId(id).namespace === name);
  }

  /** Entries that match a filter. @throws WeftError `INVALID_ARGUMENT` for a malformed one. */
  find(filter: Readonly<Record<string, Value>>): readonly EntryView[] {
    return this.entries().filter(compileFilter(filter));
  }
}
