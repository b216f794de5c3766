--- Processes: programs with a pid and a mailbox. Functions have both while they run.
--- - `process.id()`, `process.pid()`.
--- - `process.spawn(id, host, …)` gives a pid; `process.spawn_monitored(…)`, `process.spawn_linked(…)`, `process.spawn_linked_monitored(…)` too; `process.exec(id, host, …)` waits for the result.
--- - `process.send(dest, topic, …)` to a pid or a name; `process.inbox()` and `process.listen(topic, options?)` give channels of messages, `process.unlisten(channel)` ends one, `process.events()` gives a channel of events.
--- - `process.monitor(dest)`, `process.unmonitor(dest)`, `process.link(dest)`, `process.unlink(dest)`, `process.cancel(dest, deadline or reason?)`, `process.terminate(dest)`.
--- - `process.get_options()`, `process.set_options{trap_links}`, `process.upgrade(id?, …)`.
--- - `process.registry.register(name, pid?, scope?)`, `process.registry.lookup(name)`, `process.registry.unregister(name)`.
--- - `process.with_context(values)` and `process.with_options(options)` give a spawner: `:with_context(…)`, `:with_options(…)`, `:with_actor(actor)`, `:with_scope(scope)`, `:with_name(name)`, `:with_message(topic, …)`, then `:spawn(…)`, `:spawn_monitored(…)`, `:spawn_linked(…)`, `:spawn_linked_monitored(…)`.
--- - Message: `:topic()`, `:from()`, `:payload()`. Event: `{kind, from, at, result = {value, error}, reason}`, with `process.event.EXIT`, `process.event.CANCEL`, `process.event.LINK_DOWN`.

return function()
  local inbox, events = process.inbox(), process.events()
  process.spawn_monitored("docs:echo", "docs:processes", process.pid(), "hello")
  local message = inbox:receive()
  local event = events:receive()
  return { message:payload():data(), event.kind, event.result.value }
end
--> ["hello", "pid.exit", "done"]
