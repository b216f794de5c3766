--- Interfaces that entries define (`contract.definition`) and others implement (`contract.binding`).
--- - `contract.get(id)` gives a contract; `contract.find_implementations(id)` the ids of its bindings.
--- - `contract.open(binding, context?)` gives an instance; the id may carry values, `app:cash?limit=5`. `contract.is(instance, id)` tells its contracts.
--- - Contract: `:id()`, `:methods()`, `:method(name)`, `:implementations()`, `:open(binding?, context?)`, and `:with_context(values)`, `:with_actor(actor)`, `:with_scope(scope)`, `:with_options(options)`, each of which gives a new one.
--- - Instance: `instance:name(…)` calls the method, `instance:name_async(…)` gives a future. Arguments and results must fit the contract's JSON Schemas.

local contract = require("contract")

return function()
  local greeter = contract.get("docs:greeter"):with_context({ mark = "!" })
  return greeter:open():greet("Ada")
end
--> "Hello, Ada!"
