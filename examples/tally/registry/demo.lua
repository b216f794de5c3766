local io = require("io")
local system = require("system")
local client = require("client")

local function main()
  client.count("How much wood would a woodchuck chuck")
  client.count("if a woodchuck could chuck wood?")
  for _, item in ipairs(client.top(3)) do
    io.print(item.word .. ": " .. item.count)
  end

  io.print("it breaks: " .. client.break_down():kind())
  client.count("once more, with less memory")
  io.print("it counts again: " .. #client.top(10) .. " words")
  io.print("restarts: " .. system.supervisor.state("tally:service").retry_count)
end

return { main = main }
