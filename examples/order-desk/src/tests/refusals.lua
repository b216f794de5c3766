local funcs = require("funcs")
local env = require("env")
local queue = require("queue")
local expect = require("expect")
local types = require("types")

local function place(order)
	local result, err = funcs.call("app.orders:place", order)
	expect.equal(result, nil)
	return err
end

local function run()
	local err = place({ customer = "", items = {} })
	expect.kind(err, errors.INVALID)
	assert(string.find(err, "no order: Order.customer"), tostring(err))
	assert(string.find(place({ customer = "x", items = { { name = "tea", count = 0 } } }), "items[1].count", 1, true))

	local err = place({ customer = "x", items = { { name = "gold", count = 1 } } })
	expect.kind(err, errors.NOT_FOUND)
	expect.equal(err:details().item, "gold")

	local item = { name = "tea", count = 1 }
	expect.kind(place({ customer = "x", items = { item, item, item, item } }), errors.INVALID)

	local _, err = funcs.call("app.orders:find", "ORD-9999")
	expect.kind(err, errors.NOT_FOUND)
	expect.equal(err:retryable(), false)

	local _, err = env.set("ORDER_MAX_ITEMS", "100")
	expect.kind(err, errors.PERMISSION_DENIED)
	local _, err = queue.message()
	expect.kind(err, errors.INVALID)
	local _, err = funcs.call("app.orders:old_place")
	expect.kind(err, errors.NOT_FOUND)

	expect.equal(types.Totals:is({ a = 1 }).a, 1)
	expect.equal(types.Item({ name = "tea", count = 3 }).count, 3)
	local ok, err = pcall(types.Item, { name = "tea" })
	expect.equal(ok, false)
	expect.kind(err, errors.INVALID)
end

return { run = run }
