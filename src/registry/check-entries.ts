import type { EntryId } from "../core/ids.ts";
import { didYouMean, nearestNames } from "../core/nearest.ts";
import { isDiagnostics } from "./define.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Entry } from "./entry.ts";
import type { CheckedEntry, CheckedSpec, CheckWorld, Kind } from "./kind.ts";
import type { LoadedEntry } from "./loaded-entry.ts";
import { orderByNeeds } from "./order.ts";
import { problem } from "./problem.ts";
import type { ReadEntry } from "./reading/read-entries.ts";
import { checkReferences } from "./references.ts";
import { LoadedRegistry } from "./registry.ts";

/** What the files of an app hold, before any kind has looked at it. */
export interface ReadRegistry {
  /** One for each id. */
  readonly entries: readonly ReadEntry[];
  /** Entries whose id was taken: they are checked, so that all that is wrong is said at once, and left out. */
  readonly duplicates: readonly ReadEntry[];
  /** What is wrong with files rather than entries. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks entries by their kinds and against each other. An entry that was seen before is not checked by its kind again. */
export class EntryChecker {
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #world: CheckWorld;
  readonly #checked = new WeakMap<Entry, LoadedEntry>();

  constructor(kinds: readonly Kind[], { compat }: CheckWorld) {
    this.#kinds = new Map(kinds.map((kind) => [kind.name, kind]));
    this.#world = { compat };
  }

  /** Everything that can be known of the entries without preparing a program. */
  check(read: ReadRegistry): LoadedRegistry {
    const linked = checkReferences(this.#checkTogether(read.entries.map((each) => this.#checkOnce(each))));
    const levels = orderByNeeds(linked.needs);
    const byId = new Map(linked.entries.map((loaded) => [loaded.entry.id, loaded]));
    const entries = levels.flat().flatMap((id) => byId.get(id) ?? []);
    const diagnostics = [
      ...read.diagnostics,
      ...read.duplicates.flatMap((duplicate) => this.#checkOnce(duplicate).diagnostics),
      ...unknownKinds(linked.entries, this.#kinds),
      ...entries.flatMap((loaded) => loaded.diagnostics),
    ];
    return new LoadedRegistry({ entries, levels, diagnostics });
  }

  /** What goes not together: each problem breaks the entry that it is about. */
  #checkTogether(entries: readonly LoadedEntry[]): readonly LoadedEntry[] {
    const byKind = new Map<string, CheckedEntry[]>();
    const specs = new Map<EntryId, CheckedSpec>();
    for (const { entry, checked, state } of entries) {
      if (state !== "ok" || checked === undefined) continue;
      specs.set(entry.id, checked);
      if (this.#kinds.get(entry.kind)?.checkTogether === undefined) continue;
      byKind.set(entry.kind, [...(byKind.get(entry.kind) ?? []), { entry, checked }]);
    }
    const found = [...byKind].flatMap(([kind, items]) => this.#kinds.get(kind)?.checkTogether?.(items, specs) ?? []);
    if (found.length === 0) return entries;
    return entries.map((loaded) => {
      const own = found.filter(({ entry }) => entry === loaded.entry.id);
      if (own.length === 0) return loaded;
      return { ...loaded, state: "error", diagnostics: [...loaded.diagnostics, ...own] };
    });
  }

  #checkOnce(read: ReadEntry): LoadedEntry {
    const known = this.#checked.get(read.entry);
    if (known !== undefined) return known;
    const loaded = this.#checkEntry(read);
    // What is wrong may be mended outside of the entry: a folder that is missing, a file that cannot be read.
    if (loaded.state !== "error") this.#checked.set(read.entry, loaded);
    return loaded;
  }

  #checkEntry({ entry, problems }: ReadEntry): LoadedEntry {
    const kind = this.#kinds.get(entry.kind);
    if (kind === undefined) return { entry, state: "inert", checked: undefined, diagnostics: problems };
    const checked = kind.check(entry, this.#world);
    if (isDiagnostics(checked)) {
      return { entry, state: "error", checked: undefined, diagnostics: [...problems, ...checked] };
    }
    const diagnostics = [...problems, ...checked.warnings];
    const isBroken = diagnostics.some(({ severity }) => severity === "error");
    return { entry, state: isBroken ? "error" : "ok", checked, diagnostics };
  }
}

/** One warning for each kind that nobody knows, at the first entry that has it. */
function unknownKinds(entries: readonly LoadedEntry[], kinds: ReadonlyMap<string, Kind>): readonly Diagnostic[] {
  const firsts = new Map<string, { entry: Entry; count: number }>();
  for (const { entry, state } of entries) {
    if (state !== "inert") continue;
    const seen = firsts.get(entry.kind);
    if (seen === undefined) firsts.set(entry.kind, { entry, count: 1 });
    else seen.count += 1;
  }
  return [...firsts].map(([name, { entry, count }]) => {
    const near = nearestNames(name, kinds.keys());
    const others = count > 1 ? ` (and ${count - 1} more)` : "";
    return problem(entry, ["kind"], {
      code: "unknown-kind",
      severity: "warning",
      message: `no kind ${name} is known: ${entry.id} is kept as data${others}`,
      hint: didYouMean(near),
    });
  });
}
