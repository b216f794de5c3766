import { eraseTypes } from "../eraser/erase.ts";
import { openLua } from "../state/fengari.seam.ts";
import { status, type Lua, type LuaState } from "../state/lua.ts";
import { corpus } from "./corpus.ts";

/** One piece takes a few milliseconds, the very first some more: what comes meanwhile waits no longer. */
const turnsPerPiece = 2;
/** So often the corpus is compiled again, that the compiler is warm too. */
const piecesPerCompile = 8;
/** By then V8 has optimised what it will; more would only take the core from others. */
const enoughMs = 250;

/** What a warm-up needs of the thread that it runs in. */
export interface WarmUpOptions {
  /** Runs the next piece when nothing else is to be done. */
  readonly later: (run: () => void) => void;
  /** Ends the warm-up for good: real calls warm the interpreter as well. */
  readonly isOver: () => boolean;
}

/**
 * Runs a small corpus on a scratch state, piece by piece, so that the first calls of programs meet an interpreter that V8 has
 * optimised already. Resolves with the milliseconds spent.
 */
export async function warmUp({ later, isOver }: WarmUpOptions): Promise<number> {
  const lua = openLua();
  const thread = lua.newThread();
  let run = lua.nil;
  let spent = 0;
  for (let piece = 0; spent < enoughMs; piece += 1) {
    await new Promise<void>((resolve) => later(resolve));
    if (isOver()) break;
    const started = performance.now();
    lua.setTop(thread, 0);
    if (piece % piecesPerCompile === 0) {
      lua.pushClosure(thread, lua.compile(eraseTypes(corpus), "warm-up"), lua.library("_G"));
      resume(lua, thread, 0);
      run = lua.copyAt(thread, -1);
    } else {
      lua.push(thread, run);
      lua.push(thread, lua.newNumber(turnsPerPiece));
      resume(lua, thread, 1);
    }
    spent += performance.now() - started;
  }
  return spent;
}

function resume(lua: Lua, thread: LuaState, count: number): void {
  if (lua.resume(thread, undefined, count) === status.ok) return;
  throw new Error(`the warm-up failed: ${lua.display(thread, lua.at(thread, -1))}`);
}
