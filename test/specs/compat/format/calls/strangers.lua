local funcs = require("funcs")
local assert2 = require("assert2")

return { main = function()
  local back, err = funcs.call("app.calls:echo", { a = 1, f = print, c = channel.new(), list = { 1, 2 }, bytes = "\0\255" })
  assert2.eq(err, nil)
  assert2.eq(back.a, 1)
  assert2.eq(back.f, nil)
  assert2.eq(back.c, nil)
  assert2.eq(#back.list, 2)
  assert2.eq(back.bytes, "\0\255")
  return true
end }
