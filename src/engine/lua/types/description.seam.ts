// Seam for descriptions of types: JSON that the eraser wrote into the source.
import { LuaRaise } from "../errors/raise.ts";
import type { TypeDescription } from "./shape.ts";

/** The description that `JSON.stringify` made into a text. @throws LuaRaise for any other text. */
export function readDescription(text: string): TypeDescription {
  try {
    return JSON.parse(text) as TypeDescription;
  } catch {
    throw new LuaRaise("types are declared as `type Name = …`");
  }
}
