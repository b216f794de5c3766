import { requireFullId, type EntryId } from "../../core/ids.ts";
import { WeftError } from "../../core/errors.ts";
import { didYouMean, nearestNames } from "../../core/nearest.ts";
import { toValue, type Value } from "../../core/values.ts";
import type { DiagnosticCode } from "../diagnostic-codes.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { EntryData } from "../entry.ts";
import type { ReadEntry } from "../reading/read-entries.ts";
import { isMapping } from "../reading/interpolate.ts";
import { squash, type Change, type EntryInput, type Step, type StoredEntry } from "./change.ts";
import { liveEntry, storedEntry } from "./live-entry.ts";

/** Entries by id. */
export type EntryMap = ReadonlyMap<EntryId, ReadEntry>;

/** What a changeset makes of entries. */
export interface Applied {
  readonly entries: EntryMap;
  readonly steps: readonly Step[];
  /** Changes that are impossible: what they want to create is there, what they want to change is not. */
  readonly problems: readonly Diagnostic[];
}

/**
 * Applies changes in their order, on paper. Entries without a root of their own come to stand under `root`.
 * @throws WeftError `INVALID_ID`, `INVALID_ARGUMENT` for an entry that is none.
 */
export function applyChanges(current: EntryMap, changes: readonly Change[], root: string): Applied {
  const entries = new Map(current);
  const steps: Step[] = [];
  const problems: Diagnostic[] = [];
  for (const change of changes) {
    const id = requireFullId(change.op === "delete" ? change.id : change.entry.id);
    const known = entries.get(id);
    const impossible = impossibleChange(change.op, id, entries);
    if (impossible !== undefined) {
      problems.push(impossible);
      continue;
    }
    const before = known && storedEntry(known.entry);
    const after = change.op === "delete" ? undefined : checkedEntry(id, change.entry, before?.root ?? root);
    steps.push({ id, before, after });
    if (after === undefined) entries.delete(id);
    else entries.set(id, { entry: liveEntry(after), problems: [] });
  }
  return { entries, steps: squash(steps), problems };
}

/** Takes steps that were taken before, or their inverse. */
export function takeSteps(current: EntryMap, steps: readonly Step[]): EntryMap {
  const entries = new Map(current);
  for (const { id, after } of steps) {
    if (after === undefined) entries.delete(id);
    else entries.set(id, { entry: liveEntry(after), problems: [] });
  }
  return entries;
}

function impossibleChange(op: Change["op"], id: EntryId, entries: EntryMap): Diagnostic | undefined {
  const isThere = entries.has(id);
  if (op === "create") {
    return isThere ? complaint(id, "duplicate-id", `${id} is there already`, "update it instead") : undefined;
  }
  if (isThere) return undefined;
  const near = nearestNames(id, entries.keys());
  const hint = didYouMean(near);
  return complaint(id, "missing-entry", `there is no ${id} to ${op}`, hint);
}

function complaint(id: EntryId, code: DiagnosticCode, message: string, hint: string | undefined): Diagnostic {
  return { code, severity: "error", message, entry: id, position: { file: id, line: 1, column: 1 }, hint };
}

function checkedEntry(id: EntryId, { kind, meta = {}, data = {} }: EntryInput, root: string): StoredEntry {
  if (kind === "") throw new WeftError("INVALID_ARGUMENT", `${id}: an entry needs a kind`);
  return { id, kind, meta: mapping(meta, `${id}: meta`), data: mapping(data, `${id}: data`), root };
}

function mapping(input: unknown, name: string): EntryData {
  const value = toValue(input, name);
  // Lua's empty table is the empty list.
  if (Array.isArray(value) && value.length === 0) return {};
  if (!isMapping(value)) throw new WeftError("INVALID_ARGUMENT", `${name} is a mapping`);
  return value;
}

/** What programs see of entries that were read. */
export function viewsOf(entries: EntryMap): ReadonlyMap<EntryId, StoredEntry> {
  return new Map([...entries].map(([id, { entry }]) => [id, storedEntry(entry)]));
}

/** The data of an event about an entry. */
export function eventData(entry: StoredEntry | undefined): Value {
  if (entry === undefined) return null;
  const { id, kind, meta, data } = entry;
  return { id, kind, meta, data };
}
