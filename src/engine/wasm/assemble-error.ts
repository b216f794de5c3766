/** WebAssembly text that cannot be assembled. `line` and `column` count from 1; 1:1 when nobody knows better. */
export class AssembleError extends Error {
  /** What the author calls the text, such as its entry's id. */
  readonly source: string;
  readonly line: number;
  readonly column: number;

  constructor(message: string, place: { readonly source: string; readonly line: number; readonly column: number }) {
    super(message);
    this.name = "AssembleError";
    this.source = place.source;
    this.line = place.line;
    this.column = place.column;
  }
}
