/** What a `WitError` says beside its message. */
export interface WitErrorDetails {
  /** Position in the text, both from 1; columns count UTF-16 units, as editors do. */
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly found: string;
  readonly hint?: string | undefined;
}

/** WIT text that cannot be read: what was expected, what stands there, and where. The message has no position in it. */
export class WitError extends Error {
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly found: string;
  readonly hint: string | undefined;

  constructor(details: WitErrorDetails) {
    super(
      `expected ${details.expected}, found ${details.found}${details.hint === undefined ? "" : ` (${details.hint})`}`,
    );
    this.name = "WitError";
    this.line = details.line;
    this.column = details.column;
    this.expected = details.expected;
    this.found = details.found;
    this.hint = details.hint;
  }
}

/** What went wrong at an offset of the text. */
export interface WitProblem {
  readonly at: number;
  readonly expected: string;
  readonly found: string;
  readonly hint?: string | undefined;
}

/** The error for a problem, its offset turned into line and column. */
export function witError(text: string, { at, expected, found, hint }: WitProblem): WitError {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  const column = at - before.lastIndexOf("\n");
  return new WitError({ line, column, expected, found, hint });
}
