local funcs = require("funcs")
local events = require("events")
local time = require("time")
local fs = require("fs")
local json = require("json")
local expect = require("expect")

local function billed(channel)
	local late = time.after("5s")
	local got = _G.channel.select({ channel:case_receive(), late:case_receive() })
	assert(got.channel ~= late, "nothing was billed")
	return got.value
end

local function run()
	local subscription = assert(events.subscribe("orders", "order.(billed|refused)"))
	local channel = subscription:channel()

	local first, err = funcs.call("app.orders:place", { customer = "ada", items = { { name = "tea", count = 2 }, { name = "cake", count = 1 } } })
	assert(first, tostring(err))
	expect.equal(first.number, "ORD-0001")
	expect.equal(first.total, 920)
	expect.equal(first.currency, "EUR")
	expect.equal(billed(channel).data.state, "paid")

	local future = assert(funcs.async("app.orders:place", { customer = "bob", items = { { name = "coffee", count = 10 } } }))
	local payload, ok = future:response():receive()
	assert(ok)
	local second = payload:data()
	expect.equal(second.number, "ORD-0002")
	local event = billed(channel)
	expect.equal(event.data.state, "refused")
	expect.equal(event.path, "/orders/ORD-0002")
	subscription:close()

	local order = assert(funcs.call("app.orders:find", first.number))
	expect.equal(order.state, "paid")
	expect.equal(order.items[2].name, "cake")
	expect.equal(order.note, nil)

	local receipt = json.decode(fs.get("app:receipts"):readfile(second.number .. ".json"))
	expect.equal(receipt.customer, "bob")

	local sum = assert(funcs.call("app.ledger:sum"))
	expect.equal(sum.paid, 920)
	expect.equal(sum.refused, 1)
	return true
end

return { run = run }
