-- How others talk to the service: by its name, with letters.
local time = require("time")

local client = {}
local name = "tally"

--- Writes to the service, waiting while it starts.
local function send(topic, ...)
  local ok, err
  for _ = 1, 200 do
    ok, err = process.send(name, topic, ...)
    -- NotFound: it is not up yet, or just being started again. RateLimited: its mailbox is full.
    if ok or not (err:kind() == errors.NOT_FOUND or err:kind() == errors.RATE_LIMITED) then break end
    time.sleep("10ms")
  end
  return ok, err
end

--- Counts the words of a text.
function client.count(text)
  return send("count", text)
end

--- The most frequent words: `{ { word = …, count = … }, … }`.
function client.top(wanted)
  local answers = process.listen("top")
  local ok, err = send("top", wanted)
  local got = ok and channel.select({ answers:case_receive(), time.after("5s"):case_receive() })
  process.unlisten(answers)
  if not got then return nil, err end
  if got.channel == answers then return got.value end
  return nil, errors.new({ kind = errors.TIMEOUT, message = "the counter gave no answer", retryable = true })
end

--- The address of the process that serves now.
function client.pid()
  local pid
  repeat
    pid = process.registry.lookup(name)
    if not pid then time.sleep("10ms") end
  until pid
  return pid
end

--- Makes the service trap, and gives the error that it ended with.
function client.break_down()
  local pid = client.pid()
  assert(process.monitor(pid))
  assert(process.send(pid, "break"))
  local event = process.events():receive()
  return event.result.error
end

return client
