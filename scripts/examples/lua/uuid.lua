--- Unique ids.
--- - `uuid.v1()`, `uuid.v4()`, `uuid.v7()`, `uuid.v3(namespace, name)`, `uuid.v5(namespace, name)`.
--- - `uuid.validate(value)`, `uuid.version(id)`, `uuid.variant(id)`, `uuid.parse(id)`, `uuid.format(id, "standard", "simple" or "urn")`.

local uuid = require("uuid")

return function()
  return { uuid.version(uuid.v7()), uuid.validate("no"), #uuid.format(uuid.v4(), "simple") }
end
--> [7, false, 32]
