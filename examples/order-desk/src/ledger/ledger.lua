local time = require("time")
local logger = require("logger")

type Booking = {number: string, total: integer @min(0), state: string}

local function run(currency: string)
	local inbox, events = process.inbox(), process.events()
	local ok, err = process.registry.register("ledger")
	if not ok then
		return nil, err
	end
	local paid, refused = 0, 0
	while true do
		local got = channel.select({ inbox:case_receive(), events:case_receive() })
		if got.channel == events then
			if got.value.kind == process.event.CANCEL then
				return { paid = paid }
			end
			goto continue
		end
		do
			local message = got.value
			local topic, data = message:topic(), message:payload():data()
			if topic == "booked" then
				local booking, err = Booking:is(data)
				if err then
					logger:warn("no booking", { err = tostring(err) })
				elseif booking.state == "paid" then
					paid = paid + booking.total
				else
					refused = refused + 1
				end
			elseif topic == "sum?" then
				process.send(data, "sum", { paid = paid, refused = refused, currency = currency, at = time.now():unix() })
			end
		end
		::continue::
	end
end

return { run = run }
