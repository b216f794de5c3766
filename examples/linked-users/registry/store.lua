-- The interface acme:users/store in Lua: WIT's `get-user` is `get_user` here.
local users = {
  [7] = { id = 7, name = "Grace", tags = { "admin" } },
}

local store = {}

-- result<user, store-error>: a value, or `{ err = … }` for an error of the interface.
function store.get_user(id)
  return users[id] or { err = "not-found" }
end

-- `return nil, "message"` fails the call; the interface's error type has a case `other(string)` that tells it.
function store.save_user(user, parts)
  return nil, "the users of " .. user.name .. " cannot be changed"
end

function store.find_users(tags)
  return { users[7] }
end

function store.blob(size)
  return ("x"):rep(size)
end

function store.touch()
end

return store
