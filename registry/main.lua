local funcs = require("funcs")
local io = require("io")
local json = require("json")

local function main()
  local rows, err = funcs.call("tour:report")
  if err then
    return nil, err
  end
  io.print("One call of every sort, from Lua:")
  for _, row in ipairs(rows) do
    io.print("")
    io.print("  " .. row.id .. string.format("  (%d µs)", row.microseconds))
    io.print("    arguments  " .. json.encode(row.args))
    if row.error then
      io.print("    error      " .. row.error)
    else
      io.print("    result     " .. json.encode(row.value))
    end
  end
  return 0
end

return { main = main }
