import { eraseTypes } from "./eraser/erase.ts";
import type { LuaProgram } from "./program.ts";
import { openLua } from "./state/fengari.seam.ts";
import { currentInterpreter, type InterpreterName } from "./state/interpreter.seam.ts";
import type { Lua } from "./state/lua.ts";
import { LuaSyntaxError } from "./syntax-error.ts";

/** A mistake in a program's source. Lines and columns count from 1, within the source. */
export interface LuaProblem {
  readonly line: number;
  readonly column?: number;
  readonly message: string;
  /** `undeclared`: a `require` that will fail if it is reached. */
  readonly sort: "syntax" | "undeclared";
}

/** Names that `require` knows without any declaration. */
const alwaysKnown = new Set(
  "errors channel process payload coroutine string table math os stream subscribe unsubscribe".split(" "),
);

/** Strings and comments are stepped over whole, so that only calls in the code itself are found. */
const requires =
  /--\[(=*)\[[\s\S]*?\]\1\]|--[^\n]*|\[(=*)\[[\s\S]*?\]\2\]|(?<![\w.:])require\s*\(?\s*(?:"([^"\n\\]+)"|'([^'\n\\]+)')|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/g;

/** One a kind of interpreter: the seam serves a state only while its own interpreter is in place. */
const compilers = new Map<InterpreterName, Lua>();

/** Everything that can be said against a program without running it. */
export function checkLua(program: LuaProgram): LuaProblem[] {
  const broken = syntaxProblem(program);
  return broken === undefined ? undeclared(program) : [broken];
}

function syntaxProblem({ source, name }: LuaProgram): LuaProblem | undefined {
  try {
    const erased = eraseTypes(source);
    compilers.getOrInsertComputed(currentInterpreter(), openLua).compile(erased, name);
    return undefined;
  } catch (error) {
    if (!(error instanceof LuaSyntaxError)) throw error;
    const { line, column, message } = error;
    return { sort: "syntax", line, message, ...(column === undefined ? {} : { column }) };
  }
}

function undeclared({ source, modules, imports }: LuaProgram): LuaProblem[] {
  const problems: LuaProblem[] = [];
  for (const match of source.matchAll(requires)) {
    const name = match[3] ?? match[4];
    if (name === undefined || alwaysKnown.has(name) || modules.includes(name) || Object.hasOwn(imports, name)) continue;
    const before = source.slice(0, match.index);
    problems.push({
      sort: "undeclared",
      line: before.split("\n").length,
      column: match.index - before.lastIndexOf("\n"),
      message: `"${name}" is required but not declared: add it under "modules:" or "imports:"`,
    });
  }
  return problems;
}
