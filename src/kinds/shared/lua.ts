import { z } from "zod";
import { didYouMean, nearestNames } from "../../core/nearest.ts";
import { interpreterModules } from "../../engine/lua/modules/index.ts";
import { luaModules } from "../../hosts/lua.ts";
import type { LuaProblem } from "../../engine/lua/check.ts";
import type { LuaProgram } from "../../engine/lua/program.ts";
import { DiagnosticError, type Diagnostic } from "../../registry/diagnostic.ts";
import type { Entry } from "../../registry/entry.ts";
import type { CheckedSpec, CheckWorld, PlaceTools, Reference } from "../../registry/kind.ts";
import type { Placement } from "../../registry/placement.ts";
import { problem, problemInText, severityOf } from "../../registry/problem.ts";
import { fullId, idSchema } from "./ids.ts";
import { tightest } from "../../core/limits.ts";
import { resolveLimits, type LimitFields } from "./limits.ts";
import { readMeta } from "./meta.ts";
import { resolvePool, type PoolFields } from "./pool.ts";

/** Globals that may stand under `modules` although nobody needs to list them. */
const builtInNames = ["process", "channel", "coroutine", "os", "stream", "string", "table", "math"];

const knownModules = [...luaModules.keys(), ...interpreterModules().map((module) => module.name)];

/** Fields that every Lua entry has. */
export const luaFields = {
  source: z
    .string()
    .refine((text) => text.trim() !== "", "must not be empty")
    .describe("The Lua source, or `file://` and the path of a file that holds it."),
  modules: z
    .array(
      z
        .string()
        .refine((name) => name.trim() !== "", "must not be empty")
        .refine(
          (name) => !name.includes(":"),
          "names a built-in module, without a namespace; entries go under `imports`",
        )
        .describe("Name of a built-in module."),
    )
    .optional()
    .describe("Built-in modules that the program may require."),
  imports: z
    .record(z.string().min(1), idSchema("Id of a library.lua or function.lua."))
    .optional()
    .describe("Libraries that the program may require, by the names it uses for them."),
};

/** The function that the program calls in the table its chunk returns. */
export const luaMethodSchema = z
  .string()
  .refine((method) => method.trim() !== "", "must not be empty")
  .optional()
  .describe("The function to call in the table that the chunk returns; a chunk that returns a function needs none.");

/** The fields of a Lua entry, checked. */
export interface LuaSpec {
  readonly source: string;
  readonly method?: string | undefined;
  readonly modules?: readonly string[] | undefined;
  readonly imports?: Readonly<Record<string, Parameters<typeof fullId>[0]>> | undefined;
  readonly pool?: PoolFields | undefined;
  readonly limits?: LimitFields | undefined;
}

/** Modules that nobody knows. A program for another runtime is only warned: it runs as far as it does not need them. */
export function moduleProblems(entry: Entry, world: CheckWorld): Diagnostic[] {
  const names = z.array(z.unknown()).safeParse(entry.data["modules"]).data ?? [];
  return names.flatMap((name, index): Diagnostic[] => {
    if (typeof name !== "string" || name.trim() === "" || name.includes(":")) return [];
    if (knownModules.includes(name) || builtInNames.includes(name)) return [];
    const near = nearestNames(name, knownModules);
    const message = `there is no module called ${name}`;
    const hint = didYouMean(near) ?? `there are ${knownModules.toSorted().join(", ")}`;
    const severity = severityOf(world);
    return [problem(entry, ["modules", index], { code: "unknown-module", severity, message, hint })];
  });
}

/** What can be done with a Lua entry. */
export function checkedLua(entry: Entry, spec: LuaSpec, role: Placement["role"]): CheckedSpec {
  const imports = Object.entries(spec.imports ?? {}).map(([alias, id]): Reference => ({
    path: ["imports", alias],
    id: fullId(id, entry),
    kinds: ["library.lua", "function.lua"],
    required: true,
    acyclic: true,
  }));
  return {
    references: [...imports, ...readMeta(entry).references],
    warnings: [],
    provides: {},
    place: (tools) => placeLua(entry, spec, { role, tools }),
  };
}

interface LuaPlace {
  readonly role: Placement["role"];
  readonly tools: PlaceTools;
}

async function placeLua(entry: Entry, spec: LuaSpec, { role, tools }: LuaPlace): Promise<Placement> {
  const program = luaProgram(entry, spec);
  // Loading the interpreter takes a while, and most commands need no Lua.
  const { checkLua } = await import("../../engine/lua/check.ts");
  // In the other format an undeclared `require` fails only where it runs, and some programs count on that.
  const severityOf = ({ sort }: LuaProblem) =>
    sort === "undeclared" && tools.compat === "wippy" ? "warning" : "error";
  const problems = checkLua(program).map((found) => {
    const { line, column = 1, message } = found;
    const what = { code: "lua-source", message, severity: severityOf(found) } as const;
    return problemInText(entry, ["source"], { line, column }, what);
  });
  if (problems.some(({ severity }) => severity === "error")) throw new DiagnosticError(problems);
  for (const problem of problems) tools.noteProblem?.(problem);
  const { options, defaultHost } = readMeta(entry);
  return {
    id: entry.id,
    kind: entry.kind,
    role,
    program,
    signature: undefined,
    resultForm: tools.compat === "wippy" ? "table" : "pair",
    imports: [],
    wasi: { args: [], cwd: "/", env: {}, mounts: [] },
    limits: tightest(resolveLimits(spec.limits), tools.limits),
    pool: role === "function" ? resolvePool(spec.pool) : resolvePool({ type: "inline" }),
    options,
    defaultHost,
  };
}

function luaProgram(entry: Entry, spec: LuaSpec): LuaProgram {
  const start = entry.locateText(["source"], 1, 1);
  return {
    type: "lua",
    name: entry.id,
    source: spec.source,
    file: start.file,
    firstLine: start.line,
    method: spec.method,
    modules: spec.modules ?? [],
    imports: Object.fromEntries(Object.entries(spec.imports ?? {}).map(([alias, id]) => [alias, fullId(id, entry)])),
  };
}
