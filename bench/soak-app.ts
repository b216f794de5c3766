import { fileURLToPath } from "node:url";
import { directoryEntry, temporaryApp, wasmEntry, type GuestFile } from "./apps.ts";
import { guestBytes } from "./guests.ts";

const guests = fileURLToPath(new URL("../test/guests/", import.meta.url));

function guest(path: string): GuestFile {
  return { fs: "guests", path, bytes: guestBytes(path) };
}

const shapes = guest("rust/shapes/shapes.wasm");
const records = guest("c/records/records.wasm");
const caller = guest("rust/caller/caller.wasm");
const sleeper = guest("rust/sleeper/sleeper.wasm");
const hostImport = guest("rust/host-import/host-import.wasm");
const limited = "limits: { max_execution_ms: 2000, max_memory_bytes: 16777216 }";
const usersWit = `wit: |
      record user-record { id: u32, name: string, tags: list<string>, active: bool }
      record user-output { id: u32, display-name: string, tag-count: u32, active: bool }
      transform-users: func(users: list<user-record>) -> list<user-output>;`;

/** Entries of every sort, for mixed calls. */
export function soakApp(): ReturnType<typeof temporaryApp> {
  return temporaryApp(`
namespace: s
entries:${directoryEntry("guests", guests)}
  - name: add
    kind: function.wat
    source: '(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))'
    wit: "add: func(a: s32, b: s32) -> s32;"
    method: add
  - name: trap
    kind: function.wat
    source: '(module (memory 1) (func (export "f") unreachable))'
    wit: "f: func();"
    method: f
  - name: spin
    kind: function.wat
    source: '(module (func (export "f") (loop (br 0))))'
    method: f
    limits: { max_execution_ms: 5 }
  - name: hungry
    kind: function.wat
    source: '(module (memory 1) (func (export "f") (if (i32.eq (memory.grow (i32.const 100)) (i32.const -1)) (then unreachable))))'
    method: f
    limits: { max_memory_bytes: 1048576 }
  - name: burning
    kind: function.wat
    source: '(module (func (export "f") (loop (br 0))))'
    method: f
    limits: { max_fuel: 10000 }${[
      wasmEntry("users", shapes, ["method: transform-users"]),
      wasmEntry("guarded_users", shapes, ["method: transform-users", limited]),
      wasmEntry("divide", shapes, ["method: divide"]),
      wasmEntry("panics", shapes, ["method: panics", limited]),
      wasmEntry("core_users", records, ["method: transform-users", usersWit]),
      wasmEntry("no_host", hostImport, ["method: call-host"]),
      wasmEntry("nap", sleeper, ["method: test-sleep#sleep-ms", "imports: [wasi:clocks, wasi:poll]", limited]),
      wasmEntry("ask", caller, ["method: text", "imports: [funcs]"]),
    ].join("")}
  - name: pipeline
    kind: function.lua
    modules: [funcs]
    method: run
    source: |
      local funcs = require("funcs")
      return { run = function(n)
        local users = {}
        for i = 1, n do users[i] = { id = i, name = "user " .. i, tags = { "x" }, active = true } end
        local out, err = funcs.call("s:users", users)
        if err then return nil, err end
        return #out + funcs.call("s:add", n, n)
      end }
  - name: raise
    kind: function.lua
    method: run
    source: |
      return { run = function() error(errors.new({ kind = errors.NOT_FOUND, message = "no" })) end }
  - name: wait
    kind: function.lua
    modules: [time]
    method: run
    source: |
      local time = require("time")
      return { run = function(ms) time.sleep(ms * time.MILLISECOND) return ms end }
`);
}
