import type { EntryId } from "../../core/ids.ts";

/** A Lua entry that is ready to run in any isolate. Structured-clonable. */
export interface LuaProgram {
  readonly type: "lua";
  /** The entry's id: the chunk name of stack traces, `ns:name:line`. */
  readonly name: EntryId;
  readonly source: string;
  /** Where the source stands, for messages to authors: the file, and the file's line of the source's first line. */
  readonly file: string;
  readonly firstLine: number;
  /** The function to call in the table that the chunk returns; a chunk that returns a function needs none. */
  readonly method: string | undefined;
  /** Names of built-in modules that the program may `require`. */
  readonly modules: readonly string[];
  /** Libraries by alias. */
  readonly imports: Readonly<Record<string, EntryId>>;
}
