import type { Value } from "../../../core/values.ts";
import type { WitFunction, WitType } from "../../../wit/types.ts";
import { compileArgumentsWith } from "../../../wit/values/arguments.ts";
import { generateWriter } from "../../../wit/values/compile.seam.ts";
import type { Lua, LuaValue } from "../state/lua.ts";
import { goesStraight, type StraightForm } from "../../../wit/values/straight.ts";
import { asLua } from "./as-lua.seam.ts";
import { luaReader } from "./reader.ts";
import { luaWriter } from "./writer.ts";

/** How a callee with a signature is called from Lua, and how it returns. */
export interface Converters {
  /** @throws WeftError `INVALID_ARGUMENT` naming the place. */
  readonly args: (args: readonly LuaValue[]) => Value[];
  /** How the arguments can go straight into a guest; undefined when that gains nothing. */
  readonly straight: StraightForm | undefined;
  /** `results` for a result that was built straight. */
  readonly straightResults: (built: unknown) => readonly LuaValue[];
  /** The values that Lua sees: two for a `result`, none without one, else one. */
  readonly results: (value: Value) => readonly LuaValue[];
}

/** What of a callee decides its conversion. */
export interface Callee {
  readonly id: string;
  readonly signature: WitFunction;
  readonly resultForm: "pair" | "table";
}

/** Converts between Lua and canonical WIT values. Each signature's code is generated once. */
export class TypedValues {
  readonly #reader: ReturnType<typeof luaReader>;
  readonly #writer: ReturnType<typeof luaWriter>;
  readonly #nil: LuaValue;
  readonly #true: LuaValue;
  readonly #known = new WeakMap<WitFunction, Converters & Omit<Callee, "signature">>();

  constructor(lua: Lua) {
    this.#reader = luaReader(lua);
    this.#writer = luaWriter(lua);
    this.#nil = lua.nil;
    this.#true = lua.newBoolean(true);
  }

  /** The converters of a callee; kept as long as its signature lives. */
  of(callee: Callee): Converters {
    const { signature, id, resultForm } = callee;
    const known = this.#known.get(signature);
    if (known !== undefined && known.id === id && known.resultForm === resultForm) return known;
    const made = {
      id,
      resultForm,
      args: compileArgumentsWith(this.#reader, signature, { id }),
      results: this.#resultsOf(callee),
      straight: goesStraight(signature)
        ? { signature, reader: this.#reader, writer: this.#writer, splitsResult: resultForm === "pair" }
        : undefined,
      straightResults: this.#straightResultsOf(callee),
    };
    this.#known.set(signature, made);
    return made;
  }

  #straightResultsOf({ signature: { result }, resultForm }: Callee): Converters["straightResults"] {
    if (result === undefined) return () => [];
    if (result.kind !== "result" || resultForm === "table") return (built) => [asLua(built)];
    return (built) => {
      if (typeof built !== "object" || built === null) return [this.#nil];
      if ("ok" in built) return [asLua(built.ok), this.#nil];
      const error = "err" in built ? asLua(built.err) : this.#true;
      return [this.#nil, error.type === this.#nil.type ? this.#true : error];
    };
  }

  #resultsOf({ signature: { result }, resultForm }: Callee): Converters["results"] {
    if (result === undefined) return () => [];
    if (result.kind !== "result" || resultForm === "table") {
      const write = generateWriter(this.#writer, result);
      return (value) => [write(value)];
    }
    const ok = this.#payload(result.ok);
    const err = this.#payload(result.err);
    return (value) => {
      if (typeof value !== "object" || value === null) return [this.#nil];
      if ("ok" in value) return [ok(value.ok), this.#nil];
      const error = "err" in value ? err(value.err) : this.#true;
      return [this.#nil, error.type === this.#nil.type ? this.#true : error];
    };
  }

  /** A result's half; one without a payload is `true`. */
  #payload(type: WitType | undefined): (value: Value | undefined) => LuaValue {
    if (type === undefined) return () => this.#true;
    const write = generateWriter(this.#writer, type);
    return (value) => write(value ?? null);
  }
}
