--- The standard streams and arguments of a command (a process on a `terminal.host`).
--- - `io.print(…)` and `io.eprint(…)` write a line, `io.write(…)` writes as it is, `io.flush()`.
--- - `io.read(n?)` reads some bytes, `io.readline()` a line; nil at the end.
--- - `io.args()` gives the words of the command line. `io.raw(on)` has a terminal hand over keys one by one, until the program ends.

local io = require("io")

return function()
  local ok, err = io.print("nobody reads this: a function has no terminal")
  return { ok == nil, err:kind(), #io.args() }
end
--> [true, "Unavailable", 0]
