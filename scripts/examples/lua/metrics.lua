--- Numbers for whoever watches the app.
--- - `metrics.counter_inc(name, labels?)`, `metrics.counter_add(name, value, labels?)`.
--- - `metrics.gauge_set(name, value, labels?)`, `metrics.gauge_inc(name, labels?)`, `metrics.gauge_dec(name, labels?)`.
--- - `metrics.histogram(name, value, labels?)`.

local metrics = require("metrics")

return function()
  metrics.counter_inc("orders_placed", { shop = "north" })
  metrics.gauge_set("orders_open", 3)
  return metrics.histogram("order_total", 12.5) ~= nil
end
--> true
