local http, json = require("http"), require("json")

return function()
  local req, res = http.request(), http.response()
  local name = req:query("name") or ""
  if name == "" or #name > 40 then
    res:set_status(http.STATUS.BAD_REQUEST)
    return res:write_json({ error = "say who you are, in 40 bytes: ?name=…" })
  end
  res:set_header("X-WS-Relay", json.encode({ target_pid = "room", metadata = { name = name } }))
end
