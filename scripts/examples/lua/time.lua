--- Moments, durations, zones, timers. Durations are nanoseconds, texts such as `1m30s`, or what `time.parse_duration` gives.
--- - `time.sleep(d)`, `time.after(d)` gives a channel, `time.timer(d)` and `time.ticker(d)`: `:response()` or `:channel()`, `:stop()`, and `:reset(d)` of a timer.
--- - `time.now()`, `time.unix(seconds, ns?)`, `time.date(y, m, d, h, mi, s, ns, zone?)`, `time.parse(layout, text, zone?)` with Go's layouts.
--- - `time.parse_duration(text)`: `:nanoseconds()`, `:microseconds()`, `:milliseconds()`, `:seconds()`, `:minutes()`, `:hours()`. `time.load_location(name)`, `time.fixed_zone(name, seconds)`: `:string()`.
--- - Moment: `:add(d)`, `:sub(t)`, `:add_date(y, m, d)`, `:after(t)`, `:before(t)`, `:equal(t)`, `:format(layout)`, `:format_rfc3339()`, `:unix()`, `:unix_nano()`, `:date()`, `:clock()`, `:year()`, `:month()`, `:day()`, `:hour()`, `:minute()`, `:second()`, `:nanosecond()`, `:weekday()`, `:year_day()`, `:is_zero()`, `:in_location(zone)`, `:location()`, `:utc()`, `:in_local()`, `:truncate(d)`, `:round(d)`.

local time = require("time")

return function()
  local start = time.parse(time.RFC3339, "2026-02-28T23:30:00Z")
  time.sleep(5 * time.MILLISECOND)
  return { start:add("45m"):format("Mon 2 Jan 15:04"), start:add_date(0, 1, 0):month() }
end
--> ["Sun 1 Mar 00:15", 3]
