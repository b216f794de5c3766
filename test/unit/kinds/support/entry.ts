import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silentLog } from "../../../../src/core/log.ts";
import { kinds } from "../../../../src/kinds/index.ts";
import { isDiagnostics } from "../../../../src/registry/define.ts";
import { DiagnosticError, type Diagnostic } from "../../../../src/registry/diagnostic.ts";
import type { Entry, EntryData } from "../../../../src/registry/entry.ts";
import { fieldText } from "../../../../src/registry/fields/field-text.ts";
import type { CheckedSpec, Kind, PlaceTools, Provided } from "../../../../src/registry/kind.ts";
import type { Placement } from "../../../../src/registry/placement.ts";
import { smallestMeta } from "./smallest.ts";

/** The folder of the built guests. */
export const guests = fileURLToPath(new URL("../../../guests", import.meta.url));

/** An entry whose positions say which field was asked for, in place of a file. */
export function entryOf(kind: string, data: EntryData, meta: EntryData = smallestMeta[kind] ?? {}): Entry {
  return {
    id: "app:it",
    namespace: "app",
    name: "it",
    kind,
    meta,
    data,
    root: guests,
    position: { file: "it", line: 1, column: 1 },
    locate: (path, part = "value") => ({
      file: part === "key" ? `key ${fieldText(path)}` : fieldText(path),
      line: 1,
      column: 1,
    }),
    locateText: (path, line, column) => ({ file: fieldText(path), line, column }),
  };
}

/** A kind of the table. */
export function kindOf(name: string): Kind {
  const kind = kinds.find((item) => item.name === name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  return kind;
}

/** A problem in short: `code at place`, with line and column where they are not the first. */
export function brief({ code, severity, position: { file, line, column } }: Diagnostic): string {
  const place = line === 1 && column === 1 ? file : `${file}:${line}:${column}`;
  return `${severity === "warning" ? "warning " : ""}${code} at ${place}`;
}

/** Everything a check has against an entry. */
export function problemsOf(entry: Entry, compat: "weft" | "wippy" = "weft"): readonly Diagnostic[] {
  const checked = kindOf(entry.kind).check(entry, { compat });
  return isDiagnostics(checked) ? checked : checked.warnings;
}

/** An entry that has no problems, checked. */
export function checked(entry: Entry, compat: "weft" | "wippy" = "weft"): CheckedSpec {
  const result = kindOf(entry.kind).check(entry, { compat });
  if (isDiagnostics(result)) throw new DiagnosticError(result);
  return result;
}

const cacheDir = await mkdtemp(join(tmpdir(), "weft-kinds-"));

/** Removes what the placements of a test file left. */
export async function forgetCache(): Promise<void> {
  await rm(cacheDir, { recursive: true, force: true });
}

/** Tools for placing, in an app with one filesystem, `app:guests`. */
export function toolsWith(compat: "weft" | "wippy" = "weft"): PlaceTools {
  const provided = new Map<string, Provided>([["app:guests", { directory: { path: guests } }]]);
  return { compat, cacheDir, log: silentLog, limits: {}, provided: (id) => provided.get(id), kindOf: () => undefined };
}

/** The placement of an entry. @throws DiagnosticError. */
export async function place(entry: Entry, compat: "weft" | "wippy" = "weft"): Promise<Placement> {
  const placement = await checked(entry, compat).place?.(toolsWith(compat));
  if (placement === undefined) throw new Error(`${entry.kind} cannot be placed`);
  return placement;
}

/** Everything that placing an entry has against it. */
export async function placeProblems(entry: Entry): Promise<readonly Diagnostic[]> {
  try {
    await place(entry);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
  throw new Error("the entry was placed without a problem");
}

/** `hash` of a guest. */
export async function hashOf(path: string): Promise<string> {
  return `sha256:${createHash("sha256")
    .update(await readFile(join(guests, path)))
    .digest("hex")}`;
}

/** A text of the guests' folder. */
export async function guestText(path: string): Promise<string> {
  return await readFile(join(guests, path), "utf8");
}
