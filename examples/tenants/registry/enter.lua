local security = require("security")
local funcs = require("funcs")

return function(token, target, ...)
  local tokens = assert(security.token_store("gate:tokens"))
  local actor, scope, err = tokens:validate(token)
  if err then return nil, err end
  return funcs.new():with_actor(actor):with_scope(scope):call(target, ...)
end
