--- Variables of `env.variable` entries.
--- - `env.get(name)` gives a value, by public name or id; `nil, error` (NotFound) when there is none.
--- - `env.set(name, value)` writes it, where its storage can be written to. `env.get_all()` gives all public ones.

local env = require("env")

return function()
  env.set("CITY", "Oslo")
  return { env.get("CITY"), env.get("docs:color") }
end
--> ["Oslo", "red"]
