import { Cursor } from "./cursor.ts";
import { block } from "./statements.ts";

/**
 * Lua with its type annotations replaced by blanks, so that every character that is left keeps its line and column.
 * @throws LuaSyntaxError at the first place that is not Lua.
 */
export function eraseTypes(source: string): string {
  const cursor = new Cursor(source, block);
  block(cursor);
  if (cursor.peek().kind !== "end") cursor.fail("'<eof>' expected");
  return cursor.erased();
}
