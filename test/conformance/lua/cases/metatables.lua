case("arithmetic", function()
  local log = {}
  local mt = {}
  for _, name in ipairs({ "add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "bor", "bxor", "shl", "shr", "bnot" }) do mt["__" .. name] = function(a, b) log[#log + 1] = name return type(a) .. type(b) end end
  local t = setmetatable({}, mt)
  local r = { t + 1, 1 - t, t * "x", t / t, t % 2, 2 ^ t, -t, t // 1, t & 1, 1 | t, t ~ 1, t << 1, 1 >> t, ~t }
  return table.concat(log, " "), table.concat(r, " ") end)
case("the left operand's method is first", function() local a = setmetatable({}, { __add = function() return "left" end }) local b = setmetatable({}, { __add = function() return "right" end }) return a + b, b + a, 1 + b, a + 1 end)
case("concatenation", function() local t = setmetatable({}, { __concat = function(a, b) return (type(a) == "table" and "T" or a) .. "." .. (type(b) == "table" and "T" or b) end }) return t .. "x", "x" .. t, 1 .. t, "a" .. "b" .. t, t .. t, "x" .. t .. "y" end)
case("comparison", function() local mt = { __lt = function(a, b) return a.v < b.v end, __le = function(a, b) return a.v <= b.v end, __eq = function(a, b) return a.v == b.v end } local function n(v) return setmetatable({ v = v }, mt) end return n(1) < n(2), n(2) <= n(1), n(1) > n(2), n(1) == n(1), n(1) ~= n(2), n(3) >= n(3) end)
case("comparison by the negated __lt", function() local mt = { __lt = function(a, b) return a.v < b.v end } local a, b = setmetatable({ v = 1 }, mt), setmetatable({ v = 2 }, mt) return a <= b, b <= a end)
case("comparison results are booleans", function() local mt = { __eq = function() return 1 end, __lt = function() return nil end } local a, b = setmetatable({}, mt), setmetatable({}, mt) return a == b, a ~= b, a < b end)
case("comparison of different sorts", function() return raised(function() return {} < {} end), raised(function() return 1 < "2" end), raised(function() return {} < 1 end), raised(function() return nil < 1 end), raised(function() return print <= print end) end)
case("__eq is not asked of different types or the same value", function() local t = setmetatable({}, { __eq = function() error("asked") end }) return t == 1, t == "x", t == t, t == nil end)
case("__index chains", function() local a = { x = 1 } local b = setmetatable({ y = 2 }, { __index = a }) local c = setmetatable({}, { __index = b }) return c.x, c.y, c.z, rawget(c, "x") end)
case("__index functions", function() local t = setmetatable({}, { __index = function(t, k) return k .. "!" end }) return t.a, t["b"], t[1] end)
case("__newindex", function() local log = {} local t = setmetatable({ known = 1 }, { __newindex = function(t, k, v) log[#log + 1] = k rawset(t, k, v) end }) t.a = 1 t.a = 2 t.known = 3 return table.concat(log, ","), t.a, t.known end)
case("__newindex tables", function() local store = {} local t = setmetatable({}, { __newindex = store }) t.x = 1 return rawget(t, "x"), store.x end)
case("__index loops end", function() local a, b = {}, {} setmetatable(a, { __index = b }) setmetatable(b, { __index = a }) return (raised(function() return a.x end):gsub("'__index' chain too long; possibly a loop", "'__index' chain too long; possible loop")) end)
case("__call", function() local t = setmetatable({}, { __call = function(self, a, b) return a, b, type(self) end }) return t(1, 2) end)
case("__call chains", function() local inner = setmetatable({}, { __call = function(_, x) return type(x) end }) local t = setmetatable({}, { __call = inner }) return t(1) end)
case("__call through pcall and method", function() local t = setmetatable({}, { __call = function(_, x) return x end }) local o = { m = t } return pcall(t, 5), o:m() == o end)
case("__len and __unm", function() local t = setmetatable({}, { __len = function() return 42 end, __unm = function() return "neg" end }) return #t, -t end)
case("__tostring and __name", function() return tostring(setmetatable({}, { __tostring = function() return "shown" end })), (tostring(setmetatable({}, { __name = "Sort" })):gsub(": .*", "")) end)
case("__tostring must give a string", function() return tostring(setmetatable({}, { __tostring = function() return {} end })) end)
case("__metatable protects", function() local t = setmetatable({}, { __metatable = "locked" }) return getmetatable(t), raised(setmetatable, t, {}), getmetatable("").__index == string end)
case("setmetatable wants a table", function() return raised(setmetatable, 1, {}), raised(setmetatable, {}, 1), raised(setmetatable, {}) end)
case("metamethods set later", function() local mt = {} local t = setmetatable({}, mt) local before = t.x mt.__index = function() return "now" end local after = t.x mt.__index = nil return before, after, t.x end)
case("classes and inheritance", function()
  local Base = {} Base.__index = Base
  function Base.new(n) return setmetatable({ n = n }, Base) end
  function Base:name() return "base" .. self.n end
  function Base:twice() return self:name() .. self:name() end
  local Sub = setmetatable({}, { __index = Base }) Sub.__index = Sub
  function Sub:name() return "sub" .. self.n end
  local o = setmetatable({ n = 2 }, Sub)
  return Base.new(1):twice(), o:twice() end)
case("varargs of metamethods keep one result", function() local t = setmetatable({}, { __index = function() return 1, 2, 3 end, __add = function() return 1, 2 end }) return t.x, t + 1 end)
case("errors in metamethods pass", function() local t = setmetatable({}, { __index = function() error("inside", 0) end }) return raised(function() return t.x end) end)
case("proxies count accesses", function() local n, inner = 0, { a = 1 } local p = setmetatable({}, { __index = function(_, k) n = n + 1 return inner[k] end }) local _ = p.a + p.a return n end)
case("default values by __index", function() local d = setmetatable({}, { __index = function() return 0 end }) for _, w in ipairs({ "a", "b", "a" }) do d[w] = d[w] + 1 end return d.a, d.b, d.c end)
case("indexing what has no fields", function() return raised(function() local n = 5 return n.x end), raised(function() local t = {} return t.a.b end), raised(function() return undefinedglobal.x end), raised(function() local t = {} t.a.b = 1 end) end)
