import { tag, type Lua, type LuaTable, type LuaValue } from "../state/lua.ts";
import { luaTypeName } from "../values/generic.ts";
import { withinLimit } from "./limits.ts";
import type { LuaType } from "./lua-type.ts";
import { showShape, type Shape } from "./shape.ts";

/** Values nested deeper than this are refused, also those that contain themselves. */
const valueDepth = 200;
/** A metatable's `__index` leads to another table's so often. */
const indexDepth = 20;

/** What is wrong with a value, and how deep inside. */
interface Problem {
  readonly path: string;
  readonly text: string;
  readonly depth: number;
}

/** Where a check stands: in which type's words, and in which part of the value. */
interface Place {
  readonly type: LuaType;
  /** What the parameters of a generic type stand for, and in whose words. */
  readonly params: ReadonlyMap<string, { readonly shape: Shape; readonly place: Place }>;
  readonly path: string;
  readonly depth: number;
}

/** What is wrong with a value that should be of a type; undefined when nothing is. */
export function findProblem(lua: Lua, type: LuaType, value: LuaValue): string | undefined {
  const check = new Check(lua);
  const place: Place = { type, params: new Map(), path: "", depth: 0 };
  const problem = check.value(value, { is: "named", name: type.name, args: [] }, place);
  if (problem === undefined) return undefined;
  return `${type.name}${problem.path}: ${problem.text}`;
}

class Check {
  readonly #lua: Lua;

  constructor(lua: Lua) {
    this.#lua = lua;
  }

  value(value: LuaValue, shape: Shape, place: Place): Problem | undefined {
    if (place.depth > valueDepth) return problemAt(place, `nested deeper than ${valueDepth}`);
    switch (shape.is) {
      case "any":
        return undefined;
      case "never":
      case "function":
      case "table":
      case "basic":
        return this.#basic(value, shape.is === "basic" ? shape.name : shape.is)
          ? undefined
          : this.#expected(value, shape, place);
      case "literal":
        return this.#literal(value) === shape.value ? undefined : this.#expected(value, shape, place);
      case "option":
        return value.type === tag.nil ? undefined : this.value(value, shape.of, place);
      case "either":
        return this.#either(value, shape, place);
      case "both":
        return this.#first(shape.of.map((part) => () => this.value(value, part, place)));
      case "list":
        return this.#list(value, shape, place);
      case "record":
        return this.#record(value, shape, place);
      case "named":
        return this.#named(value, shape, place);
      case "outside": {
        const type = place.type.outside[shape.index];
        if (type === undefined) return undefined;
        return this.#named(value, { is: "named", name: type.name, args: [] }, { ...place, type });
      }
      case "limited":
        return this.value(value, shape.of, place) ?? this.#limit(value, shape, place);
    }
  }

  #basic(value: LuaValue, name: string): boolean {
    const number = typeof value.value === "number" || typeof value.value === "bigint";
    if (name === "integer") return number && Number.isInteger(Number(value.value));
    if (name === "float") return number;
    return luaTypeName(value) === name;
  }

  #literal(value: LuaValue): unknown {
    const isText = value.type === tag.string || value.type === tag.shortString;
    return isText ? this.#lua.text(value) : value.value;
  }

  #either(value: LuaValue, shape: Shape & { is: "either" }, place: Place): Problem | undefined {
    let deepest: Problem | undefined;
    for (const part of shape.of) {
      const problem = this.value(value, part, place);
      if (problem === undefined) return undefined;
      if (problem.depth > (deepest?.depth ?? place.depth)) deepest = problem;
    }
    // The alternative that fits best says most: it fails deepest inside.
    return deepest ?? this.#expected(value, shape, place);
  }

  #list(value: LuaValue, shape: Shape & { is: "list" }, place: Place): Problem | undefined {
    const lua = this.#lua;
    if (!lua.isTable(value)) return this.#expected(value, shape, place);
    const length = lua.length(value);
    for (let i = 1; i <= length; i++) {
      const problem = this.value(lua.getIndex(value, i), shape.of, inside(place, `[${i}]`));
      if (problem !== undefined) return problem;
    }
    let stray: string | undefined;
    lua.each(value, (key) => {
      const isPosition = typeof key.value === "number" && key.value >= 1 && key.value <= length;
      if (!isPosition) stray ??= this.#keyText(key);
    });
    return stray === undefined ? undefined : problemAt(place, `expected a list, got a table with the key ${stray}`);
  }

  #record(value: LuaValue, shape: Shape & { is: "record" }, place: Place): Problem | undefined {
    const lua = this.#lua;
    if (!lua.isTable(value)) return this.#expected(value, shape, place);
    for (const { name, of, optional } of shape.fields) {
      const field = this.#field(value, name);
      if (optional && field.type === tag.nil) continue;
      const problem = this.value(field, of, inside(place, `.${name}`));
      if (problem !== undefined) return problem;
    }
    const { rest } = shape;
    if (rest === undefined) return undefined;
    const known = new Set(shape.fields.map(({ name }) => name));
    let problem: Problem | undefined;
    lua.each(value, (key, item) => {
      if (problem !== undefined || known.has(String(this.#literal(key)))) return;
      const at = inside(place, `[${this.#keyText(key)}]`);
      problem = this.value(key, rest.key, at) ?? this.value(item, rest.value, at);
    });
    return problem;
  }

  #named(value: LuaValue, shape: Shape & { is: "named" }, place: Place): Problem | undefined {
    const param = place.params.get(shape.name);
    if (param !== undefined) {
      return this.value(value, param.shape, { ...param.place, path: place.path, depth: place.depth + 1 });
    }
    const definition = place.type.definitions[shape.name];
    if (definition === undefined) return undefined;
    const params = new Map(
      definition.params.map((name, i) => [name, { shape: shape.args[i] ?? ({ is: "any" } as const), place }] as const),
    );
    return this.value(value, definition.shape, { ...place, params, depth: place.depth + 1 });
  }

  #limit(value: LuaValue, shape: Shape & { is: "limited" }, place: Place): Problem | undefined {
    if (value.type === tag.nil) return undefined;
    const measured = this.#lua.isTable(value) ? this.#lua.length(value) : this.#literal(value);
    const problem = withinLimit(measured, shape);
    return problem === undefined ? undefined : problemAt(place, problem);
  }

  /** A field, also one that the value's class gives it. */
  #field(table: LuaTable, name: string): LuaValue {
    const lua = this.#lua;
    let at: LuaValue = table;
    for (let i = 0; i < indexDepth && lua.isTable(at); i++) {
      const found = lua.get(at, name);
      if (found.type !== tag.nil) return found;
      const metatable = lua.metatable(at);
      if (metatable === undefined) return found;
      at = lua.get(metatable, "__index");
    }
    return lua.nil;
  }

  #first(checks: readonly (() => Problem | undefined)[]): Problem | undefined {
    for (const check of checks) {
      const problem = check();
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #expected(value: LuaValue, shape: Shape, place: Place): Problem {
    const literal = this.#literal(value);
    const isShort = typeof literal === "number" || (typeof literal === "string" && literal.length <= 40);
    const got = isShort ? `${luaTypeName(value)} ${JSON.stringify(literal)}` : luaTypeName(value);
    return problemAt(place, `expected ${showShape(shape)}, got ${got}`);
  }

  #keyText(key: LuaValue): string {
    const literal = this.#literal(key);
    return typeof literal === "string" ? JSON.stringify(literal) : String(literal);
  }
}

function inside(place: Place, step: string): Place {
  return { ...place, path: `${place.path}${step}`, depth: place.depth + 1 };
}

function problemAt({ path, depth }: Place, text: string): Problem {
  return { path, text, depth };
}
