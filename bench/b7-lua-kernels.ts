import { compare, formatNs } from "./harness.ts";
import { loadKernel, pucMs, wasmoonMs } from "./lua-interpreter.seam.ts";

/** What each kernel does: chunks that return a function. */
const kernels: Readonly<Record<string, string>> = {
  "fib(22)": `local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return function() fib(22) end`,
  "integer loop": `return function() local s = 0 for i = 1, 200000 do s = (s * 31 + i) % 1000003 end return s end`,
  "float loop": `return function() local x = 0.5 for i = 1, 100000 do x = x * x - 1.25 + i / 1e9 if x > 2 then x = 0.5 end end return x end`,
  "array fill and sum": `return function() local t = {} for i = 1, 30000 do t[i] = i end local s = 0 for i = 1, #t do s = s + t[i] end return s end`,
  "table.insert": `return function() local t = {} for i = 1, 15000 do table.insert(t, i) end return #t end`,
  fields: `return function() local p = { x = 1, y = 2 } for i = 1, 100000 do p.x = p.x + p.y end return p.x end`,
  pairs: `local t = {} for i = 1, 5000 do t["k" .. i] = i end return function() local s = 0 for n = 1, 4 do for _, v in pairs(t) do s = s + v end end return s end`,
  records: `return function() local t = {} for i = 1, 5000 do t[i] = { id = i, name = "n", ok = true } end local s = 0 for _, r in ipairs(t) do s = s + r.id end return s end`,
  "method calls": `local C = {} C.__index = C function C:add(n) self.v = self.v + n end local o = setmetatable({ v = 0 }, C) return function() for i = 1, 50000 do o:add(1) end end`,
  closures: `return function() local s = 0 for i = 1, 20000 do local f = function() return i end s = s + f() end return s end`,
  "string keys": `return function() local t = {} for i = 1, 10000 do t["k" .. i] = i end return t end`,
  "table.concat": `local t = {} for i = 1, 10000 do t[i] = "item" end return function() return #table.concat(t, ",") end`,
  "string.format": `return function() local s for i = 1, 5000 do s = string.format("%d %s %5.2f", i, "x", i / 3) end return s end`,
  "gsub and gmatch": `local text = ("key=value; "):rep(200) return function() local n = 0 for k, v in text:gmatch("(%w+)=(%w+)") do n = n + 1 end return n + #text:gsub("%w+", "x") end`,
  "table.sort": `return function() local t, x = {}, 42 for i = 1, 3000 do x = (x * 1103515245 + 12345) % 2147483648 t[i] = x end table.sort(t) return t[1] end`,
  pcall: `local function f() return 1 end return function() for i = 1, 30000 do pcall(f) end end`,
  errors: `return function() for i = 1, 2000 do pcall(error, "x") end end`,
  "yield and resume": `return function() local c = coroutine.wrap(function() while true do coroutine.yield(1) end end) for i = 1, 20000 do c() end end`,
  "host calls": `local host = host return function() for i = 1, 50000 do host() end end`,
};

/** B7: the interpreter by itself, beside the fengari that it is made from and PUC Lua where that is installed. */
export async function bench(): Promise<void> {
  console.log("\n### B7: Lua kernels\n\n| | stock fengari | patched | wasmoon | PUC Lua 5.3 | stock / patched |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  let logs = 0;
  for (const [name, source] of Object.entries(kernels)) {
    const [stock, patched] = await compare(
      (["stock", "patched"] as const).map((which) => {
        const kernel = loadKernel(which, source);
        return {
          name: which,
          run(times) {
            for (let i = 0; i < times; i += 1) kernel();
          },
        };
      }),
      { times: 3, rounds: 9 },
    );
    if (stock === undefined || patched === undefined) continue;
    const puc = pucMs(source);
    const ratio = stock.ns / patched.ns;
    logs += Math.log(ratio);
    const pucText = puc === undefined ? "-" : formatNs(puc * 1e6);
    const wasm = formatNs((await wasmoonMs(source)) * 1e6);
    console.log(
      `| ${name} | ${formatNs(stock.ns)} | ${formatNs(patched.ns)} | ${wasm} | ${pucText} | ${ratio.toFixed(2)} |`,
    );
  }
  console.log(`| geometric mean | | | | | ${Math.exp(logs / Object.keys(kernels).length).toFixed(2)} |`);
}
