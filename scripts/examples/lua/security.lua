--- Who acts, and what they may do.
--- - `security.actor()`, `security.scope()`: of the running call, nil if none. `security.can(action, resource, meta?)`.
--- - `security.new_actor(id, meta?)`, `security.new_scope(policies?)`, `security.named_scope(group)`, `security.policy(id)`, `security.token_store(id)`.
--- - Actor: `:id()`, `:meta()`. Policy: `:id()`, `:evaluate(actor, action, resource, meta?)`. Scope: `:with(policy)`, `:without(policy)`, `:contains(policy)`, `:policies()`, `:evaluate(actor, action, resource, meta?)`, which gives `allow`, `deny` or `undefined`.
--- - Token store: `:create(actor, scope, {expiration, meta})`, `:validate(token)` gives `actor, scope`, `:revoke(token)`, `:close()`.

local security = require("security")

return function()
  local readers = security.named_scope("docs:readers")
  local ada = security.new_actor("ada", { team = "blue" })
  return { readers:evaluate(ada, "store.get", "docs:kept"), readers:evaluate(ada, "store.key.set", "docs:kept") }
end
--> ["allow", "deny"]
