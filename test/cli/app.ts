/** A small app with something of every sort that the command line deals with. */
export const appFiles: Readonly<Record<string, string>> = {
  "weft.yaml": "name: cli\n",
  "registry/_index.yaml": `
version: "1.0"
namespace: app
entries:
  - name: add
    kind: function.wat
    source: |
      (module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
    wit: "add: func(a: s32, b: s32) -> s32;"
    method: add
    limits: { max_execution_ms: 2000 }
  - name: checked
    kind: function.wat
    source: |
      (module (memory (export "memory") 1)
        (func (export "checked") (param $ok i32) (result i32)
          (i32.store8 (i32.const 16) (i32.eqz (local.get $ok)))
          (i32.store (i32.const 20) (i32.const 7))
          (i32.const 16)))
    wit: "checked: func(ok: bool) -> result<s32, s32>;"
    method: checked
  - name: spin
    kind: function.wat
    source: (module (func (export "spin") (loop $again (br $again))))
    wit: "spin: func();"
    method: spin
  - name: echo
    kind: function.lua
    source: |
      return function(...) return ... end
  - name: fails
    kind: function.lua
    source: |
      return function() error("no luck") end

  - name: passes
    kind: function.lua
    meta: { type: test, suite: first, order: 2 }
    source: return function() return true end
  - name: is_false
    kind: function.lua
    meta: { type: test, suite: first, order: 1 }
    source: return function() return false end
  - name: raises
    kind: function.lua
    meta: { type: test, suite: second }
    source: return function() error("broken on purpose") end
  - name: later
    kind: function.lua
    meta: { type: test, suite: second, skip: not yet }
    source: return function() return false end

  - name: terminal
    kind: terminal.host
  - name: say
    kind: process.lua
    meta: { command: { name: say, short: Say the words, use_case: talking } }
    source: |
      return function(...) return table.concat({...}, " ") end
  - name: code
    kind: process.lua
    meta: { command: { name: code, short: End with an exit code } }
    source: |
      return function(n) return tonumber(n) end
  - name: boom
    kind: process.lua
    meta: { command: { name: boom } }
    source: |
      return function() error("boom") end
  - name: wait
    kind: process.lua
    meta: { command: { name: wait } }
    modules: [io, time]
    source: |
      local io = require("io")
      local time = require("time")
      return function()
        io.print("waiting")
        time.sleep("60s")
      end
  - name: sum
    kind: process.wasm
    meta: { command: { name: sum, short: Exit with the sum of two numbers } }
    fs: modules
    path: add.wasm
    hash: sha256:HASH
    wit: "add: func(a: s32, b: s32) -> s32;"
    method: add
  - name: modules
    kind: fs.directory
    directory: modules
`,
};
