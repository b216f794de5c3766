--- Lines of the log, with the program's pid and place.
--- - `logger.debug(message, fields?)`, `logger.info(…)`, `logger.warn(…)`, `logger.error(…)`; also with a colon.
--- - `logger.with(fields)` and `logger.named(name)` give a logger whose lines all have these; so have `:with(fields)` and `:named(name)` of it, beside `:debug(…)`, `:info(…)`, `:warn(…)`, `:error(…)`.

local logger = require("logger")

return function()
  local log = logger:named("orders"):with({ shop = 7 })
  log:info("placed", { total = 5 })
  return true
end
--> true
