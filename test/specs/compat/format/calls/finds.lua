local assert2 = require("assert2")

return { main = function()
  local gateway = registry.get("app:gateway")
  assert2.eq(gateway.kind, "http.service")
  assert2.eq(gateway.data.addr, ":8085")
  assert2.eq(gateway.meta.team, "core")
  assert2.eq(#registry.find({ [".kind"] = "process.wasm", ["meta.suite"] = "wasm" }), 2)
  return true
end }
