--- Random values, keyed hashes, encryption, tokens.
--- - `crypto.random.bytes(n)`, `crypto.random.string(n, charset?)`, `crypto.random.uuid()`.
--- - `crypto.hmac.sha256(key, data)`, `crypto.hmac.sha512(key, data)` give hex.
--- - `crypto.encrypt.aes(data, key, aad?)`, `crypto.decrypt.aes(data, key, aad?)`: AES-GCM, a key of 16, 24 or 32 bytes; `crypto.encrypt.chacha20(…)`, `crypto.decrypt.chacha20(…)`: a key of 32.
--- - `crypto.jwt.encode(claims, key, alg?)`, `crypto.jwt.verify(token, key, alg?, require_exp?)`: HS256 (default), HS384, HS512, RS256.
--- - `crypto.pbkdf2(password, salt, iterations, length, hash?)`; `crypto.constant_time_compare(a, b)`.

local crypto = require("crypto")

return function()
  local key = crypto.random.bytes(32)
  local sealed = crypto.encrypt.aes("secret", key)
  local token = crypto.jwt.encode({ sub = "ada", exp = os.time() + 60 }, key)
  return { crypto.decrypt.aes(sealed, key), crypto.jwt.verify(token, key).sub }
end
--> ["secret", "ada"]
