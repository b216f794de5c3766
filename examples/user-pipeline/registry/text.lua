-- Splitting text, for whoever imports this library.
local text = {}

function text.split(line: string, separator: string): {string}
  local parts = {}
  for part in (line .. separator):gmatch("(.-)%" .. separator) do
    parts[#parts + 1] = part
  end
  return parts
end

function text.words(line: string): {string}
  local words = {}
  for word in line:gmatch("%S+") do
    words[#words + 1] = word
  end
  return words
end

return text
