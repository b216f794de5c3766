--- Calls of other entries by id, whatever they are written in.
--- - `funcs.call(id, …)` waits for the result; `funcs.async(id, …)` gives a future.
--- - `funcs.new()` gives an executor: `:with_context(values)`, `:with_actor(actor)`, `:with_scope(scope)`, `:with_options{timeout, retry}` give new ones, `:call(id, …)` and `:async(id, …)` use it.
--- - Future: `:response()` or `:channel()` delivers the result once, as a payload; `:is_complete()`, `:is_canceled()`, `:result()`, `:error()`, `:cancel()`.

local funcs = require("funcs")

return function()
  local later = funcs.async("docs:add", 1, 2)
  local now = funcs.new():with_options({ timeout = "1s" }):call("docs:add", 3, 4)
  return { now, later:response():receive():data() }
end
--> [7, 3]
