local registry = require("registry")
local store = require("store")

local function next_number(series: string): (string?, error?)
	local me, err = registry.get("shop.numbering:next")
	if err then
		return nil, err
	end
	local counters, err = store.get(me.meta.store)
	if err then
		return nil, err
	end
	local last = counters:get(series) or 0
	counters:set(series, last + 1)
	counters:release()
	return string.format("%s%04d", me.meta.prefix, last + 1)
end

return { next = next_number }
