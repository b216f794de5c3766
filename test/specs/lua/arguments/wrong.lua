-- Calls every function of a module with arguments that it did not expect, and gives the answers that no author could use:
-- errors of kind Internal, and words of JavaScript.
local unusable = { "undefined", "Cannot read", "is not a function", "is not iterable", "TypeError", "RangeError", "%[object", "BigInt" }
-- They end the app, wait, or take long.
local left_out = { ["system.exit"] = true, ["system.gc.collect"] = true, ["time.sleep"] = true, ["system.lock.acquire"] = true }
local given = {
  {}, { n = 1 }, { 1 }, { "x" }, { {} }, { true }, { "", "" }, { "x", {} }, { {}, "x" }, { 1, 2, 3 }, { print }, { "app:nope" }, { -1 },
  { 2 ^ 53 }, { 1 / 0 }, { 0 / 0 }, { "x", "y", "z", "w" }, { string.char(255) }, { { a = { b = print } } }, { math.mininteger },
}

local function complaint(problem)
  local text = tostring(problem)
  local is_error, kind = pcall(function() return problem:kind() end)
  if is_error and kind == errors.INTERNAL then return text end
  for _, word in ipairs(unusable) do
    if text:find(word) then return text end
  end
end

local function try(name, fn, found)
  for i, args in ipairs(given) do
    local ok, value, err = pcall(fn, unpack(args))
    local problem = ok and value == nil and err or not ok and value or nil
    local text = problem and complaint(problem)
    if text then found[#found + 1] = name .. " with the arguments " .. i .. ": " .. text end
  end
end

local function walk(name, members, found)
  for key, member in pairs(members) do
    local path = name .. "." .. tostring(key)
    if type(member) == "function" and not left_out[path] then try(path, member, found) end
    if type(member) == "table" then walk(path, member, found) end
  end
  return found
end

return function(name)
  return walk(name, require(name), {})
end
