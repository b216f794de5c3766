--- Values by key that all programs of the app share.
--- - `store.get(id)` opens a store.
--- - Store: `:get(key)`, or `nil, error` (NotFound); `:set(key, value, ttl?)` or `:put(…)`, where the time to live is seconds or a duration; `:has(key)`; `:delete(key)`, false if it was not there; `:list(prefix?)`; `:info()`; `:release()`.

local store = require("store")

return function()
  local kept = store.get("docs:kept")
  kept:set("session:ada", { visits = 3 }, "10m")
  return { kept:get("session:ada").visits, kept:has("session:bob"), kept:list("session:") }
end
--> [3, false, ["session:ada"]]
