import type { DiagnosticCode } from "./diagnostic-codes.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Entry, FieldPath } from "./entry.ts";
import type { CheckWorld } from "./kind.ts";

/** What is wrong, apart from where. */
export interface Problem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly severity?: "error" | "warning";
  /** Point at the field's key instead of its value. */
  readonly part?: "value" | "key";
}

/** A diagnostic about a field of an entry; an empty path is the entry itself. */
export function problem(entry: Entry, path: FieldPath, what: Problem): Diagnostic {
  return {
    code: what.code,
    severity: what.severity ?? "error",
    message: what.message,
    entry: entry.id,
    position: entry.locate(path, what.part),
    hint: what.hint,
  };
}

/** A diagnostic about a place inside a text field, such as `source` or `wit`. */
export function problemInText(
  entry: Entry,
  path: FieldPath,
  place: { readonly line: number; readonly column: number },
  what: Problem,
): Diagnostic {
  return { ...problem(entry, path, what), position: entry.locateText(path, place.line, place.column) };
}

/** How grave it is that something stands where nobody reads it: the other format never minded. */
export function severityOf({ compat }: CheckWorld): "error" | "warning" {
  return compat === "wippy" ? "warning" : "error";
}
