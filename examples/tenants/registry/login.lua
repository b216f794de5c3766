local security = require("security")

-- The scope is the group as it is now; what its policies say is asked for at each step.
return function(tenant)
  local actor = assert(security.new_actor(tenant .. ":user", { tenant = tenant }))
  local scope = assert(security.named_scope("gate:tenant"))
  return assert(security.token_store("gate:tokens")):create(actor, scope)
end
