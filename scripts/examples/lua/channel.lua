--- Queues between the coroutines of one program.
--- - `channel.new(size?)` makes one; without a size, a sender waits for a receiver.
--- - `channel.select{case, …, default = true}` waits for the first case that is ready, in the order of the list; gives `{channel, value, ok}`.
--- - `ch:send(value)` waits for room; `ch:receive()` gives `value, ok`, where `ok` is false when it is closed and empty; `ch:close()`.
--- - `ch:case_send(value)`, `ch:case_receive()` are cases for a select.

return function()
  local numbers = channel.new(2)
  coroutine.spawn(function()
    for i = 1, 3 do numbers:send(i) end
    numbers:close()
  end)
  local sum = 0
  while true do
    local number, ok = numbers:receive()
    if not ok then return sum end
    sum = sum + number
  end
end
--> 6
