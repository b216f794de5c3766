case("bytes of all sorts", function() local s = "\0\1\127\128\255" return #s, s, s:byte(1, -1) end)
case("escapes", function() return "\a\b\f\n\r\t\v\\\"\'", "\x41\65\065\z
   B", "\u{48}\u{20AC}\u{10FFFF}", 'a\
b' end)
case("long strings", function() return [[
a
b]], [==[]]]==], #[[

x]] end)
case("distinct bytes are distinct keys", function()
  local t = {} t["\x01\x23"] = 1 t["\x12\x03"] = 2 t["\x0a"] = 3 t["\xa0"] = 4 t["a"] = 5 t["\x00a"] = 6
  return t["\x01\x23"], t["\x12\x03"], t["\x0a"], t["\xa0"], t["a"], t["\0a"], "\x01\x23" == "\x12\x03" end)
case("every byte and every pair of low bytes is a key of its own", function()
  local t, n = {}, 0
  for i = 0, 255 do t[string.char(i)] = i end
  for i = 0, 31 do for j = 0, 31 do t[string.char(i, j)] = i * 32 + j end end
  for k in pairs(t) do n = n + 1 end
  for i = 0, 31 do for j = 0, 31 do if t[string.char(i, j)] ~= i * 32 + j then return "collision", i, j end end end
  return n end)
case("UTF-8 and its bytes are one string", function() return "é" == "\xc3\xa9", #"é", "€uro" == "\u{20ac}uro", ({ ["é"] = 1 })["\195\169"] end)
case("order is by byte", function() return "\n" < "a", "a" < "b", "a" < "aa", "" < "a", "Z" < "a", "\x01" < "\x02", "a\0b" < "a\0c", "a\0" > "a", "\xff" > "a", "\x7f" < "\x80", "abc" <= "abc" end)
case("order sorts", function() local t = { "b", "a", "\n", "B", "\xff", "", "aa", "\0", "\x10" } table.sort(t) return table.unpack(t) end)
case("order against numbers", function() return "1" < 2 end)
case("equality across types", function() return "1" == 1, "a" == "a", "\0" == "", ("a"):rep(100) == ("a"):rep(100) end)
case("concatenation", function() return "a" .. "b" .. "c", "a" .. 1 .. 2, ("x"):rep(3) .. "\0" .. "y", "" .. "" end)
case("concatenation with nil", function() local t = {} return "a" .. t.name end)
case("concatenation with a table", function() return "a" .. {} end)
case("length counts bytes", function() return #"", #"abc", #"é", #"a\0b", ("€"):len() end)
case("sub", function() local s = "hello" return s:sub(2, 3), s:sub(-3), s:sub(2), s:sub(0), s:sub(10), s:sub(-100, 2), s:sub(3, 2), s:sub(-2, -1), s:sub(1, 100) end)
case("sub at the edges of integers", function() local s = "abc" return s:sub(math.mininteger, math.maxinteger), s:sub(math.maxinteger), s:sub(math.mininteger, math.mininteger) end)
case("sub takes whole floats and numerals", function() return ("hello"):sub(2.0, "3") end)
case("sub refuses fractions", function() return ("hello"):sub(1.5) end)
case("byte and char", function() return ("A"):byte(), ("abc"):byte(-1), ("abc"):byte(10), string.char(72, 105), string.char(), ("abc"):byte(1, 3) end)
case("char of what is no byte", function() return raised(string.char, 256), raised(string.char, -1) end)
case("upper and lower", function() return ("Ab1é"):upper(), ("Ab1É"):lower() end)
case("rep", function() return ("ab"):rep(3), ("ab"):rep(3, ","), ("ab"):rep(0), ("ab"):rep(-1), (""):rep(1000), ("x"):rep(1, "sep") end)
case("rep beyond all bounds", function() return (pcall(string.rep, "x", 1 << 40)) end)
case("reverse", function() return ("abc"):reverse(), (""):reverse(), ("a\0b"):reverse() end)
case("methods of literals", function() return ("x"):rep(2), ("%d"):format(5), #("abc"):upper() end)
case("a string has no field of its own", function() return ("x").nothing end)
case("a string's index is by method only", function() return ("abc")[1] end)
case("a string cannot be assigned to", function() local s = "a" s.x = 1 end)
case("calling a missing method", function() local s = "a" return s:nothing() end)
case("numbers have string methods through string", function() return string.len(123), string.rep(1, 3), string.upper(1.5) end)
case("tostring of others", function() return tostring(nil), tostring(true), tostring("x"), (tostring({}):gsub("0x%x+", "ADDR")), (tostring(print):gsub("builtin: %d+", "ADDR"):gsub("0x%x+", "ADDR")) end)
case("tostring of nothing", function() return tostring() end)
case("large strings survive", function() local s = ("0123456789"):rep(10000) local t = {} for i = 1, 10 do t[i] = s:sub(i * 1000, i * 1000 + 3) end return #s, table.concat(t, "|") end)
case("building by appending", function() local s = "" for i = 1, 300 do s = s .. string.char(i % 256) end local sum = 0 for i = 1, #s do sum = sum + s:byte(i) end return #s, sum end)
case("utf8.char", function() return utf8.char(72, 228, 8364, 0x10FFFF), utf8.char(), utf8.charpattern end)
case("utf8.len", function() return utf8.len("häß€"), utf8.len("\xff"), utf8.len(""), utf8.len("abc", 4), utf8.len("äö", 3) end)
case("utf8.len of a broken string says where", function() return utf8.len("ab\x80c") end)
case("utf8.codepoint", function() return utf8.codepoint("häß", 1, -1) end)
case("utf8.codepoint of rubbish", function() return utf8.codepoint("\xff") end)
case("utf8.offset", function() return utf8.offset("aäb", 3), utf8.offset("aäb", -1), utf8.offset("aäb", 5), utf8.offset("aäb", 0, 3), utf8.offset("abc", 1) end)
case("utf8.codes", function() local t = {} for p, c in utf8.codes("aä€") do t[#t + 1] = p .. "=" .. c end return table.concat(t, " ") end)
case("utf8.codes of rubbish", function() for _ in utf8.codes("a\xff") do end end)
case("utf8 refuses surrogates and overlong forms", function() return utf8.len("\xed\xa0\x80"), utf8.len("\xc0\x80"), utf8.len("\xf4\x90\x80\x80") end)
