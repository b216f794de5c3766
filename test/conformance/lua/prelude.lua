-- What every file of cases starts with: `case(name, run)` prints one line, whatever the case returns or raises.
local function show(v)
  local kind = math.type(v)
  if kind == "integer" then return "int " .. string.format("%d", v) end
  if kind == "float" then
    if v ~= v then return "float nan" end
    if v == 1 / 0 then return "float inf" end
    if v == -1 / 0 then return "float -inf" end
    if v == 0 then return 1 / v < 0 and "float -0" or "float 0" end
    return "float " .. string.format("%.14g", v)
  end
  if type(v) ~= "string" then return type(v) == "boolean" and tostring(v) or type(v) end
  local shown = {}
  for i = 1, #v do
    local b = string.byte(v, i)
    shown[i] = (b < 32 or b > 126 or b == 34 or b == 92) and string.format("\\x%02x", b) or string.char(b)
  end
  return '"' .. table.concat(shown) .. '"'
end

function case(name, run)
  if skipped and skipped[name] then return end
  local results = table.pack(pcall(run))
  local shown = {}
  for i = 2, results.n do shown[i - 1] = show(results[i]) end
  print(name .. ": " .. (results[1] and "" or "error ") .. table.concat(shown, ", "))
end

-- The message of what a function raises.
function raised(run, ...)
  local ok, message = pcall(run, ...)
  return ok and "nothing raised" or message
end
