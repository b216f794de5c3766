import { Cursor } from "./cursor.ts";
import { block } from "./statements.ts";
import { typeValues } from "./type-values.ts";

/**
 * Lua with its type annotations replaced by blanks, so that every character that is left keeps its line and column;
 * types whose names the program uses as values become such values, on the lines where they were declared.
 * @throws LuaSyntaxError at the first place that is not Lua.
 */
export function eraseTypes(source: string): string {
  const cursor = new Cursor(source, block);
  block(cursor);
  if (cursor.peek().kind !== "end") cursor.fail("'<eof>' expected");
  for (const cut of typeValues(cursor)) cursor.replace(cut);
  return cursor.erased();
}
