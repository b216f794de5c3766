/** The files of a new app, by their paths. The app passes `weft check` and `weft test`; a test sees to it. */
export function starterFiles(namespace: string): Record<string, string> {
  return {
    "weft.yaml": `# The mark of a Weft app. Everything here is optional.
name: ${namespace}
src: registry
`,
    ".gitignore": `.weft/
`,
    "registry/_index.yaml": indexYaml(namespace),
    "registry/add.wat": `(module
  (func (export "add") (param $a i32) (param $b i32) (result i32)
    local.get $a
    local.get $b
    i32.add))
`,
    "registry/greet.lua": `local funcs = require("funcs")

local function greet(name: string)
  local letters, err = funcs.call("${namespace}:add", #name, 0)
  if err then
    return nil, err
  end
  return "Hello, " .. name .. "! Your name has " .. letters .. " letters."
end

return { greet = greet }
`,
    "registry/greet_test.lua": `local funcs = require("funcs")

local function run()
  local sum, err = funcs.call("${namespace}:add", 6, 7)
  assert(not err, tostring(err))
  assert(sum == 13, "6 + 7 is 13, not " .. tostring(sum))

  local text, failure = funcs.call("${namespace}:greet", "Ada")
  assert(not failure, tostring(failure))
  assert(text == "Hello, Ada! Your name has 3 letters.", text)
  return true
end

return { run = run }
`,
  };
}

function indexYaml(namespace: string): string {
  return `# yaml-language-server: $schema=./index.schema.json
version: "1.0"
namespace: ${namespace}

entries:
  # WebAssembly text. Its WIT signature says what the numbers mean.
  - name: add
    kind: function.wat
    source: file://add.wat
    wit: "add: func(a: s32, b: s32) -> s32;"
    method: add

  # Lua that calls the function above by its id.
  - name: greet
    kind: function.lua
    source: file://greet.lua
    method: greet
    modules: [funcs]

  # \`weft test\` calls every entry with meta.type: test.
  - name: greet_test
    kind: function.lua
    meta:
      type: test
      suite: greet
    source: file://greet_test.lua
    method: run
    modules: [funcs]
`;
}
