import { WeftError } from "../../../core/errors.ts";

/**
 * Thrown by a host function to raise in Lua rather than to return `nil, error`: a text, which gets the caller's
 * position in front, or a failure, which becomes an error object.
 */
export class LuaRaise extends Error {
  readonly failure: WeftError | undefined;

  constructor(raised: string | WeftError) {
    super(raised instanceof WeftError ? raised.message : raised);
    this.name = "LuaRaise";
    this.failure = raised instanceof WeftError ? raised : undefined;
  }
}

/** An argument that a host function cannot take. */
export function badArgument(index: number, name: string, problem: string): LuaRaise {
  return new LuaRaise(new WeftError("INVALID_ARGUMENT", `bad argument #${index} to '${name}' (${problem})`));
}
