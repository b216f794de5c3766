import assert from "node:assert/strict";
import { Cancellation, canceled } from "../src/core/cancellation.ts";
import type { Value } from "../src/core/values.ts";
import { LuaResults, type LuaCall } from "../src/engine/lua/call.ts";
import { createLuaEngine, type LuaEngine } from "../src/engine/lua/engine.ts";
import type { LuaModule } from "../src/engine/lua/module.ts";
import type { LuaProgram } from "../src/engine/lua/program.ts";
import type { WitFunction } from "../src/wit/types.ts";
import { compare, formatNs, median, printRows, printTable, scaled, type Contender } from "./harness.ts";
import { loadKernel } from "./lua-interpreter.seam.ts";

const user = {
  kind: "record",
  fields: [
    { name: "id", type: { kind: "u32" } },
    { name: "name", type: { kind: "string" } },
    { name: "active", type: { kind: "bool" } },
    { name: "score", type: { kind: "f64" } },
  ],
} as const;
const users = { kind: "list", element: user } as const;
const signature: WitFunction = { name: "users", params: [{ name: "users", type: users }], result: users };
const callee = { id: "b:users", signature, resultForm: "pair" } as const;

const hostModule: LuaModule<undefined> = {
  name: "host",
  always: true,
  table: {
    nothing: () => undefined,
    add: (call) => call.number(1) + call.number(2),
    upper: (call) => call.text(1).toUpperCase(),
    soon: () => Promise.resolve(1),
    never: (call) => call.suspend(() => undefined, { external: true }),
    copy: (call) => call.value(1),
    typed: (call) => converters(call).args([call.raw(1)]).length,
    both: (call) => new LuaResults(converters(call).results(converters(call).args([call.raw(1)])[0] ?? null)),
  },
};

const converters = (call: LuaCall<undefined>) => call.runtime.typed.of(callee);

const openEngine = (): LuaEngine<undefined> =>
  createLuaEngine({ modules: new Map([["host", hostModule]]), library: () => undefined });

function program(name: string, body: string): LuaProgram {
  const source = `local t = {} for i = 1, 1000 do t[i] = { id = i, name = "user " .. i, active = true, score = i / 2 } end
return function(n) ${body} end`;
  return {
    type: "lua",
    name: `b:${name}`,
    source,
    file: "b.lua",
    firstLine: 1,
    method: undefined,
    modules: [],
    imports: {},
  };
}

/** A run of the engine whose function repeats a piece of Lua. */
function repeated(engine: LuaEngine<undefined>, name: string, piece: string): Contender {
  const looped = program(name.replaceAll(/\W+/g, "-"), `for i = 1, n do ${piece} end`);
  return { name, run: (times) => start(engine, looped, [times]) };
}

function start(engine: LuaEngine<undefined>, which: LuaProgram, args: readonly Value[] = []): Value | Promise<Value> {
  return engine.run(which, args, { host: undefined, cancellation: new Cancellation() });
}

/** B7b: what crossing from Lua to the host and back costs. */
export async function bench(): Promise<void> {
  await bare();
  using engine = openEngine();
  printTable(
    "B7b: Lua and its host, by the engine",
    await compare(
      [
        repeated(engine, "host.nothing()", "host.nothing()"),
        repeated(engine, "host.add(i, 1)", "host.add(i, 1)"),
        repeated(engine, "host.upper('some text')", "host.upper('some text')"),
        repeated(engine, "a promise awaited", "host.soon()"),
        repeated(engine, "the same inside a coroutine", "coroutine.wrap(host.soon)()"),
        {
          name: "a run that does nothing",
          run: (times) => {
            for (let i = 0; i < times; i += 1) void start(engine, empty);
          },
        },
      ],
      { times: 40_000, clock: "thread" },
    ),
  );
  printTable(
    "B7b: 1,000 records of four fields",
    await compare(
      [
        repeated(engine, "Lua to JavaScript, by WIT type", "host.typed(t)"),
        repeated(engine, "Lua to JavaScript and back, by WIT type", "host.both(t)"),
        repeated(engine, "Lua to JavaScript and back, without types", "host.copy(t)"),
      ],
      { times: 200, clock: "thread" },
    ),
  );
  sleepers(engine);
}

const empty: LuaProgram = { ...program("empty", ""), source: "return function() end" };

/** Costs of the interpreters by themselves, a thousand repetitions a time. */
async function bare(): Promise<void> {
  const pieces = {
    "call of a host function": "local host = host return function() for i = 1, 1000 do host() end end",
    "yield and resume":
      "local f = coroutine.wrap(function() while true do coroutine.yield() end end) return function() for i = 1, 1000 do f() end end",
    "the same under pcall":
      "local f = coroutine.wrap(function() pcall(function() while true do coroutine.yield() end end) end) return function() for i = 1, 1000 do f() end end",
    pcall: "local function f() end return function() for i = 1, 1000 do pcall(f) end end",
  };
  const rows: string[][] = [];
  for (const [name, source] of Object.entries(pieces)) {
    const [stock, patched] = await compare(
      (["stock", "patched"] as const).map((which) => {
        const kernel = loadKernel(which, source);
        return {
          name: which,
          share: which === "stock" ? 0.25 : 1,
          run: (times) => {
            for (let i = 0; i < times; i += 1000) kernel();
          },
        };
      }),
      { times: 400_000, clock: "thread" },
    );
    assert(stock !== undefined && patched !== undefined);
    rows.push([name, formatNs(stock.ns), formatNs(patched.ns), (stock.ns / patched.ns).toFixed(1)]);
  }
  printRows("B7b: the interpreter's own boundaries", ["stock fengari", "patched", "stock / patched"], rows);
}

/** Memory of tasks that wait: with `--expose-gc` only. */
function sleepers(engine: LuaEngine<undefined>): void {
  const collect = globalThis.gc;
  if (collect === undefined) return;
  const count = scaled(10_000, 10);
  const waiting = { ...program("sleeper", ""), source: "return function(n) local t = { n } host.never() return t end" };
  const heaps = Array.from({ length: scaled(3, 1) }, () => {
    collect();
    const before = process.memoryUsage().heapUsed;
    const cancellation = new Cancellation();
    const runs = Array.from({ length: count }, (_, i) => engine.run(waiting, [i], { host: undefined, cancellation }));
    collect();
    const each = (process.memoryUsage().heapUsed - before) / runs.length;
    cancellation.cancel(canceled());
    for (const run of runs) if (run instanceof Promise) run.catch(() => undefined);
    return each;
  });
  printRows(
    `B7b: ${count.toLocaleString("en")} tasks that sleep`,
    ["heap of each"],
    [["engine", `${(median(heaps) / 1_024).toFixed(2)} KB`]],
  );
}
