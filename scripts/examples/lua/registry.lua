--- The app's entries, and changes of them while it runs.
--- - `registry.get(id)`, `registry.find(filter)`, `registry.parse_id(text)`. Filters: `.kind`, `.name`, `.ns`, `.id`, `meta.field`, with `~` (regular expression), `*` (contains), `^` (prefix), `$` (suffix) in front.
--- - `registry.snapshot()`, `registry.snapshot_at(n)`: `:entries()`, `:get(id)`, `:namespace(ns)`, `:find(filter)`, `:version()`, `:changes()`.
--- - Changes: `:create(entry)`, `:update(entry)`, `:delete(id)`, `:ops()`, `:apply()`. An update is all or nothing.
--- - `registry.current_version()`, `registry.versions()`, `registry.history()`, `registry.apply_version(version)`, `registry.build_delta(from, to)`. Version: `:id()`, `:previous()`, `:next()`, `:string()`. History: `:versions()`, `:get_version(n)`, `:snapshot_at(version)`.

local registry = require("registry")
local funcs = require("funcs")

return function()
  local entry = {
    id = "docs:made",
    kind = "function.lua",
    meta = { label = "made later" },
    data = { source = "return function(x) return x * 2 end" },
  }
  local version = registry.snapshot():changes():create(entry):apply()
  local found = registry.find({ ["~meta.label"] = "^made" })
  local result = funcs.call("docs:made", 21)
  registry.apply_version(version:previous())
  return { #found, result }
end
--> [1, 42]
