local funcs = require("funcs")
local time = require("time")

local calls = {
  { id = "tour:answer", args = {} },
  { id = "tour:longest", args = { { "warp", "shuttle", "weft" } } },
  {
    id = "tour:transform_users",
    args = {
      {
        { id = 1, name = "Alice", tags = { "admin" }, active = true },
        { id = 2, name = "Bob", tags = {}, active = false },
      },
    },
  },
  { id = "tour:divide", args = { 42, 6 } },
  { id = "tour:divide", args = { 1, 0 } },
}

-- Calls everything in the list and tells, per call, the arguments, what came back and how long it took.
local function report()
  local rows = {}
  for i, call in ipairs(calls) do
    local started = time.now():unix_nano()
    local value, err = funcs.call(call.id, table.unpack(call.args))
    rows[i] = {
      id = call.id,
      args = call.args,
      value = value,
      error = err and tostring(err) or nil,
      microseconds = (time.now():unix_nano() - started) // 1000,
    }
  end
  return rows
end

return { report = report }
