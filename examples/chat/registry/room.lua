-- Names by the pids of their connections.
local members = {}

local function tell(topic, data)
  for pid in pairs(members) do
    process.send(pid, topic, data)
  end
end

local heard = {
  ["ws.join"] = function(_, data)
    members[data.client_pid] = data.metadata.name
    tell("joined", { name = data.metadata.name })
  end,
  ["ws.message"] = function(from, text)
    tell("said", { name = members[from], text = text })
  end,
  ["ws.leave"] = function(_, data)
    local name = members[data.client_pid]
    members[data.client_pid] = nil
    tell("left", { name = name })
  end,
}

return function()
  assert(process.registry.register("room"))
  local letters, events = process.inbox(), process.events()
  while true do
    local got = channel.select({ letters:case_receive(), events:case_receive() })
    if got.channel == events then
      if got.value.kind == process.event.CANCEL then return end
    else
      local letter = got.value
      local hear = heard[letter:topic()]
      if hear then hear(letter:from(), (letter:payload():data())) end
    end
  end
end
