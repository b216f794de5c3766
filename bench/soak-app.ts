import { fileURLToPath } from "node:url";
import { temporaryApp } from "./apps.ts";

const guests = (path: string): string =>
  JSON.stringify(fileURLToPath(new URL(`../test/guests/${path}`, import.meta.url)));

/** Entries of every sort, for mixed calls. */
export function soakApp(): ReturnType<typeof temporaryApp> {
  return temporaryApp(`
namespace: s
entries:
  - { name: rust, kind: fs.directory, directory: ${guests("rust/shapes")} }
  - { name: c, kind: fs.directory, directory: ${guests("c/records")} }
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
  - &shapes
    name: users
    kind: function.wasm
    fs: rust
    path: shapes.wasm
    hash: sha256:226219ee3ba40bce8f721917d4cf2263cfc57dc1af74bb4102bc9a3e4ab4e4fe
    method: transform-users
  - { <<: *shapes, name: divide, method: divide }
  - name: core_users
    kind: function.wasm
    fs: c
    path: records.wasm
    hash: sha256:077268f20206a5e31ff34bba983dfad6b35aaae1bed20bd91424c1667be69eb2
    method: transform-users
    wit: |
      record user-record { id: u32, name: string, tags: list<string>, active: bool }
      record user-output { id: u32, display-name: string, tag-count: u32, active: bool }
      transform-users: func(users: list<user-record>) -> list<user-output>;
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
