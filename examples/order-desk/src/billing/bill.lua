local contract = require("contract")
local queue = require("queue")
local fs = require("fs")
local json = require("json")
local events = require("events")
local database = require("database")

local function bill(order)
	local message = assert(queue.message())
	local payment, err = contract.get("app.billing:payment")
	if err then return nil, err end
	local cash, err = payment:with_context({ limit = 2000 }):open()
	if err then return nil, err end
	local outcome, err = cash:charge(order)
	if err then return nil, err end

	local db = assert(database.open())
	assert(db:execute("UPDATE orders SET state = ? WHERE number = ?", { outcome.state, order.number }))

	local receipts = assert(fs.get("app:receipts"))
	local text = json.encode({ number = order.number, customer = message:header("customer"), state = outcome.state })
	assert(receipts:writefile(order.number .. ".json", text))
	process.send("ledger", "booked", { number = order.number, total = order.total, state = outcome.state })
	events.send("orders", "order.billed", "/orders/" .. order.number, outcome)
	return true
end

return { bill = bill }
