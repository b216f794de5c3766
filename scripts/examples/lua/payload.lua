--- Values with the name of their form, as futures and messages deliver them.
--- - `payload.new(value)` makes one. `:data()` or `:unmarshal()` gives its value, `:get_format()` its form, `:transcode(format)` the same in another form.
--- - `JSON`, `YAML`, `MSGPACK` and `LUA` turn into each other, `STRING` and `BYTES` are strings as they stand.

return function()
  local text = payload.new({ a = 1 }):transcode(payload.format.JSON)
  return { text:get_format(), text:data().a }
end
--> ["json/plain", 1]
