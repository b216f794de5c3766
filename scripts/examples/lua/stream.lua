--- Bytes that are read and written piece by piece.
--- - `stream.new(text?)` makes one in memory: `:read(n?)` (all that is left without a number), `:write(text)`, `:seek(from?, offset?)`, `:flush()`, `:stat()`, `:close()`, `:scanner(unit?)`.
--- - Scanner over `lines`, `words`, `bytes` or `runes`: `:scan()`, `:text()`, `:err()`.

return function()
  local words, scanner = {}, stream.new("to be or not"):scanner("words")
  while scanner:scan() do words[#words + 1] = scanner:text() end
  return words
end
--> ["to", "be", "or", "not"]
