import type { LoadedApp } from "../boot/app.ts";
import type { EntryId } from "../core/ids.ts";
import { formatFunction } from "../wit/format.ts";

/** An entry in a line: what it is, how it is called, whether it works. */
export interface EntryLine {
  readonly id: EntryId;
  readonly kind: string;
  /** Its WIT signature, when it has one. */
  readonly signature: string | undefined;
  readonly method: string | undefined;
  /** `ok`, `failed` (see `weft check`), or `inert`: data that does nothing. */
  readonly state: "ok" | "failed" | "inert";
  readonly file: string;
  readonly line: number;
}

/** Every entry of an app, by id. */
export function entryLines(app: LoadedApp): EntryLine[] {
  const lines = app.registry.entries.map(({ entry, state }): EntryLine => {
    const signature = app.placements.get(entry.id)?.signature;
    const method = entry.data["method"];
    const { file, line } = entry.position;
    return {
      id: entry.id,
      kind: entry.kind,
      signature: signature === undefined ? undefined : formatFunction(signature),
      method: typeof method === "string" ? method : undefined,
      state: app.failures.has(entry.id) ? "failed" : state === "inert" ? "inert" : "ok",
      file,
      line,
    };
  });
  return lines.toSorted((a, b) => a.id.localeCompare(b.id));
}

/** True when a kind is the wanted one; `function.*` wants every kind that begins so. */
export function matchesKind(kind: string, wanted: string): boolean {
  return wanted.endsWith("*") ? kind.startsWith(wanted.slice(0, -1)) : kind === wanted;
}

/** True for a namespace itself and those below it. */
export function matchesNamespace(id: EntryId, wanted: string): boolean {
  return id.startsWith(`${wanted}:`) || id.startsWith(`${wanted}.`);
}
