--- The machine and the app.
--- - `system.exit(code)`, `system.modules()`, `system.process.pid()`, `system.process.hostname()`.
--- - `system.memory.stats()`, `system.memory.allocated()`, `system.memory.heap_objects()`, `system.memory.get_limit()`, `system.memory.set_limit(bytes)`; `system.gc.collect()`, `system.gc.get_percent()`, `system.gc.set_percent(n)`.
--- - `system.runtime.goroutines()`, `system.runtime.max_procs()`, `system.runtime.cpu_count()`.
--- - `system.supervisor.state(id)`, `system.supervisor.states()`.
--- - `system.node.id()`, `system.node.addr()`, `system.node.role()`, `system.cluster.members()`, `system.cluster.leader()`, `system.cluster.info()`, `system.raft.state()`, `system.raft.leader()`, `system.raft.stats()`, `system.lock.acquire(…)`, `system.lock.release(…)`.

local system = require("system")

return function()
  return { system.runtime.cpu_count() > 0, system.supervisor.state("docs:processes").status }
end
--> [true, "running"]
