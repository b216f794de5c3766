-- Has a name, and takes letters until it is asked to end.
return function(name)
  assert(process.registry.register(name))
  local inbox, events = process.inbox(), process.events()
  while true do
    local got = channel.select({ inbox:case_receive(), events:case_receive() })
    if got.channel == events then return end
  end
end
