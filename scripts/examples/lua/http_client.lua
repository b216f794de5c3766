--- Requests to HTTP servers. Each, and each redirect, is checked against the caller's rights.
--- - `http_client.get(url, options?)`, `.post(…)`, `.put(…)`, `.delete(…)`, `.head(…)`, `.patch(…)`; `http_client.request(method, url, options?)`; `http_client.request_batch{{method, url, options}, …}`.
--- - Options: `headers`, `body`, `timeout` (seconds or a duration), `query`, `cookies`, `form`, `files`, `auth{user, pass}`, `stream`, `max_response_body`, `unix_socket`, `redirects`, `tls`.
--- - A response is `{status_code, url, body, body_size, headers, cookies, stream}`; a stream has `:read(n?)`, `:scanner(unit?)`, `:close()`, a scanner `:scan()`, `:text()`, `:err()`.
--- - `http_client.encode_uri(text)`, `http_client.decode_uri(text)`.

local http_client = require("http_client")

return function()
  local response, err = http_client.get("http://localhost:1/" .. http_client.encode_uri("a b"), { timeout = "5s" })
  return response == nil and err ~= nil
end
--> true
