import type { EntryId } from "../core/ids.ts";
import type { Position } from "./entry.ts";

/** A message for an author, with the place it is about. */
export interface Diagnostic {
  /** A stable name such as `unknown-field`; `weft explain` knows it. */
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly entry: EntryId | undefined;
  readonly position: Position;
  /** How to mend it. */
  readonly hint: string | undefined;
}

/** Thrown by a kind that found problems while it prepared an entry: all of them at once. */
export class DiagnosticError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => diagnostic.message).join("\n"));
    this.name = "DiagnosticError";
    this.diagnostics = diagnostics;
  }
}
