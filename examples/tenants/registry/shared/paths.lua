-- Every way that leads from a program to something of a tenant. Each gives a value, or nil and the error.
local contract = require("contract")
local events = require("events")
local funcs = require("funcs")
local queue = require("queue")
local registry = require("registry")
local security = require("security")
local store = require("store")

local paths = { reach = {}, pretend = {} }
local reach, pretend = paths.reach, paths.pretend

-- Straight ways, which are open to the tenant itself.

function reach.call(tenant) return funcs.call(tenant .. ":secret") end
function reach.async(tenant)
  local future, err = funcs.async(tenant .. ":secret")
  if not future then return nil, err end
  future:channel():receive()
  return future:result()
end
function reach.executor(tenant) return funcs.new():call(tenant .. ":secret") end
function reach.process_function(tenant) return funcs.call(tenant .. ":worker") end
function reach.exec(tenant) return process.exec(tenant .. ":worker", tenant .. ":host") end
function reach.spawn(tenant) return process.spawn(tenant .. ":worker", tenant .. ":host") end
function reach.spawn_monitored(tenant) return process.spawn_monitored(tenant .. ":worker", tenant .. ":host") end
function reach.send(tenant) return process.send(tenant .. ":inbox", "hello") end
function reach.monitor(tenant) return process.monitor(tenant .. ":inbox") end
function reach.contract(tenant)
  local vault, err = contract.open(tenant .. ":vault")
  if not vault then return nil, err end
  return vault:open()
end
function reach.queue(tenant) return queue.publish(tenant .. ":jobs", "hello") end
function reach.event(tenant) return events.send(tenant .. ":news", "hello", "/") end
function reach.subscription(tenant)
  local subscription, err = events.subscribe(tenant .. ":news")
  return subscription and true, err
end
function reach.store(tenant)
  local notes, err = store.get(tenant .. ":notes")
  if not notes then return nil, err end
  return notes:set("hello", "there")
end
function reach.entry(tenant) return registry.get(tenant .. ":secret") end
-- A guest in WebAssembly, which calls by itself.
function reach.webassembly(tenant, own) return funcs.call(own .. ":courier", tenant .. ":secret", "") end

-- Pretending to be another one, which is open to nobody.

local function as(tenant) return { id = tenant .. ":user", meta = { tenant = tenant } } end

function pretend.actor(tenant) return funcs.new():with_actor(as(tenant)) end
function pretend.own_actor() return funcs.new():with_actor(security.actor()) end
function pretend.scope() return funcs.new():with_scope(security.scope()) end
function pretend.values() return funcs.new():with_context({ tenant = "other" }) end
function pretend.new_actor(tenant) return security.new_actor(tenant .. ":user", { tenant = tenant }) end
function pretend.new_scope() return security.new_scope() end
function pretend.group() return security.named_scope("gate:tenant") end
function pretend.token() return security.token_store("gate:tokens") end
function pretend.login(tenant) return funcs.call("gate:login", tenant) end
function pretend.sessions() return store.get("gate:sessions") end
function pretend.spawner_actor(tenant)
  local spawner, err = process.with_options({})
  if not spawner then return nil, err end
  return spawner:with_actor(as(tenant))
end
function pretend.spawner_values() return process.with_context({ tenant = "other" }) end
function pretend.contract_actor(tenant)
  local vault = assert(contract.get("shared:vault"))
  return vault:with_actor(as(tenant))
end
function pretend.contract_values(tenant, own) return contract.open(own .. ":vault?tenant=" .. tenant) end
function pretend.policy()
  local changes = registry.snapshot():changes()
  changes:delete("gate:own")
  return changes:apply()
end
function pretend.version() return registry.apply_version(1) end
function pretend.name() return process.registry.register("other:inbox") end

-- The kind of an error. A guest in WebAssembly tells it in a text.
local function kind(problem)
  if type(problem) == "userdata" then return problem:kind() end
  return problem:match("PermissionDenied") or problem
end

-- What came of each, in a word.
function paths.walk(group, tenant, own)
  local outcomes = {}
  for name, path in pairs(group) do
    local ok, value, err = pcall(path, tenant, own)
    local problem = not ok and value or err
    outcomes[name] = problem and kind(problem) or "reached"
  end
  return outcomes
end

return paths
