import { parseId, type EntryId } from "../core/ids.ts";
import { didYouMean, nearestNames } from "../core/nearest.ts";
import { fieldText } from "./fields/field-text.ts";
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
  for (const loaded of entries) {
    const own = referencesOf(loaded).flatMap((reference) => checkReference(loaded, reference, byId) ?? []);
    found.set(loaded.entry.id, own);
  }
  for (const cycle of findCycles(needsBy(({ acyclic }) => acyclic))) {
    const loaded = byId.get(cycle[0] ?? "");
    const reference = loaded && referencesOf(loaded).find(({ id, acyclic }) => acyclic && id === cycle[1]);
    if (loaded === undefined || reference === undefined) continue;
    const message = `${fieldText(reference.path)}: entries need each other in a circle: ${cycle.join(" -> ")}`;
    const hint = "move what they share into an entry that both can name";
    found.get(loaded.entry.id)?.push(problem(loaded.entry, reference.path, { code: "reference-cycle", message, hint }));
  }
  const withOwn = entries.map((loaded) => withDiagnostics(loaded, found.get(loaded.entry.id) ?? []));
  return { entries: spreadBreakage(withOwn), needs: needsBy(() => true) };
}

function withDiagnostics(loaded: LoadedEntry, more: readonly Diagnostic[]): LoadedEntry {
  if (more.length === 0) return loaded;
  const isBroken = more.some(({ severity }) => severity === "error");
  return { ...loaded, ...(isBroken ? { state: "error" } : {}), diagnostics: [...loaded.diagnostics, ...more] };
}

function checkReference(
  { entry }: LoadedEntry,
  reference: Reference,
  byId: ReadonlyMap<EntryId, LoadedEntry>,
): Diagnostic | undefined {
  const { kinds } = reference;
  // Without kinds it only orders entries.
  if (!reference.required && kinds.length === 0) return undefined;
  const severity = reference.required ? "error" : "warning";
  const target = byId.get(reference.id);
  const field = fieldText(reference.path);
  if (target === undefined) {
    const fitting = [...byId.values()].filter((other) => kinds.length === 0 || kinds.includes(other.entry.kind));
    const near = nearestIds(
      reference.id,
      fitting.map((other) => other.entry.id),
    );
    return problem(entry, reference.path, {
      code: "unknown-reference",
      message: `${field}: there is no entry ${reference.id}`,
      hint: didYouMean(near),
      severity,
    });
  }
  if (kinds.length === 0 || kinds.includes(target.entry.kind)) return undefined;
  return problem(entry, reference.path, {
    code: "wrong-reference",
    message: `${field}: ${reference.id} is a ${target.entry.kind}, which does not fit here`,
    hint: `name an entry of kind ${kinds.join(" or ")}`,
    severity,
  });
}

/** Ids that may be meant: those of the same name elsewhere first, then those that are spelt alike. */
function nearestIds(wanted: EntryId, known: readonly EntryId[]): string[] {
  const { name } = parseId(wanted);
  const sameName = known.filter((id) => parseId(id).name === name).toSorted();
  return [...new Set([...sameName, ...nearestNames(wanted, known)])].slice(0, mostHints);
}

const mostHints = 3;

/** An entry that needs a broken one is broken too, and says so. */
function spreadBreakage(entries: readonly LoadedEntry[]): readonly LoadedEntry[] {
  const needing = new Map<EntryId, { readonly id: EntryId; readonly reference: Reference }[]>();
  for (const { entry, checked } of entries) {
    for (const reference of checked?.references ?? []) {
      if (!reference.required) continue;
      const others = needing.get(reference.id) ?? [];
      others.push({ id: entry.id, reference });
      needing.set(reference.id, others);
    }
  }
  const current = new Map(entries.map((loaded) => [loaded.entry.id, loaded]));
  const broken = entries.filter(({ state }) => state === "error").map(({ entry }) => entry.id);
  // The list grows while it is walked: what breaks here breaks what needs it.
  for (const target of broken) {
    for (const { id, reference } of needing.get(target) ?? []) {
      const loaded = current.get(id);
      if (loaded?.state !== "ok") continue;
      const message = `${fieldText(reference.path)}: ${target} has errors, so ${id} cannot load`;
      const diagnostic = problem(loaded.entry, reference.path, { code: "broken-reference", message });
      current.set(id, withDiagnostics(loaded, [diagnostic]));
      broken.push(id);
    }
  }
  return entries.map((loaded) => current.get(loaded.entry.id) ?? loaded);
}
