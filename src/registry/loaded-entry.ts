import type { Diagnostic } from "./diagnostic.ts";
import type { Entry } from "./entry.ts";
import type { CheckedSpec } from "./kind.ts";

/** An entry and what its kind made of it. */
export interface LoadedEntry {
  readonly entry: Entry;
  /** `inert`: kept as data, because nobody knows its kind. */
  readonly state: "ok" | "error" | "inert";
  readonly checked: CheckedSpec | undefined;
  /** What is wrong with the entry; warnings do not break it. */
  readonly diagnostics: readonly Diagnostic[];
}
