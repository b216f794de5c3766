--- The machine and the app.
--- - `system.modules()`, `system.process.pid()`, `system.process.hostname()`.
--- - `system.exit(code)` ends the app in order, as a signal would: the caller goes on until it is told to stop, and `weft run` ends with the code (0 if none is given). In a program of yours it calls the `onExit` of `createRuntime`; without one it answers `UNSUPPORTED`.
--- - `system.memory.stats()`, `system.memory.allocated()`, `system.memory.get_limit()`; `system.gc.collect()` under `--expose-gc`.
--- - `system.runtime.goroutines()` (processes, and calls that hold a slot), `system.runtime.max_procs()`, `system.runtime.cpu_count()`.
--- - `system.supervisor.state(id)`, `system.supervisor.states()`.
--- - `system.lock.acquire(name, timeout)` waits for a lock of the app and gives true, or false when it was not free in time; the timeout is milliseconds, or a duration such as `"5s"`; without it, as long as it takes. `system.lock.release(name)` gives it back; the end of the function or process does so too. Release gives false when the program does not hold it.
--- - One node is all there is: `system.node.id()`, `system.node.role()`, `system.cluster.members()`, `system.cluster.leader()`, `system.cluster.info()`, `system.raft.state()`, `system.raft.leader()`, `system.raft.stats()` tell of it as its own leader.
--- - Not supported, and they say why: `system.memory.heap_objects()`, `system.memory.set_limit(bytes)`, `system.gc.set_percent(n)`, `system.gc.get_percent()`, `system.node.addr()`.

local system = require("system")

return function()
  return { system.runtime.cpu_count() > 0, system.supervisor.state("docs:processes").status }
end
--> [true, "running"]
