import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRuntime, type CallReport, type Runtime } from "../../../src/index.ts";

const entries = `
version: "1.0"
namespace: a
entries:
  - name: spin
    kind: function.wat
    source: (module (func (export "spin") (loop (br 0))))
    wit: "spin: func();"
    method: spin
    limits: { max_execution_ms: 60000 }
  - name: short
    kind: function.wat
    source: (module (func (export "spin") (loop (br 0))))
    wit: "spin: func();"
    method: spin
    limits: { max_execution_ms: 20 }
  - name: outer
    kind: function.lua
    modules: [funcs]
    source: |
      return function() return (require("funcs").call("a:clock")) end
  - name: clock
    kind: function.wat
    source: |
      (module
        (import "wasi_snapshot_preview1" "clock_time_get" (func $now (param i32 i64 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "clock") (result i32)
          (drop (call $now (i32.const 0) (i64.const 1) (i32.const 0)))
          (drop (call $now (i32.const 0) (i64.const 1) (i32.const 0)))
          (call $now (i32.const 1) (i64.const 1) (i32.const 0))))
    wit: "clock: func() -> s32;"
    method: clock
  - name: lua_calls
    kind: function.lua
    modules: [uuid]
    source: |
      local uuid = require("uuid")
      return function() while true do pcall(uuid.v4) end end
    limits: { max_host_calls: 3 }
  - name: lua_fuel
    kind: function.lua
    source: return function() while true do pcall(function() while true do end end) end end
    limits: { max_fuel: 100000 }
  - name: lua_memory
    kind: function.lua
    source: |
      return function()
        local all = {}
        while true do pcall(function() all[#all + 1] = ("x"):rep(100000) .. #all end) end
      end
    limits: { max_memory_bytes: 4000000 }
  - name: lua_stack
    kind: function.lua
    source: |
      local function deep(n) return 1 + deep(n + 1) end
      return function() while true do assert(pcall(deep, 1)) end end
    limits: { max_stack_bytes: 64000 }
  - name: lua_forever
    kind: function.lua
    source: return function() while true do pcall(function() while true do end end) end end
  - name: clock_twice
    kind: function.wat
    source: |
      (module
        (import "wasi_snapshot_preview1" "clock_time_get" (func $now (param i32 i64 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "clock") (result i32)
          (drop (call $now (i32.const 0) (i64.const 1) (i32.const 0)))
          (drop (call $now (i32.const 0) (i64.const 1) (i32.const 0)))
          (call $now (i32.const 1) (i64.const 1) (i32.const 0))))
    wit: "clock: func() -> s32;"
    method: clock
    limits: { max_host_calls: 2 }
`;

const path = mkdtempSync(join(tmpdir(), "weft-limits-"));
mkdirSync(join(path, "registry"));
writeFileSync(join(path, "registry", "_index.yaml"), entries);
writeFileSync(join(path, "weft.yaml"), "limits: { max_execution_ms: 2000 }");
let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ app: path, isolates: 1 });
});
afterAll(async () => {
  await runtime[Symbol.asyncDispose]();
  rmSync(path, { recursive: true });
});

async function reportOf(id: string): Promise<CallReport> {
  const reports: CallReport[] = [];
  await runtime.callWith(id, [], { onReport: (report) => reports.push(report) }).catch(() => undefined);
  expect(reports).toHaveLength(1);
  const [report] = reports;
  if (report === undefined) throw new Error("there is no report");
  return report;
}

describe("limits of the app", () => {
  test("hold where an entry's own are wider, or where it has none", async () => {
    await expect(runtime.call("a:spin")).rejects.toThrow("a:spin ran past its limit of 2000 ms");
    expect((await reportOf("a:clock")).limits).toEqual({ executionMs: 2000 });
  });

  test("do not widen those of an entry", async () => {
    await expect(runtime.call("a:short")).rejects.toThrow("a:short ran past its limit of 20 ms");
  });
});

describe("a call's report", () => {
  test("says what was in force and what was used", async () => {
    const report = await reportOf("a:clock");
    expect(report).toMatchObject({ entry: "a:clock", isolate: 0, used: { hostCalls: 3 }, approximate: [] });
    expect(report.executionMs).toBeGreaterThan(0);
  });

  test("comes for a call that fails, too", async () => {
    const report = await reportOf("a:short");
    expect(report.limits).toEqual({ executionMs: 20 });
    expect(report.executionMs).toBeGreaterThanOrEqual(19);
  });

  test("is of the call that was made, not of those below it", async () => {
    expect((await reportOf("a:outer")).entry).toBe("a:outer");
  });
});

describe("limits of Lua", () => {
  test.each([
    ["calls", "HOST_CALLS_EXCEEDED"],
    ["fuel", "FUEL_EXHAUSTED"],
    ["memory", "MEMORY_EXCEEDED"],
    ["stack", "STACK_OVERFLOW"],
    ["forever", "CALL_TIMEOUT"],
  ])("hold for %s, which no pcall saves", async (name, code) => {
    await expect(runtime.call(`a:lua_${name}`)).rejects.toMatchObject({ code });
    expect(await runtime.call("a:clock")).toBe(0);
  });

  test("are reported with what was used", async () => {
    const { used, limits } = await reportOf("a:lua_calls");
    expect(limits).toEqual({ executionMs: 2000, hostCalls: 3 });
    expect(used.hostCalls).toBe(4);
    expect(used.fuel).toBeGreaterThan(0);
  });
});

test("a call into a host beyond the limit ends the guest", async () => {
  await expect(runtime.call("a:clock_twice")).rejects.toMatchObject({
    code: "HOST_CALLS_EXCEEDED",
    message: expect.stringContaining("2"),
  });
  expect((await reportOf("a:clock_twice")).used.hostCalls).toBe(3);
});
