local funcs = require("funcs")

local function run()
  local rows, err = funcs.call("tour:report")
  assert(not err, tostring(err))
  assert(rows[1].value == 42, "tour:answer is 42")
  assert(rows[2].value == "shuttle", "the longest word")
  assert(rows[3].value[1]["display-name"] ~= nil, "users are transformed")
  assert(rows[4].value == 7 and rows[4].error == nil, "42 / 6")
  assert(rows[5].value == nil and rows[5].error ~= nil, "1 / 0 is an error, not a trap")
  return true
end

return { run = run }
