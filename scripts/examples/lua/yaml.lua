--- YAML text.
--- - `yaml.encode(value)` and `yaml.decode(text)`.

local yaml = require("yaml")

return function()
  return yaml.decode("name: ada\ntags: [a, b]\n")
end
--> {"name": "ada", "tags": ["a", "b"]}
