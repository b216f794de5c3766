local funcs = require("funcs")
local assert2 = require("assert2")

-- A WIT result is one table, whether ok or err; the second value speaks of the call.
local function main(): boolean
  local r, err = funcs.call("app:divide", 42, 6)
  assert2.eq(err, nil)
  assert2.eq(r.ok, 7)
  assert2.eq(r.err, nil)
  r, err = funcs.call("app:divide", 1, 0)
  assert2.eq(err, nil)
  assert2.eq(r.err, "division by zero")
  for _, side in ipairs({ "ok", "err" }) do
    r, err = funcs.call("app:bare", { [side] = true })
    assert2.eq(err, nil)
    assert2.ok(r[side] ~= nil, side)
  end
  local users = assert(funcs.call("app:users", { { id = 1, name = "Ada", tags = {}, active = true } }))
  assert2.eq(users[1]["display-name"], "ADA")
  assert2.eq(users[1]["tag-count"], 0)
  assert2.eq(funcs.call("app:single_answer"), 42)
  -- A function without parameters ignores what it is given.
  assert2.eq(funcs.call("app:single_answer", { any = "thing" }, 2, nil), 42)
  return true
end

return { main = main }
