--- Hashes as hex, or as bytes when the last argument is true.
--- - `hash.md5(data, raw?)`, `hash.sha1(data, raw?)`, `hash.sha256(data, raw?)`, `hash.sha512(data, raw?)`.
--- - `hash.hmac_md5(data, secret, raw?)`, `hash.hmac_sha1(…)`, `hash.hmac_sha256(…)`, `hash.hmac_sha512(…)`.
--- - `hash.fnv32(data)`, `hash.fnv64(data)` give numbers.

local hash = require("hash")

return function()
  return { hash.sha1("weft"), hash.fnv32("weft") }
end
--> ["c736e2ff3236ff722f90db75d7c4cd9b7d90575e", 3905777675]
