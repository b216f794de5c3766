local http, store = require("http"), require("store")

return function()
  local id = http.request():param("id")
  for _, note in ipairs(store.get("notes:kept"):get("all") or {}) do
    if note.id == id then return note end
  end
  local res = http.response()
  res:set_status(http.STATUS.NOT_FOUND)
  res:write_json({ error = "there is no note " .. id })
end
