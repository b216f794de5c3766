local assert2 = require("assert2")

return { main = function()
  local workflows = registry.get("app:workflows")
  assert2.eq(workflows.kind, "temporal.client")
  assert2.eq(workflows.data.address, "localhost:7233")
  assert2.eq(workflows.meta.team, "core")
  assert2.eq(#registry.find({ [".kind"] = "process.wasm", ["meta.suite"] = "wasm" }), 2)
  return true
end }
