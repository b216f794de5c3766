/** Lua text that does not parse. Lines and columns count from 1, within the source. */
export class LuaSyntaxError extends Error {
  readonly line: number;
  readonly column: number | undefined;

  constructor(message: string, line: number, column?: number) {
    super(message);
    this.name = "LuaSyntaxError";
    this.line = line;
    this.column = column;
  }
}
