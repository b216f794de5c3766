/**
 * A program that meets every instruction of the interpreter with every sort of operand, and the library functions that programs
 * use most. V8 optimises the interpreter's loop for what it has seen: what it meets first later throws the optimised code away.
 */
export const corpus = String.raw`
local Shape = {}
Shape.__index = Shape
function Shape.new(w, h) return setmetatable({ w = w, h = h, tags = {} }, Shape) end
function Shape:area() return self.w * self.h end
function Shape:tag(name, ...) self.tags[#self.tags + 1] = name return self, select("#", ...) end

local odd = setmetatable({}, {
  __index = function(_, key) return key end,
  __newindex = function(to, key, value) rawset(to, key, value) end,
  __add = function() return 1 end, __sub = function() return 1 end, __mul = function() return 1 end,
  __unm = function() return 1 end, __len = function() return 2 end, __concat = function() return "c" end,
  __eq = function() return true end, __lt = function() return true end, __le = function() return true end,
  __call = function(_, x) return x end,
})

local function numbers(n)
  local i, f, big = 1, 1.5, 5000000000
  for k = 1, n do
    i = (i + k) * 3 % 1000 - 7
    i = i // 2 + (i & 255 | 3 ~ 1) + (i << 2 >> 1) + ~i + -i
    f = f * 1.01 + i / 7 - f % 3 + 2 ^ 0.5 + f // 1.5 + -f
    f = f + k; f = k - f; f = f * k; f = (f + 0.5) % 100
    big = (big * 31 + k) % 9007199254740881 ~ (1 << 40)
    big = big & 0xffffffffff; big = big + 4294967296; big = big // 3
    local huge = math.maxinteger - k; huge = huge + k + 1; huge = huge // 3 * 2
    local mixed = k == 1.0 or k < 2.5 or 2.5 <= k or f > k or i >= f or "10" + k == 11
    i = math.floor(f) + math.max(i % 7, k, 3) + (mixed and 1 or 0) + (math.tointeger(3.0) or 0)
  end
  for x = 1.0, 3.0, 0.5 do f = f + x end
  for x = 9, 1, -2 do i = i + x end
  return i, f, big
end

local function texts(n)
  local parts, s = {}, "seed"
  for k = 1, n do
    s = "k" .. k .. ":" .. k / 2 .. s:sub(1, 8)
    if s == "never" or s < "a" or s >= "zz" then s = s .. "!" end
    parts[#parts + 1] = s:upper():lower():rep(2)
    local key, value = ("name=value" .. k):match("(%w+)=(%w+)")
    parts[#parts + 1] = ("%s %d %5.2f %x"):format(key, k, k / 3, k) .. #value
    s = s:gsub("%d", { ["1"] = "one" }):gsub("k", function(c) return c .. c end):reverse()
    for word in ("a bc def"):gmatch("%a+") do s = s .. word end
    if s:find("x", 1, true) or s:find("^k") or #s > 60 then s = tostring(k) end
    local byte = s:byte() or 0
    s = string.char(byte % 26 + 97) .. (tonumber("12") + tonumber("0x1f"))
  end
  return table.concat(parts, ",")
end

local function tables(n)
  local list, map = {}, { a = 1, b = 2.5, [true] = 0, [1.5] = 1 }
  for k = 1, n do
    list[k] = { id = k, name = "user" .. k, score = k * 1.5, active = k % 2 == 0 }
    map["k" .. k % 10] = k; map[k * 1000] = k; map[k % 5 + 0.5] = nil
    map.a = map.a + map.b; local none = map.none or map[k] or map["x" .. k]
    table.insert(list, table.remove(list))
  end
  local sum = #list
  for _, item in ipairs(list) do if item.active then sum = sum + item.score else sum = sum - item.id end end
  for key, value in pairs(map) do if type(value) == "number" then sum = sum + value end end
  for key in next, map do sum = sum + (key == "a" and 1 or 0) end
  table.sort(list, function(p, q) return p.score > q.score end)
  local a, b, c = table.unpack({ 1, 2, 3, n, sum })
  local packed = table.pack(a, b, c, nil)
  local nested = { { 1, 2 }, { x = { y = { z = sum } } }, list[1], [10] = n }
  return nested[2].x.y.z, packed.n, nested[1][2]
end

local function calls(n)
  local count = 0
  local function inc(by) count = count + (by or 1) return count end
  local function pass(...) local first, second = ... return inc(second), ... end
  local function fib(k) if k < 2 then return k end return fib(k - 1) + fib(k - 2) end
  local function tail(k) if k == 0 then return "end" end return tail(k - 1) end
  for k = 1, n do
    local shape = Shape.new(k, 2)
    shape:tag("a", k):tag("b")
    inc(shape:area()); inc(); pass(k, 1, nil); pass(); tail(5)
    local made = { pass(k, 2) }
    local each = function() return inc() + k + #made end
    each()
    local ok, problem = pcall(error, { k })
    ok, problem = pcall(function() if k > 0 then error("raised") end end)
    ok, problem = xpcall(inc, error, k)
    ok = not ok or odd + 1 and odd.x and -odd and #odd and odd .. "x" and odd(1) and odd == Shape and odd < odd
    odd["k" .. k] = k
    local generator = coroutine.wrap(function(x) for step = 1, 3 do x = coroutine.yield(x) end return x end)
    generator(k); generator(k)
    do goto continue end
    ::continue::
  end
  while count > 100 do count = count // 2 if count == 3 then break end end
  repeat local last = count; count = count + 1 until last > 3
  return fib(9), count
end

return function(n) return numbers(n), texts(n), tables(n), calls(n) end
`;
