local funcs = require("funcs")
local text = require("text")

local function parse(lines: string)
  local users = {}
  for _, line in ipairs(text.split(lines, "\n")) do
    local id, name, tags, active = table.unpack(text.split(line, ","))
    users[#users + 1] = {
      id = math.tointeger(tonumber(id)),
      name = name,
      tags = text.words(tags),
      active = active == "yes",
    }
  end
  return users
end

local function run(lines: string)
  local outputs, err = funcs.call("users:transform", parse(lines))
  if err then
    return nil, err
  end
  local active = {}
  for _, user in ipairs(outputs) do
    if user.active then
      active[#active + 1] = user
    end
  end
  return active
end

return { run = run }
