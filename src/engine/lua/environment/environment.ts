import type { EntryId } from "../../../core/ids.ts";
import { WeftError } from "../../../core/errors.ts";
import { nearestNames } from "../../../core/nearest.ts";
import type { LuaProgram } from "../program.ts";
import type { Runtime } from "../runtime.ts";
import { tag, type LuaPrototype, type LuaState, type LuaTable, type LuaValue } from "../state/lua.ts";
import type { Task } from "../tasks/task.ts";
import { LuaRaise } from "../errors/raise.ts";

/** Lua's own libraries, which need no declaration. */
const standard = new Set(["coroutine", "math", "os", "string", "table"]);

/** A program ready to run: its code, and the globals it starts from. */
export interface Compiled {
  readonly program: LuaProgram;
  readonly prototype: LuaPrototype;
  /** The metatable of each task's globals: reads what is not set there from the program's frozen base. */
  readonly scope: LuaTable;
}

/** What environments are made from. */
export interface EnvironmentParts<Host> {
  readonly runtime: Runtime<Host>;
  /** The globals that every program has. */
  readonly base: LuaTable;
  /** Every module, and those of them that need no declaration. */
  readonly modules: ReadonlyMap<string, LuaTable>;
  readonly always: ReadonlySet<string>;
  /** The compiled library. @throws WeftError when there is none, or it does not parse. */
  library(id: EntryId): Compiled;
}

/** Makes the globals of programs and serves their `require`. */
export class Environments<Host> {
  readonly #parts: EnvironmentParts<Host>;

  constructor(parts: EnvironmentParts<Host>) {
    this.#parts = parts;
  }

  /** The metatable for the globals of a program. */
  scopeOf(program: LuaProgram): LuaTable {
    const { lua } = this.#parts.runtime;
    const base = lua.newTable();
    lua.each(this.#parts.base, (key, value) => lua.setRaw(base, key, value));
    for (const name of new Set([...this.#parts.always, ...program.modules])) {
      const table = this.#parts.modules.get(name);
      if (table !== undefined && lua.get(base, name).type === tag.nil) lua.set(base, name, table);
    }
    lua.set(
      base,
      "require",
      lua.newFunction((L) => this.#require(L, program)),
    );
    if (Object.keys(program.imports).length > 0) {
      const meta = lua.newTable();
      lua.set(
        meta,
        "__index",
        lua.newFunction((L) => this.#importedGlobal(L, program)),
      );
      lua.set(meta, "__metatable", lua.newBoolean(false));
      lua.setMetatable(base, meta);
    }
    const scope = lua.newTable();
    lua.set(scope, "__index", base);
    lua.set(scope, "__metatable", lua.newBoolean(false));
    return scope;
  }

  /** The globals of a program in one task. */
  globalsOf(task: Task, { program, scope }: Compiled): LuaTable {
    return task.globalsOf(program.name, () => {
      const { lua } = this.#parts.runtime;
      const globals = lua.newTable();
      lua.set(globals, "_G", globals);
      lua.setMetatable(globals, scope);
      return globals;
    });
  }

  #require(L: LuaState, program: LuaProgram): number {
    const { lua } = this.#parts.runtime;
    const argument = lua.at(L, 1);
    const name = argument.type === tag.string || argument.type === tag.shortString ? lua.text(argument) : undefined;
    if (name === undefined) return this.#raise(L, "bad argument #1 to 'require' (string expected)");
    const library = program.imports[name];
    if (library !== undefined) return this.#load(L, library);
    const isGranted = standard.has(name) || this.#parts.always.has(name) || program.modules.includes(name);
    const table = isGranted ? this.#moduleOf(name) : undefined;
    if (table === undefined) return this.#raise(L, missingModule(name, program, this.#parts));
    lua.push(L, table);
    return 1;
  }

  #moduleOf(name: string): LuaValue | undefined {
    const { lua } = this.#parts.runtime;
    const found = this.#parts.modules.get(name) ?? lua.get(this.#parts.base, name);
    return found.type === tag.nil ? undefined : found;
  }

  /** `__index` of a program's base: an import's alias is a global too, loaded when first read. */
  #importedGlobal(L: LuaState, program: LuaProgram): number {
    const { lua } = this.#parts.runtime;
    const key = lua.at(L, 2);
    const alias = key.type === tag.string || key.type === tag.shortString ? lua.text(key) : undefined;
    const library = alias === undefined ? undefined : program.imports[alias];
    return library === undefined ? 0 : this.#load(L, library);
  }

  /** Pushes what a library returned, having run it if this task has not yet. */
  #load(L: LuaState, id: EntryId): number {
    const { runtime } = this.#parts;
    const { lua } = runtime;
    const { task } = L;
    if (task === undefined) throw new Error("a library is required outside of any task");
    if (task.libraries.has(id)) {
      const loaded = task.libraries.get(id);
      if (loaded === undefined)
        return this.#raise(L, `${id} is required while it is being loaded: its imports form a cycle`);
      lua.push(L, loaded);
      return 1;
    }
    const compiled = this.#parts.library(id);
    task.libraries.set(id, undefined);
    lua.pushClosure(L, compiled.prototype, this.globalsOf(task, compiled));
    return lua.callThen(L, { args: 0, results: 1 }, (thread) => {
      const returned = lua.copyAt(thread, -1);
      const value = returned.type === tag.nil ? lua.newBoolean(true) : returned;
      task.libraries.set(id, value);
      lua.push(thread, value);
      return 1;
    });
  }

  #raise(L: LuaState, message: string): never {
    const { lua } = this.#parts.runtime;
    throw new LuaRaise(new WeftError("GUEST_ERROR", `${lua.where(L, 1)}${message}`, { kind: "NotFound" }));
  }
}

function missingModule<Host>(name: string, program: LuaProgram, parts: EnvironmentParts<Host>): string {
  if (parts.modules.has(name)) {
    return `module "${name}" is not declared: add "- ${name}" under "modules:" of ${program.name}`;
  }
  if (program.modules.includes(name)) return `this version of Weft has no module "${name}"`;
  const known = [...parts.modules.keys(), ...Object.keys(program.imports)];
  const [nearest] = nearestNames(name, known, 1);
  const hint =
    nearest === undefined ? `add it under "modules:" or "imports:" of ${program.name}` : `did you mean "${nearest}"?`;
  return `there is no module or import "${name}": ${hint}`;
}
