--- The request that an `http.endpoint` answers. Outside of a request both functions give `nil, error`.
--- - `http.request(options?)`: `:method()`, `:path()`, `:query(name)`, `:query_params()`, `:header(name)`, `:content_type()`, `:content_length()`, `:host()`, `:remote_addr()`, `:param(name)`, `:params()`, `:has_body()`, `:body()`, `:body_json()`, `:stream()`, `:accepts(type)`, `:is_content_type(type)`, `:parse_multipart(max?)`.
--- - `http.response()`: `:set_status(code)`, `:set_header(name, value)`, `:add_header(name, value)`, `:set_content_type(type)`, `:write(text)`, `:write_json(value)`, `:flush()`, `:set_transfer("chunked" or "sse")`, `:write_event{name, data}`.
--- - Files of a form: `:name()`, `:size()`, `:header(name)`, `:stream()`; streams: `:read(n?)`, `:scanner(unit?)`, `:close()`; scanners: `:scan()`, `:text()`, `:err()`.

local http = require("http")

return function()
  local request, response = http.request(), http.response()
  if request == nil then return "there is no request" end
  response:set_status(http.STATUS.CREATED)
  response:write_json({ id = request:param("id"), page = request:query("page") })
end
--> "there is no request"
