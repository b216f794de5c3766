import wabt from "wabt";
import { createRuntime } from "../src/index.ts";
import { addEntry, addWat, temporaryApp } from "./apps.ts";
import { compare, printTable, type Contender } from "./harness.ts";

const loop = `
  local funcs = require("funcs")
  local function calls(id, n)
    local sum = 0
    for i = 1, n do
      local value, err = funcs.call(id, i, 1)
      if err then error(err) end
      sum = sum + value
    end
    return sum
  end
  return { calls = calls }`;

/** B1: what one `funcs.call` from Lua to an adding WebAssembly function costs, by where the callee runs. */
export async function bench(): Promise<void> {
  const lines = loop.replaceAll("\n", "\n      ");
  using app = temporaryApp(`
namespace: b
entries:${addEntry("add_inline", "type: inline")}${addEntry("add_lazy", "type: lazy")}${addEntry("add_kept", "type: lazy, state: kept")}
  - name: loop
    kind: function.lua
    modules: [funcs]
    method: calls
    pool: { type: inline }
    source: |${lines}
`);
  await using runtime = await createRuntime({ app: app.directory, isolates: 1, strict: true });
  const raw = await rawAdd();
  const contender = (name: string, id: string): Contender => ({
    name,
    run: (times) => runtime.call("b:loop", id, times),
  });
  const contenders: Contender[] = [
    {
      name: "raw export from JavaScript",
      run(times) {
        let sum = 0;
        for (let i = 0; i < times; i += 1) sum += Number(raw(i, 1));
        return sum;
      },
    },
    contender("Lua to inline function.wat", "b:add_inline"),
    contender("Lua to pooled function.wat", "b:add_lazy"),
    contender("Lua to pooled function.wat, instance kept", "b:add_kept"),
  ];
  printTable("B1: Lua to WebAssembly, add(s32, s32)", await compare(contenders, { times: 5_000 }));
}

async function rawAdd(): Promise<(a: number, b: number) => unknown> {
  const module = (await wabt()).parseWat("add.wat", addWat);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.toBinary({}).buffer));
  const { add } = exports;
  if (typeof add !== "function") throw new Error("the module exports no add");
  return (a, b) => add(a, b);
}
