import type { LoadedApp } from "../boot/app.ts";
import type { Value } from "../core/values.ts";
import type { Placement } from "../registry/placement.ts";
import { coerceWord, coerceWords } from "../wit/coerce.ts";

/**
 * The arguments of a program's method, from the words of a command line: by its WIT types; Lua takes the words as they are;
 * a WASI command takes none, since it reads its words itself.
 */
export function commandArguments(placement: Placement, words: readonly string[]): readonly Value[] {
  const { id, program, signature } = placement;
  if (program.type === "lua") return words;
  if (signature !== undefined) return signature.params.length === 0 ? [] : coerceWords(signature, words, { id });
  return program.type === "core" && program.coreType.params.length > 0 ? words.map(coerceWord) : [];
}

/** The app with the words of a command line as a wasm program's own, unless its entry fixes them (`wasi.args`). */
export function withWords(app: LoadedApp, placement: Placement, words: readonly string[]): LoadedApp {
  if (placement.program.type === "lua" || placement.wasi.args.length > 0) return app;
  const wasi = { ...placement.wasi, args: words };
  return { ...app, placements: new Map([...app.placements, [placement.id, { ...placement, wasi }]]) };
}
