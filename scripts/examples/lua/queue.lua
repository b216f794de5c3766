--- Messages that consumers handle later.
--- - `queue.publish(id, body, headers?)` puts one into a queue; `queue.info(id)` tells how full it is.
--- - `queue.message()`, inside of a consumer's function: `:id()`, `:header(name)`, `:headers()`, `:ack()`, `:nack()`.

local queue = require("queue")

return function()
  queue.publish("docs:letters", { to = "ada" }, { priority = "high" })
  local outside, err = queue.message()
  return { queue.info("docs:letters") ~= nil, outside == nil, err:kind() }
end
--> [true, true, "Invalid"]
