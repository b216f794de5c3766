--- Values that a call carries, and hands on to the calls it makes.
--- - `ctx.get(key)` gives a value, or `nil, error` (NotFound).
--- - `ctx.all()` gives all of them. `ctx.trace()` tells the trace that the call belongs to.

local ctx = require("ctx")
local funcs = require("funcs")

return function()
  if ctx.get("tenant") then return ctx.all() end
  return funcs.new():with_context({ tenant = "blue" }):call("docs:ctx")
end
--> {"tenant": "blue"}
