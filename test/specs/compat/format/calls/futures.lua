local funcs = require("funcs")
local assert2 = require("assert2")

return { main = function()
  local futures: {any} = {}
  for i = 1, 4 do futures[i] = assert(funcs.async("app:divide", i * 2, 2)) end
  for i, future in ipairs(futures) do
    local payload, ok = future:response():receive()
    assert2.ok(ok)
    assert2.eq(payload:data().ok, i)
    assert2.ok(future:is_complete())
  end
  local failed = funcs.async("app:divide", "one", 2)
  local err = failed:response():receive()
  assert2.eq(err:kind(), errors.INVALID)
  local with = funcs.new():with_context({ who = "Ada" })
  assert2.eq((with:call("app.calls:who")), "Ada")
  assert2.eq((with:with_context({ who = "Bob" }):call("app.calls:who")), "Bob")
  local _, none = funcs.call("app.calls:who")
  assert2.eq(none:kind(), errors.NOT_FOUND)
  return true
end }
