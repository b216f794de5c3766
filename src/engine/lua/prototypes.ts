import { WeftError } from "../../core/errors.ts";
import { eraseTypes } from "./eraser/erase.ts";
import type { LuaProgram } from "./program.ts";
import { renamed } from "./state/prototype.seam.ts";
import type { Lua, LuaPrototype } from "./state/lua.ts";
import { LuaSyntaxError } from "./syntax-error.ts";

/** Enough for an app, and for what it had before an update. */
const mostSources = 500;
/** A source of 10 KB takes 3 ms to compile and about 100 KB compiled: an isolate that many updates have passed through keeps 20 MB. */
const mostCharacters = 2_000_000;

interface Kept {
  readonly chunk: string;
  readonly prototype: LuaPrototype;
}

/** Compiles sources once: entries with the same one, and updates that leave it as it was, share what came of it. */
export class Prototypes {
  readonly #lua: Lua;
  /** By source; what was used last stands last. Strings keep their own hash, so that nothing is hashed twice. */
  readonly #known = new Map<string, Kept>();
  #characters = 0;

  constructor(lua: Lua) {
    this.#lua = lua;
  }

  /** The compiled source, whose errors and stacks name the program. @throws WeftError `ENTRY_FAILED` for a syntax error. */
  of(program: LuaProgram): LuaPrototype {
    const { source, name } = program;
    const kept = this.#take(source) ?? { chunk: name, prototype: this.#compile(program) };
    this.#known.set(source, kept);
    this.#characters += source.length;
    // Whoever uses one of these holds it; the source just asked for is the last to go.
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= mostSources && this.#characters <= mostCharacters) break;
      this.#take(oldest);
    }
    return kept.chunk === name ? kept.prototype : renamed(this.#lua, kept.prototype, name);
  }

  #take(source: string): Kept | undefined {
    const known = this.#known.get(source);
    if (this.#known.delete(source)) this.#characters -= source.length;
    return known;
  }

  #compile(program: LuaProgram): LuaPrototype {
    try {
      return this.#lua.compile(eraseTypes(program.source), program.name);
    } catch (error) {
      if (!(error instanceof LuaSyntaxError)) throw error;
      throw syntaxFailure(program, error);
    }
  }
}

/** The failure of an entry whose source does not parse: it names the place in the file. */
function syntaxFailure({ name, file, firstLine }: LuaProgram, error: LuaSyntaxError): WeftError {
  const line = firstLine + error.line - 1;
  const place = `${file}:${line}${error.column === undefined ? "" : `:${error.column}`}`;
  return new WeftError("ENTRY_FAILED", `${name} does not parse: ${place}: ${error.message}`, {
    cause: error,
    details: { file, line, ...(error.column === undefined ? {} : { column: error.column }) },
  });
}
