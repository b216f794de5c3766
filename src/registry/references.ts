import type { EntryId } from "../core/ids.ts";
import { nearestNames } from "../core/nearest.ts";
import { fieldText } from "./define.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Reference } from "./kind.ts";
import type { LoadedEntry } from "./loaded-entry.ts";
import { findCycles } from "./order.ts";
import { problem } from "./problem.ts";

/** Entries with what is wrong with their references, and who needs whom. */
export interface Linked {
  readonly entries: readonly LoadedEntry[];
  readonly needs: ReadonlyMap<EntryId, ReadonlySet<EntryId>>;
}

/** Follows every reference: to nothing, to the wrong kind, to an entry that is broken, or around in a circle. */
export function checkReferences(entries: readonly LoadedEntry[]): Linked {
  const byId = new Map(entries.map((loaded) => [loaded.entry.id, loaded]));
  const referencesOf = ({ checked }: LoadedEntry): readonly Reference[] => checked?.references ?? [];
  const needsBy = (choose: (reference: Reference) => boolean): Map<EntryId, Set<EntryId>> =>
    new Map(
      entries.map((loaded) => [
        loaded.entry.id,
        new Set(
          referencesOf(loaded)
            .filter(choose)
            .map(({ id }) => id),
        ),
      ]),
    );
  const found = new Map<EntryId, Diagnostic[]>();
  const add = (loaded: LoadedEntry, diagnostic: Diagnostic): void => {
    found.set(loaded.entry.id, [...(found.get(loaded.entry.id) ?? []), diagnostic]);
  };
  for (const loaded of entries) {
    for (const reference of referencesOf(loaded)) {
      const diagnostic = checkReference(loaded, reference, byId);
      if (diagnostic !== undefined) add(loaded, diagnostic);
    }
  }
  for (const cycle of findCycles(needsBy(({ acyclic }) => acyclic))) {
    const loaded = byId.get(cycle[0] ?? "");
    const reference = loaded && referencesOf(loaded).find(({ id, acyclic }) => acyclic && id === cycle[1]);
    if (loaded === undefined || reference === undefined) continue;
    const message = `${fieldText(reference.path)}: entries need each other in a circle: ${cycle.join(" -> ")}`;
    add(loaded, problem(loaded.entry, reference.path, { code: "reference-cycle", message, hint: "break the circle" }));
  }
  const withOwn = entries.map((loaded) => withDiagnostics(loaded, found.get(loaded.entry.id) ?? []));
  return { entries: spreadBreakage(withOwn), needs: needsBy(() => true) };
}

function withDiagnostics(loaded: LoadedEntry, more: readonly Diagnostic[]): LoadedEntry {
  if (more.length === 0) return loaded;
  return { ...loaded, state: "error", diagnostics: [...loaded.diagnostics, ...more] };
}

function checkReference(
  { entry }: LoadedEntry,
  reference: Reference,
  byId: ReadonlyMap<EntryId, LoadedEntry>,
): Diagnostic | undefined {
  if (!reference.required) return undefined;
  const target = byId.get(reference.id);
  const field = fieldText(reference.path);
  const { kinds } = reference;
  if (target === undefined) {
    const fitting = [...byId.values()].filter((other) => kinds.length === 0 || kinds.includes(other.entry.kind));
    const near = nearestNames(
      reference.id,
      fitting.map((other) => other.entry.id),
    );
    return problem(entry, reference.path, {
      code: "unknown-reference",
      message: `${field}: there is no entry ${reference.id}`,
      hint: near.length > 0 ? `did you mean ${near.join(" or ")}?` : undefined,
    });
  }
  if (kinds.length === 0 || kinds.includes(target.entry.kind)) return undefined;
  return problem(entry, reference.path, {
    code: "wrong-reference",
    message: `${field}: ${reference.id} is a ${target.entry.kind}, which does not fit here`,
    hint: `name an entry of kind ${kinds.join(" or ")}`,
  });
}

/** An entry that needs a broken one is broken too, and says so. */
function spreadBreakage(entries: readonly LoadedEntry[]): readonly LoadedEntry[] {
  let current = entries;
  for (;;) {
    const broken = new Set(current.filter(({ state }) => state === "error").map(({ entry }) => entry.id));
    const next = current.map((loaded) => {
      const reference = loaded.checked?.references.find(({ required, id }) => required && broken.has(id));
      if (loaded.state !== "ok" || reference === undefined) return loaded;
      const message = `${fieldText(reference.path)}: ${reference.id} has errors, so ${loaded.entry.id} cannot load`;
      return withDiagnostics(loaded, [problem(loaded.entry, reference.path, { code: "broken-reference", message })]);
    });
    if (next.every((loaded, index) => loaded === current[index])) return current;
    current = next;
  }
}
