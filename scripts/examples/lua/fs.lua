--- Files of `fs.directory` entries. Nothing leads out of an entry's folder.
--- - `fs.get(id)` opens one.
--- - Folder: `:readfile(path)`, `:writefile(path, text, mode?)`, `:open(path, mode)` with mode `r`, `w`, `wx` or `a`, `:readdir(path?)` (an iterator of `{name, type}`), `:stat(path)`, `:exists(path)`, `:isdir(path)`, `:mkdir(path)`, `:remove(path)`, `:chdir(path)`, `:pwd()`.
--- - File: `:read(n?)`, `:write(text)`, `:seek(from?, offset?)`, `:stat()`, `:sync()`, `:close()`, `:scanner(unit?)`.
--- - Scanner over `lines`, `words`, `bytes` or `runes`: `:scan()`, `:text()`, `:err()`.

local fs = require("fs")

return function()
  local files = fs.get("docs:files")
  files:writefile("note.txt", "one\ntwo\n")
  local file = files:open("note.txt", "r")
  local lines, scanner = {}, file:scanner("lines")
  while scanner:scan() do lines[#lines + 1] = scanner:text() end
  file:close()
  return lines
end
--> ["one", "two"]
