local assert2 = require("assert2")

local function exit_of(id: string, ...: any): any
  local events = process.events()
  local pid, err = process.spawn_monitored(id, "app:processes", ...)
  assert2.eq(err, nil)
  local late = time.after("10s")
  local got = channel.select({ events:case_receive(), late:case_receive() })
  assert2.ok(got.channel == events and got.ok, "no EXIT of " .. id)
  local event = got.value
  assert2.eq(event.kind, process.event.EXIT)
  assert2.eq(event.from, pid)
  return event.result
end

return { main = function()
  local result = exit_of("app.calls:multiply", 6, 7)
  assert2.eq(result.value, 42)
  assert2.eq(result.error, nil)
  assert2.eq(exit_of("app.calls:divided", 1, 0).value.err, "division by zero")
  assert2.eq(exit_of("app.calls:multiply", "six", 7).error:kind(), errors.INVALID)
  assert2.eq(exit_of("app.calls:greets", "Ada").value, "hi Ada")
  local _, err = process.spawn("app.calls:multiply", "app:nowhere", 1, 2)
  assert2.eq(err:kind(), errors.NOT_FOUND)
  assert2.eq((process.exec("app.calls:multiply", "app:processes", 3, 4)), 12)
  return true
end }
