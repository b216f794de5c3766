--- Standard base64 with padding, for any bytes.
--- - `base64.encode(bytes)` gives the text.
--- - `base64.decode(text)` gives the bytes, or `nil, error` for what is none.

local base64 = require("base64")

return function()
  return { base64.encode("weft"), base64.decode("d2VmdA==") }
end
--> ["d2VmdA==", "weft"]
