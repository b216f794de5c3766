local http, store, uuid = require("http"), require("store"), require("uuid")

-- POST /api/notes {"text": "…"}
return function()
  local req, res = http.request({ max_body = 10000 }), http.response()
  local note, err = req:body_json()
  if err or type(note) ~= "table" or type(note.text) ~= "string" then
    res:set_status(http.STATUS.UNPROCESSABLE_ENTITY)
    return res:write_json({ error = err and tostring(err) or "a note has a text" })
  end
  local kept = store.get("notes:kept")
  local all = kept:get("all") or {}
  note = { id = uuid.v7(), text = note.text }
  all[#all + 1] = note
  kept:set("all", all)
  res:set_status(http.STATUS.CREATED)
  res:set_header("Location", "/api/notes/" .. note.id)
  res:write_json(note)
end
