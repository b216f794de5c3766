--- Messages to whoever listens, by system and kind.
--- - `events.send(system, kind, path, data?)` tells everybody.
--- - `events.subscribe(system, kind?)` listens: in patterns `*` is one part between dots, `**` any number, `(a|b)` either.
--- - Subscription: `:channel()` delivers `{system, kind, path, data}`; `:close()` ends it.

local events = require("events")

return function()
  local subscription = events.subscribe("orders", "order.*")
  events.send("orders", "order.paid", "/orders/1", { total = 5 })
  local event = subscription:channel():receive()
  subscription:close()
  return { event.kind, event.data.total }
end
--> ["order.paid", 5]
