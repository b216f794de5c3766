--- JSON text. The empty table is `[]`, null is nil, whole numbers are integers.
--- - `json.encode(value)` and `json.decode(text)`.
--- - `json.validate(schema, value)` and `json.validate_string(schema, text)` give true, or false and an error that names each place that does not fit a JSON Schema.

local json = require("json")

return function()
  local value = json.decode('{"name": "ada", "tags": []}')
  local ok, err = json.validate({ required = { "age" } }, value)
  return { json.encode(value.tags), value.name, ok, tostring(err) }
end
--> ["[]", "ada", false, "the value must have required property 'age'"]
